package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.shm.layout.ChronicleQuietly;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.posix.SelfTest;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.io.File;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code shm:NAME}: queues between the processes of one Linux machine. Parameter of its own: {@code slots}, how many subscriptions there may be (128, at most 1024). */
public final class ShmProvider implements MessageQueueProvider {
    static final Set<Capability> CAPABILITIES =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Capability.CROSS_HOST, Capability.PERSISTENT)));
    private static final int DEFAULT_SLOTS = 128;
    private static final String SLOTS = "slots";

    /** For the ServiceLoader; does nothing, loads nothing native. */
    public ShmProvider() {}

    @Override
    public String scheme() {
        return "shm";
    }

    @Override
    public String name() {
        return "belfry-shm-transport";
    }

    @Override
    public String version() {
        return "0.1";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Set<String> parameters() {
        return Set.of(SLOTS, Ownership.OWNER);
    }

    @Override
    public String unavailableReason() {
        String reason = SelfTest.unavailableReason();
        return reason != null ? reason : ChronicleQuietly.unavailableReason();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        QueueSettings settings = QueueSettings.of(config);
        Handle handle = Membership.open(Machine.real(), uri.name(), config, settings, slots(config, DEFAULT_SLOTS));
        try {
            return new ShmQueue(uri.toUri(), handle);
        } catch (Throwable failure) {
            Membership.leave(handle);
            throw failure;
        }
    }

    static int slots(QueueConfig config, int otherwise) {
        Object given = config.attributes().get(SLOTS);
        if (given == null) return otherwise;
        int slots;
        try {
            slots = Integer.parseInt(given.toString());
        } catch (NumberFormatException e) {
            slots = 0;
        }
        if (slots < Creation.MIN_SLOTS || slots > Creation.MAX_SLOTS)
            throw new IllegalArgumentException(SLOTS + " must be a number from " + Creation.MIN_SLOTS + " to "
                    + Creation.MAX_SLOTS + ", was '" + given + "'");
        return slots;
    }

    @Override
    public boolean delete(QueueUri uri) {
        return Membership.delete(Machine.real(), uri.name());
    }

    @Override
    public List<QueueInfo> list() {
        String[] files = new File(SharedMemory.DIRECTORY).list();
        List<QueueInfo> all = new ArrayList<>();
        for (String file : files == null ? new String[0] : files) {
            String queue = Segment.queueOf(file);
            URI uri = queue == null ? null : uri(queue);
            QueueInfo info = uri == null ? null : Membership.look(Machine.real(), queue, uri);
            if (info != null) all.add(info);
        }
        all.sort((a, b) -> a.uri().compareTo(b.uri()));
        return all;
    }

    @Override
    public Optional<QueueInspector> inspector() {
        return Optional.of(new ShmInspector(Machine.real()));
    }

    /** Null: a file whose name no queue can have. */
    private URI uri(String queue) {
        try {
            return new QueueUri(scheme(), queue, Map.of()).toUri();
        } catch (IllegalArgumentException notAName) {
            return null;
        }
    }
}
