package dev.belfry.shm.publish;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogRecord;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/**
 * A message's way down: encode; enter the publish lock, with room; append, which one store commits, that of the
 * record's header word; leave; wake the subscribers that sleep, or await the disk. Inside the lock a closed publisher
 * is refused; outside it one waits for room, see {@link Room}. A thread that is alone on its queue for long is favoured
 * by the lock, see {@link PublishLock}; {@code docs/protocol.md} tells what a death after each step leaves; {@link
 * CriticalSection#rescue} mends what an error leaves. {@link Claims} and batches go the same way in two calls.
 */
public final class ShmPublisher implements Publisher, Publishers.Member {
    private static final byte[] NO_PROPERTIES = {};

    private final OpenClaim openClaim = new OpenClaim(); // its claim or batch
    private final Publishers publishers;
    final Handle handle;
    private final Segment segment;
    private final LogEnd end;
    final CriticalSection section;
    final Admission admission;
    final After after;
    final Claims claims;
    private final Disk disk;
    private final AwaitAcknowledged acknowledgements;
    private final Object flag;
    private final boolean exclusive;
    private final boolean timestamps;
    private final long timeoutNanos;
    private final int maxMessageLength;

    /** {@code flag}: its own, see {@link PublisherFlags}. */
    ShmPublisher(Publishers publishers, PublisherOptions options, Object flag) {
        this.publishers = publishers;
        this.flag = flag;
        this.handle = publishers.queue.handle;
        this.segment = handle.segment;
        this.end = handle.end;
        this.exclusive = options.exclusive();
        this.timestamps = options.timestamps() || publishers.disk.isDated();
        this.timeoutNanos = Deadlines.nanos(options.timeout());
        this.maxMessageLength = segment.creation.maxMessageLength();
        // So that no thread waits for its own claim. The lambda has this publisher: so a claim that alone is referenced
        // keeps its queue open.
        this.section = new CriticalSection(
                handle, publishers.room, options, () -> PublisherWatch.heldByThisThread(segment.queueId));
        this.disk = publishers.disk;
        this.after = disk.wakesReaders ? new AwaitDisk(handle, disk) : new Wake(handle);
        boolean isLog = segment.creation.isDomain();
        this.admission = isLog
                ? new LogAdmission(handle, section, publishers.room, publishers.waits)
                : new Admission(handle, section, publishers.room, publishers.waits);
        this.claims = new Claims(
                handle,
                isLog ? new InPlace.OfLog(new LogRecord(end)) : new InPlace.OfMessage(end, timestamps),
                section,
                isLog ? new After(handle) : after,
                admission,
                openClaim,
                timestamps);
        this.acknowledgements = new AwaitAcknowledged(handle, publishers.queue.subscriptions);
    }

    // Publish

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        return send(body, properties, timeoutNanos, true);
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return send(body, properties, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")), false);
    }

    private long send(ByteBuffer body, MessageProperties properties, long nanos, boolean throwIfFull) {
        int from = Objects.requireNonNull(body, "body").position();
        int length = Math.max(0, body.limit() - from); // one read: another thread may move it
        byte[] encoded = properties == MessageProperties.empty() ? NO_PROPERTIES : encode(properties);
        Checks.fits((long) length + encoded.length, maxMessageLength, segment.creation.maxCapacity());
        long timestamp = timestamps ? System.currentTimeMillis() : 0;
        long need = end.need(length, encoded.length, timestamps);
        long position = CriticalSection.NOTHING;
        Thread current = Thread.currentThread();
        if (!enter(need, nanos, throwIfFull)) return REJECTED;
        try {
            position = end.next();
            end.append(body, from, length, encoded, timestamp);
            section.requireAttached(); // else a closer may have covered the ring: the outcome is unknown
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            section.rescue(failure, position); // returns if it was committed all the same
        }
        body.position(from + length);
        after.wakeOrAwaitDisk(position);
        return position;
    }

    /** As {@link Admission#enter}, but first without it: one call more is a twelfth of a publish. */
    private boolean enter(long need, long nanos, boolean throwIfFull) {
        try {
            return section.enterAtOnce(need, Reserve.NONE)
                    || admission.enterInTime(need, Reserve.NONE, nanos, throwIfFull);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    private static byte[] encode(MessageProperties properties) {
        return Objects.requireNonNull(properties, "properties").encode();
    }

    // Claim and batch

    @Override
    public Claim claim(int length) {
        return claims.claim(length, end.need(length, 0, timestamps), Reserve.NONE, timeoutNanos, true);
    }

    @Override
    public Batch batch(int bytes) {
        return claims.batch(bytes, timeoutNanos, true);
    }

    @Override
    public Batch tryBatch(int bytes, Duration timeout) {
        return claims.batch(bytes, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")), false);
    }

    @Override
    public int sizeInBatch(int length, MessageProperties properties) {
        int encoded = Objects.requireNonNull(properties, "properties").encodedLength();
        return (int) end.need(Checks.length(length, maxMessageLength), encoded, timestamps);
    }

    @Override
    public OpenClaim openClaim() {
        return openClaim;
    }

    @Override
    public void watch() {
        if (section.isShut() && !openClaim.isOpen()) publishers.forgetClosed(this);
        else claims.watch();
    }

    @Override
    public int maxMessageLength() {
        return maxMessageLength;
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        Checks.awaitAcknowledged(position, minSubscribers);
        long nanos = Deadlines.nanos(Objects.requireNonNull(timeout, "timeout"));
        section.requireOpen();
        return acknowledgements.await(position, minSubscribers, new Wait(nanos, section::isClosed));
    }

    @Override
    public long durablePosition() {
        disk.requireFor("durablePosition");
        section.requireOpen();
        long position = disk.durablePosition();
        handle.requireAttached();
        return position;
    }

    @Override
    public boolean awaitDurable(long position, Duration timeout) {
        long nanos = Deadlines.nanos(Objects.requireNonNull(timeout, "timeout"));
        disk.requireFor("awaitDurable");
        section.requireOpen();
        long newest = segment.header.countAcquire();
        handle.requireAttached();
        if (position > newest)
            throw new IllegalArgumentException("Message " + position + " of '" + handle.queueUri()
                    + "' is not published: the newest is " + newest);
        return disk.awaitDurable(position, new Wait(nanos, section::isClosed));
    }

    /** As {@link AwaitEmpty} says, with a claim of this thread given up before. */
    @Override
    public void close() {
        if (!publishers.forget(this)) return;
        section.shut();
        claims.giveUp();
        AwaitEmpty.await(handle, openClaim, () -> publishers.isHeldElsewhere(this));
        publishers.flags.lower(flag);
        if (!openClaim.isOpen())
            publishers.forgetClosed(this); // until then it is watched, so that the claim ends with its thread
        if (!handle.hasLeft()) publishers.lastPublish.note();
        if (!handle.hasLeft()) handle.abandonIfUnfinished(); // the watch does not come by any more
    }

    @Override
    public String toString() {
        return (exclusive ? "Exclusive publisher" : "Publisher") + " of '" + handle.queueUri() + "'"
                + (section.isShut() ? ", closed" : "");
    }
}
