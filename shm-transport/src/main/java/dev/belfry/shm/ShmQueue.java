package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.journal.FileKeeper;
import dev.belfry.shm.journal.ReadOnly;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.Reachability;
import dev.belfry.shm.publish.PublisherCreation;
import dev.belfry.shm.publish.PublisherWatch;
import dev.belfry.shm.publish.Publishers;
import dev.belfry.shm.receive.ShmSubscriber;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Failures;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.OwnReaders;
import dev.belfry.shm.segment.Seat;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.spi.EarlierIds;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.StoppedSubscribers;
import dev.belfry.spi.SubscriberSupport;
import java.lang.ref.Cleaner;
import java.net.URI;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One handle on a queue, with its publishers and subscribers. */
final class ShmQueue implements MessageQueue, EarlierIds {
    static final Set<Capability> CAPABILITIES = Collections.unmodifiableSet(
            EnumSet.complementOf(EnumSet.of(Capability.CROSS_HOST, Capability.PERSISTENT, Capability.AWAIT_DURABLE)));
    private static final Set<Capability> PERSISTENT =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Capability.CROSS_HOST, Capability.LIST)));
    private static final Logger LOG = LoggerFactory.getLogger(ShmQueue.class);
    private static final Reachability QUEUES = new Reachability();

    private final URI uri;
    final Handle handle;
    final Attached attached;
    final FileKeeper keeper; // null: the queue is in memory only
    private final List<Earlier> earlier; // ids
    private final Supplier<? extends MessageQueueException> refusal; // of a publisher; null: there may be some
    final Publishers publishers;
    private final Cleaner.Cleanable leak;
    private final List<ShmSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final StoppedSubscribers stopped = new StoppedSubscribers();
    private volatile boolean closing; // or done with it

    /** In memory only. */
    ShmQueue(URI uri, Handle handle) {
        this(uri, handle, List.of(), Disk.NONE, null, null, null);
    }

    /** Its log lies in files, too, with this keeper. */
    ShmQueue(URI uri, Handle handle, List<Earlier> earlier, FileKeeper keeper) {
        this(uri, handle, earlier, keeper.leader, keeper, null, null);
    }

    /** A queue whose files could be read only. */
    ShmQueue(URI uri, Handle handle, List<Earlier> earlier, ReadOnly reasons) {
        this(uri, handle, earlier, Disk.NONE, null, reasons.refusal(), reasons.end());
    }

    private ShmQueue(
            URI uri,
            Handle handle,
            List<Earlier> earlier,
            Disk disk,
            FileKeeper keeper,
            Supplier<? extends MessageQueueException> refusal,
            Supplier<? extends MessageQueueException> end) {
        this.uri = uri;
        this.earlier = earlier;
        this.refusal = refusal;
        this.handle = handle;
        this.attached = new Attached(uri, handle.segment.name, handle, end);
        this.keeper = keeper;
        this.publishers = new Publishers(attached, disk);
        this.leak = QUEUES.whenUnreachable(attached, new Leak(handle, keeper, Leak.openedHere()));
        UUID queueId = handle.segment.queueId;
        handle.segment.notes.unless(() -> PublisherWatch.hasOneOfThisThread(queueId));
    }

    /** Runs when the queue, its publishers and subscribers are unreachable and were never closed. */
    private record Leak(Handle handle, FileKeeper keeper, Throwable opened) implements Runnable {
        static Throwable openedHere() {
            return Boolean.getBoolean("belfry.leaks") ? new Throwable("opened here") : null;
        }

        @Override
        public void run() {
            if (handle.hasLeft()) return;
            String where = opened == null ? "; -Dbelfry.leaks=true says where it was opened" : "";
            LOG.warn("{}: a queue was opened and never closed; closed now{}", handle.segment.name, where, opened);
            leave(handle, keeper, System.nanoTime());
        }
    }

    private static void leave(Handle handle, FileKeeper keeper, long began) {
        if (keeper == null) Leaving.leave(handle);
        else keeper.leave(began, () -> Leaving.leave(handle));
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public Set<Capability> capabilities() {
        return keeper == null && refusal == null ? CAPABILITIES : PERSISTENT;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        Objects.requireNonNull(options, "options");
        if (refusal != null) throw refusal.get();
        return new PublisherCreation(publishers, options).create();
    }

    // Subscribers

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        attached.requireOpen();
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER && !handle.segment.creation.allowGating())
            throw Errors.gatingRefused(uri.toString());
        Seat seat = new Seat();
        ShmSubscriber subscriber = null;
        boolean created = false;
        try {
            if (publishers.disk.wakesReaders) options.startAt().position().ifPresent(this::awaitDurableBefore);
            Joined joined = attached.translating(() -> attached.joining.join(options, seat));
            subscriber = attached.translating(
                    () -> new ShmSubscriber(attached, options, joined, publishers.disk.wakesReaders, this::forget));
            OwnReaders.add(subscriber);
            subscribers.add(subscriber); // last: what is in it leaves by its close
            if (keeper != null && options.name() != null) keep(seat, subscriber);
            created = !attached.isClosed(); // here: the call itself might fail, and nobody would have the subscriber
        } finally {
            if (!created && subscriber == null) attached.subscriptions.vacate(seat);
            else if (!created) subscriber.close();
        }
        return subscriber;
    }

    /** A subscription that cannot be kept has not begun. */
    private void keep(Seat seat, ShmSubscriber subscriber) {
        boolean kept = false;
        try {
            keeper.keep();
            kept = true;
        } finally {
            if (!kept) {
                subscriber.close();
                attached.subscriptions.takeBack(seat);
            }
        }
    }

    /** Its subscriber walks to that message, and cannot pass what is not to be seen yet. */
    private void awaitDurableBefore(long position) {
        long newest = attached.translating(handle.segment.header::countAcquire);
        keeper.awaitDurable(Math.min(position - 1, newest), attached::isClosed);
    }

    private void forget(ShmSubscriber subscriber) {
        subscribers.remove(subscriber);
        stopped.released(subscriber);
        OwnReaders.remove(subscriber);
    }

    @Override
    public boolean unsubscribe(String name) {
        Objects.requireNonNull(name, "name"); // not judged: another implementation may have given it
        if (refusal != null) throw refusal.get(); // its files would have it still
        if (keeper == null) return unsubscribeNow(name);
        if (!attached.translating(() -> attached.subscriptions.hasUnused(name))) return false;
        return keeper.keepWithout(name, () -> unsubscribeNow(name));
    }

    private boolean unsubscribeNow(String name) {
        return attached.translating(() -> attached.subscriptions.unsubscribe(name));
    }

    // Stats

    @Override
    public QueueStats stats() {
        return attached.translating(() -> {
            Map<String, Long> own = publishers.disk.isFull() ? Map.of(QueueCounter.DISK_FULL.key(), 1L) : Map.of();
            QueueStats stats = new Snapshot(handle.segment, handle.liveness).stats(own);
            handle.requireAttached(); // all of it
            return stopped.in(stats);
        });
    }

    @Override
    public List<Earlier> earlierIds() {
        return earlier;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (Objects.requireNonNull(type, "type").isInstance(this)) return type.cast(this);
        throw Errors.cannotUnwrap(uri.toString(), type);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing) return;
            attached.closes(); // before the next: an Error in it must not end the only close
            closing = true;
        }
        long began = System.nanoTime();
        boolean done = false;
        try {
            closeQuietly(() -> SubscriberSupport.closeAll(subscribers));
            for (AutoCloseable publisher : publishers.open()) closeQuietly(publisher);
            leave(handle, keeper, began);
            done = true;
        } catch (PosixException failure) {
            throw Failures.of(failure, attached.name, null);
        } finally {
            if (!done) closing = false; // of stack or memory, say: what is left over the next close does
            leak.clean();
        }
    }

    private void closeQuietly(AutoCloseable child) {
        try {
            child.close();
            SharedBytes.askTheVm(); // a fault of this child that comes late must not end the close
        } catch (Exception | InternalError failure) {
            LOG.debug("{}: while closing", attached.name, failure);
        }
    }

    /** With the figures of this process: shared memory is not read, as it may be gone. */
    @Override
    public String toString() {
        return "Queue '" + uri + "' with " + publishers.count() + " publisher(s) and " + subscribers.size()
                + " subscriber(s)" + (attached.isClosed() ? ", closed" : "");
    }
}
