package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.shm.inspect.ShmInspector;
import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.SelfTest;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.segment.Ownership;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.ProviderVersion;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code shm:NAME}: queues between the processes of one Linux machine. Parameters of its own: {@code
 * slots}, how many subscriptions there may be (128, at most 1024); {@code owner}, whose queues this
 * process joins.
 */
public final class ShmProvider implements MessageQueueProvider {
    private static final int DEFAULT_SLOTS = 128;

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
        return ProviderVersion.of(ShmProvider.class);
    }

    @Override
    public Set<Capability> capabilities() {
        return ShmQueue.CAPABILITIES;
    }

    @Override
    public Set<String> parameters() {
        return Set.of(Opening.SLOTS, Ownership.OWNER, Log.KIND);
    }

    @Override
    public String unavailableReason() {
        String reason = SelfTest.unavailableReason();
        return reason != null ? reason : RealMemory.unavailableReason();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        boolean domain = QueueSettings.isDomain(uri, config);
        QueueSettings settings = QueueSettings.of(config);
        Handle handle =
                Opening.open(Machine.real(), uri.name(), config, settings, Opening.slots(config, DEFAULT_SLOTS));
        try {
            if (!domain) return new ShmQueue(uri.toUri(), handle);
            ShmQueue queue = new ShmQueue(uri.toUri(), handle);
            return new ShmDomain(uri, queue, queue.createPublisher());
        } catch (Throwable failure) {
            Leaving.leave(handle);
            throw failure;
        }
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return Leaving.delete(Machine.real(), uri.name());
    }

    @Override
    public List<QueueInfo> list(QueueConfig config) {
        return new ShmInspector(Machine.real()).list();
    }

    @Override
    public Optional<QueueInspector> inspector() {
        return Optional.of(new ShmInspector(Machine.real()));
    }

    /** The processes that have it open, as far as they can be named. */
    static Stream<Long> pids(String queue) {
        return new ShmInspector(Machine.real()).look(queue).members().stream().map(QueueReport.Member::pid);
    }
}
