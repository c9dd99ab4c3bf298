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
public class SmallFilesProvider implements MessageQueueProvider {
    static final String SCHEME = "small";
    static final Path ROOT = Path.of("target", "queues").toAbsolutePath();

    static final long SEGMENT = 1 << 20;

    private final FileProvider files = new FileProvider();
    private final String scheme;
    private final long segment;

    public SmallFilesProvider() {
        this(SCHEME, SEGMENT);
    }

    SmallFilesProvider(String scheme, long segment) {
        this.scheme = scheme;
        this.segment = segment;
    }

    @Override
    public String scheme() {
        return scheme;
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
        return door(uri).open(config, settings(uri, config));
    }

    Settings settings(QueueUri uri, QueueConfig config) {
        return Settings.of(uri, config, segment);
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return door(uri).delete();
    }

    private static Door door(QueueUri uri) {
        return new Door(RealLibC.load(), uri.toUri(), ROOT.resolve(uri.name()).toString());
    }
}
