package dev.belfry.shm;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.Reachability;
import dev.belfry.shm.segment.AdminLock;
import dev.belfry.shm.segment.Failures;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Joining;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Seat;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Errors;
import dev.belfry.spi.StoppedSubscribers;
import dev.belfry.spi.SubscriberSupport;
import java.lang.ref.Cleaner;
import java.net.URI;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One handle on a queue, with its publishers and subscribers. */
final class ShmQueue implements MessageQueue {
    static final Set<Capability> CAPABILITIES = Collections.unmodifiableSet(
            EnumSet.complementOf(EnumSet.of(Capability.CROSS_HOST, Capability.PERSISTENT, Capability.AWAIT_DURABLE)));
    private static final Set<Capability> PERSISTENT =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Capability.CROSS_HOST, Capability.LIST)));
    private static final Logger LOG = LoggerFactory.getLogger(ShmQueue.class);
    private static final Reachability QUEUES = new Reachability();

    private final URI uri;
    private final String name;
    private final Handle handle;
    private final Subscriptions subscriptions;
    private final Joining joining;
    private final Room room;
    private final Waits waits;
    private final PublisherFlags flags;
    private final LastPublish lastPublish;
    private final FileKeeper keeper; // null: the queue is in memory only
    private final LivePart.ReadOnly readOnly; // null: it is not
    private final Cleaner.Cleanable leak;
    private final List<ShmPublisher> publishers = new CopyOnWriteArrayList<>();
    private final List<ShmPublisher> closedPublishers = new CopyOnWriteArrayList<>(); // those with an open claim
    private boolean asksForName; // of the watch alone
    private final List<ShmSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final StoppedSubscribers stopped = new StoppedSubscribers();
    private volatile boolean closed;
    private volatile boolean closing; // or done with it

    /** Its ring grows only when it must. */
    ShmQueue(URI uri, Handle handle) {
        this(uri, handle, (Traffic) null);
    }

    /** Its ring grows for the traffic as well; null: only when it must. */
    ShmQueue(URI uri, Handle handle, Traffic traffic) {
        this(uri, handle, traffic, null);
    }

    /** Its log lies in files, too, with this keeper. */
    ShmQueue(URI uri, Handle handle, Traffic traffic, FileKeeper keeper) {
        this(uri, handle, traffic, keeper, null);
    }

    /** What could be read of files. */
    ShmQueue(URI uri, Handle handle, LivePart.ReadOnly readOnly) {
        this(uri, handle, null, null, readOnly);
    }

    private ShmQueue(URI uri, Handle handle, Traffic traffic, FileKeeper keeper, LivePart.ReadOnly readOnly) {
        this.uri = uri;
        this.readOnly = readOnly;
        this.name = keeper == null && readOnly == null ? handle.segment.queue : handle.queueUri();
        this.handle = handle;
        this.subscriptions = new Subscriptions(handle);
        this.joining = new Joining(handle, subscriptions);
        this.keeper = keeper;
        this.room = new Room(handle, subscriptions, traffic, keeper == null ? null : keeper.leader);
        this.leak = QUEUES.whenUnreachable(this, new Leak(handle, keeper, Leak.openedHere()));
        this.waits = new Waits(handle, room);
        this.flags = new PublisherFlags(handle, uri.toString());
        this.lastPublish = new LastPublish(handle);
        UUID queueId = handle.segment.queueId;
        handle.segment.notes.unless(() -> PublisherWatch.heldByThisThread(queueId) != null);
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
            LOG.warn("{}: a queue was opened and never closed; closed now{}", handle.segment.queue, where, opened);
            leave(handle, keeper);
        }
    }

    private static void leave(Handle handle, FileKeeper keeper) {
        if (keeper == null) Leaving.leave(handle);
        else keeper.leave(() -> Leaving.leave(handle));
    }

    Handle handle() {
        return handle;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    Joining joining() {
        return joining;
    }

    /** Of all its publishers. */
    Room room() {
        return room;
    }

    Waits waits() {
        return waits;
    }

    /** Of all its publishers. */
    PublisherFlags flags() {
        return flags;
    }

    LastPublish lastPublish() {
        return lastPublish;
    }

    String name() {
        return name;
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public Set<Capability> capabilities() {
        return keeper == null && readOnly == null ? CAPABILITIES : PERSISTENT;
    }

    private void requireOpen() {
        handle.check();
        if (closed) throw Errors.closed("Queue '" + uri + "'");
    }

    <T> T translating(Supplier<T> step) {
        requireOpen();
        try {
            return step.get();
        } catch (RuntimeException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.abandonIfALockIsLost();
            handle.tell();
        }
    }

    // Publishers

    /** How far the creation of a publisher came. */
    private static final class Begun {
        boolean isExclusive; // its flag is up: no other publisher of this handle has the lock
        boolean hasTheLock;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        Objects.requireNonNull(options, "options");
        if (readOnly != null) throw readOnly.refusal().get();
        Object flag = new Object();
        ShmPublisher publisher = null;
        Begun begun = new Begun();
        boolean added = false;
        boolean created = false;
        try {
            translating(() -> {
                lastPublish.begins();
                flags.raise(flag, options.exclusive());
                begun.isExclusive = options.exclusive();
                if (options.exclusive()) lockForLife();
                begun.hasTheLock = options.exclusive();
                return null;
            });
            publisher = translating(() -> new ShmPublisher(this, options, flag));
            publishers.add(publisher);
            added = true;
            PublisherWatch.watch(this);
            created = true;
        } catch (Error failure) { // between the lock and its mark, say
            if (begun.isExclusive && !begun.hasTheLock && handle.publishLock.isHeldByThisHandle())
                handle.publishLock.lost = true;
            handle.abandonIfALockIsLost();
            throw failure;
        } finally {
            // The thread that takes it out of the set frees its lock: this one, or a close meanwhile.
            boolean ours = !created && (!added || publishers.remove(publisher));
            if (ours && begun.hasTheLock) handle.publishLock.release();
            if (ours) flags.lower(flag);
        }
        if (closed) publisher.close();
        return publisher;
    }

    private void lockForLife() {
        FutexLock.Outcome outcome = handle.acquirePublishLock(new Wait(AdminLock.WAIT_NANOS, () -> closed));
        if (outcome.isAcquired()) {
            handle.end.refresh();
            return;
        }
        if (outcome == FutexLock.Outcome.CLOSED) throw Errors.closed("Queue '" + uri + "'");
        if (outcome == FutexLock.Outcome.INTERRUPTED) throw Errors.interrupted("the publishers of '" + uri + "'");
        throw Errors.publisherInUse(
                uri.toString(), true, handle.describe(handle.publishLock.ownerHandle(handle.segment.handles)));
    }

    /** False: it was closed already. */
    boolean forget(ShmPublisher publisher) {
        closedPublishers.add(publisher); // before it leaves the other list: a claim that is open must not be garbage
        boolean open = publishers.remove(publisher);
        if (!open) closedPublishers.remove(publisher);
        return open;
    }

    /** No claim of it is open. */
    void forgetClosed(ShmPublisher publisher) {
        closedPublishers.remove(publisher);
    }

    boolean isHeldElsewhere(ShmPublisher but) {
        return publishers.stream().anyMatch(p -> p != but && p.hold.isOpen());
    }

    /** For {@link PublisherWatch}: nothing is left to watch. */
    boolean hasNoPublishers() {
        boolean isWhole = handle.isWhole(); // else it is given up first
        return handle.hasLeft()
                || isWhole
                        && publishers.isEmpty()
                        && closedPublishers.isEmpty()
                        && (keeper == null || handle.isPoisoned());
    }

    /** For {@link PublisherWatch}, which goes. */
    void isWatchedNoMore() {
        if (!handle.hasLeft()) waits.forget();
    }

    /** For {@link PublisherWatch}, when a leader comes near the end of the files. */
    void makeFiles() {
        if (keeper != null && !handle.hasLeft()) keeper.makeReadyAhead();
    }

    /** For {@link PublisherWatch}, twice a second. */
    void watch() {
        if (handle.hasLeft()) return;
        handle.abandonIfStillUnfinished();
        waits.say();
        waits.forgetWhatIsOver();
        handle.tell();
        if (keeper != null) keeper.watch();
        for (ShmPublisher each : publishers) each.watch();
        for (ShmPublisher each : closedPublishers) each.watch();
        asksForName = !asksForName; // a system call: at each second turn, within a second
        if (asksForName) handle.lookForName();
        lastPublish.note();
        subscriptions.noteThoseAlone();
    }

    /**
     * The claim or batch that this thread has open on the queue of this number, through this
     * handle; or null. One that has left, or is poisoned, holds no lock any more.
     */
    Hold heldByThisThread(UUID queueId) {
        if (!handle.segment.queueId.equals(queueId) || handle.hasLeft() || handle.segment.isCovered()) return null;
        Hold held = heldByThisThread(publishers);
        return held != null ? held : heldByThisThread(closedPublishers);
    }

    private static Hold heldByThisThread(List<ShmPublisher> publishers) {
        for (ShmPublisher each : publishers) if (each.hold.isMine()) return each.hold;
        return null;
    }

    // Subscribers

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        requireOpen();
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER && !handle.segment.creation.allowGating())
            throw Errors.gatingRefused(uri.toString());
        Seat seat = new Seat();
        ShmSubscriber subscriber = null;
        boolean created = false;
        try {
            Joined joined = translating(() -> joining.join(options, seat));
            subscriber = translating(() -> new ShmSubscriber(this, options, joined));
            OwnReaders.add(subscriber);
            subscribers.add(subscriber); // last: what is in it leaves by its close
            if (keeper != null && options.name() != null) keeper.keep();
            created = true;
        } finally {
            if (!created && subscriber == null) subscriptions.vacate(seat);
            else if (!created) subscriber.close();
        }
        if (closed) subscriber.close();
        return subscriber;
    }

    /** By a reader that has found nothing more. */
    void refuseMore() {
        if (readOnly != null && readOnly.end() != null && !closed)
            throw readOnly.end().get();
    }

    void forget(ShmSubscriber subscriber) {
        subscribers.remove(subscriber);
        stopped.released(subscriber);
        OwnReaders.remove(subscriber);
    }

    @Override
    public boolean unsubscribe(String name) {
        Checks.subscriptionName(Objects.requireNonNull(name, "name"));
        boolean was = translating(() -> subscriptions.unsubscribe(name));
        if (was && keeper != null) keeper.keep();
        return was;
    }

    // Stats

    @Override
    public QueueStats stats() {
        return translating(() -> {
            QueueStats stats = new Snapshot(handle.segment, handle.liveness).stats();
            handle.requireReal(); // all of it
            return stopped.in(stats);
        });
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
            closing = true;
            closed = true;
        }
        boolean done = false;
        try {
            closeQuietly(() -> SubscriberSupport.closeAll(subscribers));
            for (AutoCloseable publisher : publishers) closeQuietly(publisher);
            leave(handle, keeper);
            done = true;
        } catch (PosixException failure) {
            throw Failures.of(failure, name, null);
        } finally {
            if (!done) closing = false; // of stack or memory, say: what is left over the next close does
            leak.clean();
        }
    }

    private void closeQuietly(AutoCloseable child) {
        try {
            child.close();
        } catch (Exception | InternalError failure) {
            LOG.debug("{}: while closing", name, failure);
        }
    }

    /** Of this process: shared memory is not read, as it may be gone. */
    @Override
    public String toString() {
        return "Queue '" + uri + "' with " + publishers.size() + " publisher(s) and " + subscribers.size()
                + " subscriber(s)" + (closed ? ", closed" : "");
    }
}
