package dev.belfry.conformance.toy;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Errors;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A slow transport between processes in a few hundred lines: one mapped file a queue, one file lock
 * around every step, and a thread that waits checks again each millisecond. It lets the kit's process
 * suites be tested by themselves, and shows the kit a transport that cannot do everything.
 */
public final class ToyProvider implements MessageQueueProvider {
    static final Set<Capability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.of(
            Capability.POSITIONS,
            Capability.HISTORY,
            Capability.NAMED,
            Capability.CLIENT_ACK,
            Capability.AWAIT_ACK,
            Capability.GATING,
            Capability.TIME_LIMITS,
            Capability.PROPERTIES,
            Capability.DELETE,
            Capability.CROSS_PROCESS,
            Capability.MEMBERS));

    public ToyProvider() {}

    @Override
    public String scheme() {
        return "toy";
    }

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String version() {
        return "0";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Set<String> parameters() {
        return Set.of("defect");
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        Object defect = config.attributes().get("defect");
        if (defect != null) ToyFile.defect = ToyDefect.valueOf(defect.toString());
        return ToyFile.locked(() -> {
            boolean there = Files.exists(file(uri));
            switch (QueueSettings.create(config)) {
                case CREATE_NEW -> {
                    if (there) throw Errors.exists(uri.name(), "the toy box");
                }
                case OPEN_EXISTING -> {
                    if (!there) throw Errors.notFound(uri.name(), "the toy box", "Make one.");
                }
                case CREATE_OR_OPEN -> {}
            }
            ToyFile file = there ? ToyFile.open(uri, file(uri)) : ToyFile.create(uri, file(uri), config);
            if (there) file.settings().requireCompatible(uri.toString(), config);
            return new ToyQueue(file);
        });
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return ToyFile.locked(() -> remove(file(uri)));
    }

    static boolean remove(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(QueueUri uri) {
        return Path.of(System.getProperty("java.io.tmpdir"), "belfry-toy-" + uri.name());
    }
}
