package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.segment.Opening;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.util.EnumSet;
import java.util.Set;

/** Queues of {@code shm:} that {@link SameAsMemWithTrailersTest} opens: of the configuration it gives sizes alone. */
public final class WithTrailers implements MessageQueueProvider {
    static final String SCHEME = "trailers";

    private final ShmProvider shm = new ShmProvider();

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public String name() {
        return "trailers of a test";
    }

    @Override
    public String version() {
        return shm.version();
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.copyOf(shm.capabilities());
        all.remove(Capability.LIST);
        return all;
    }

    @Override
    public Set<String> parameters() {
        return shm.parameters();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        return shm.open(
                uri,
                QueueConfig.builder()
                        .attribute(Opening.TRAILERS, true)
                        .capacity(config.capacity())
                        .maxCapacity(config.maxCapacity())
                        .deleteOnLastClose(true)
                        .build());
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return shm.delete(uri, config);
    }
}
