package dev.belfry.file;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.nio.file.Path;
import java.util.Set;

/** {@code small:NAME}: a {@code file:} queue of small segments, in this build. Child processes find it, too. */
public final class SmallFilesProvider implements MessageQueueProvider {
    static final String SCHEME = "small";
    static final Path ROOT = Path.of("target", "queues").toAbsolutePath();

    private static final long SEGMENT = 1 << 20;

    private final FileProvider files = new FileProvider();

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public String name() {
        return "small files of a test";
    }

    @Override
    public String version() {
        return files.version();
    }

    @Override
    public Set<Capability> capabilities() {
        return files.capabilities();
    }

    @Override
    public Set<String> parameters() {
        return files.parameters();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        ROOT.toFile().mkdirs();
        return door(uri).open(config, Settings.of(uri, config, SEGMENT));
    }

    @Override
    public boolean delete(QueueUri uri) {
        return door(uri).delete();
    }

    private static Door door(QueueUri uri) {
        return new Door(RealLibC.load(), uri.toUri(), ROOT.resolve(uri.name()).toString());
    }
}
