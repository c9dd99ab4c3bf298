package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.util.EnumSet;
import java.util.Set;

/** {@code trailers:NAME}: the queues of {@code shm:}, whose records have trailers; found by child processes, too. */
public final class TrailersProvider implements MessageQueueProvider {
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
        all.remove(Capability.LIST); // those of shm: are not told apart from these
        return all;
    }

    @Override
    public Set<String> parameters() {
        return shm.parameters();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        return shm.open(uri, Trailers.in(config));
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return shm.delete(uri, config);
    }
}
