package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.log.DomainCalls;
import dev.belfry.shm.log.ShmLogReader;
import dev.belfry.shm.log.ShmMark;
import dev.belfry.shm.publish.LogAppender;
import dev.belfry.shm.publish.ShmPublisher;
import dev.belfry.shm.segment.Features;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Marks;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.QueueSupport;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** One open handle on a queue that is a domain: its log, on a queue with one publisher of its own. */
final class ShmDomain extends QueueSupport implements Log, DomainCalls {
    final ShmQueue queue;
    private final Handle handle;
    private final LogAppender appender;
    private final Marks marks;
    private final Features features;
    private final Set<ShmLogReader> readers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** {@code publisher}: of this queue, used by nothing else. */
    ShmDomain(QueueUri uri, ShmQueue queue, Publisher publisher) {
        super(uri, queue.capabilities());
        this.queue = queue;
        this.handle = queue.handle;
        this.appender = new LogAppender((ShmPublisher) publisher);
        this.features = new Features(handle);
        this.marks = new Marks(handle, queue.attached.subscriptions, queue.attached.joining);
    }

    private void checkOpen() {
        handle.check();
        if (closed) throw Errors.closed("Domain '" + handle.queueUri() + "'");
    }

    @Override
    public <T> T translating(Supplier<T> step) {
        checkOpen();
        try { // not by the queue's: a step around the step is an object for each message
            T result = step.get();
            handle.requireAttached();
            return result;
        } catch (RuntimeException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.abandonIfALockIsLost();
            handle.tell();
        }
    }

    // Appending

    @Override
    public long append(ByteBuffer record, Reserve reserve, int bells, Duration timeout) {
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(reserve, "reserve");
        long nanos = Deadlines.nanos(timeout);
        checkOpen();
        return appender.append(record, reserve, bells, nanos);
    }

    @Override
    public Claim claim(int length, Reserve reserve, Duration timeout) {
        Objects.requireNonNull(reserve, "reserve");
        long nanos = Deadlines.nanos(timeout);
        checkOpen();
        return appender.claim(length, reserve, nanos);
    }

    @Override
    public String diskIsFull() {
        return appender.diskIsFull();
    }

    @Override
    public void awaitDurable(long position) {
        Disk disk = queue.publishers.disk;
        if (!disk.syncsAlways) return;
        checkOpen();
        disk.awaitDurable(position, () -> closed);
    }

    @Override
    public boolean flush(long position, Duration timeout) {
        checkOpen();
        return handle.segment.journal == null || appender.flush(position, timeout);
    }

    /** The files outlive this memory: so they come first. The disk may hang, so no lock is held then. */
    @Override
    public boolean raise(long feature) {
        Features.check(feature);
        return translating(() -> {
            if (features.isRaised(feature)) return true;
            if (!features.unawareOf(feature).isEmpty()) return false;
            if (queue.keeper != null) queue.keeper.raise(feature);
            return features.raise(feature);
        });
    }

    @Override
    public String unawareOf(long feature) {
        return translating(() -> features.unawareOf(feature));
    }

    // Reading

    @Override
    public LogReader reader() {
        return translating(() -> {
            ShmLogReader reader = new ShmLogReader(this, queue.attached, readers::remove);
            readers.add(reader);
            if (closed) reader.close();
            return reader;
        });
    }

    @Override
    public Mark mark(String name) {
        Checks.subscriptionName(Objects.requireNonNull(name, "name")); // it has the slot of one
        return translating(() -> new ShmMark(this, marks, marks.of(name)));
    }

    @Override
    public UUID id() {
        return handle.segment.queueId;
    }

    @Override
    public long newest() {
        return translating(handle.segment.header::countAcquire);
    }

    @Override
    public long usedBytes() {
        return translating(handle.gate::used);
    }

    @Override
    public long ringBytes() {
        return translating(() -> handle.segment.table.capacity(handle.segment.header.current()));
    }

    @Override
    public long maxRingBytes() {
        return handle.segment.creation.maxCapacity();
    }

    /** The slots name their owners in the same way. */
    @Override
    public long self() {
        return handle.incarnation << Short.SIZE | handle.index;
    }

    @Override
    public boolean isAlive(long other) {
        return translating(() -> !handle.isDeadOwner(other));
    }

    @Override
    public String describe(long other) {
        if (!isAlive(other)) return "a process that has ended";
        return translating(() -> handle.describe(Slots.ownerHandle(other)));
    }

    @Override
    public String appending() {
        return owner(handle.publishLock);
    }

    @Override
    public String makingRoom() {
        return owner(handle.gateLock);
    }

    private String owner(FutexLock lock) {
        int owner = lock.ownerHandle(handle.segment.handles);
        return owner < 0 ? "" : translating(() -> handle.describe(owner));
    }

    @Override
    public long pid(long other) {
        return isAlive(other) ? translating(() -> (long) handle.segment.handles.pid(Slots.ownerHandle(other))) : 0;
    }

    @Override
    public boolean isStopped(long other) {
        long pid = pid(other);
        return pid != 0 && Processes.isStopped((int) pid, handle.segment);
    }

    // As a queue

    @Override
    protected Publisher publisher(PublisherOptions options) {
        throw Errors.wrongKind(handle.queueUri(), true);
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        throw Errors.wrongKind(handle.queueUri(), true);
    }

    @Override
    protected boolean end(String name) {
        throw Errors.wrongKind(handle.queueUri(), true);
    }

    @Override
    protected QueueStats snapshot() {
        return queue.stats();
    }

    @Override
    protected void release() {
        closed = true;
        try {
            readers.forEach(ShmLogReader::close);
        } finally {
            queue.close();
        }
    }
}
