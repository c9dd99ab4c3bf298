package dev.belfry.shm.log;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.receive.Idle;
import dev.belfry.shm.ring.LogCursor;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Errors;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Reads a domain's log in place. It has a slot only while it holds the log, and from its first wait on: there the wait
 * of a subscriber is used, by an observer that is woken by each record that rings. It reads in the log which bells
 * these are, with a cursor of its own.
 */
public final class ShmLogReader implements LogReader {
    private static final AtomicLongFieldUpdater<ShmLogReader> SHOWN =
            AtomicLongFieldUpdater.newUpdater(ShmLogReader.class, "shown");

    private final DomainCalls domain;
    private final Attached queue;
    private final Handle handle;
    private final Segment segment;
    private final Consumer<ShmLogReader> ended;
    private final LogCursor cursor;
    private volatile long shown; // offset after what next has shown: for the thread that waits
    private Joined hold; // guarded by this; null: it holds nothing back

    // The fields of the thread that waits, with this lock.
    private final ReentrantLock waiting = new ReentrantLock();
    private final LogCursor listener;
    private Joined seat;
    private volatile Idle idle; // with the seat
    private volatile boolean woken;

    private volatile boolean closed;

    public ShmLogReader(DomainCalls domain, Attached queue, Consumer<ShmLogReader> ended) {
        this.domain = domain;
        this.queue = queue;
        this.handle = queue.handle;
        this.segment = handle.segment;
        this.ended = ended;
        int longestFrame = segment.creation.longestFrame();
        this.cursor = new LogCursor(segment.readable, longestFrame, segment.header);
        this.listener = new LogCursor(segment.readable, longestFrame, segment.header);
        moveTo(segment.floor.oldest());
    }

    private void moveTo(LogPlace place) {
        cursor.moveTo(place);
        SHOWN.lazySet(this, place.offset());
    }

    private void checkOpen() {
        handle.check();
        if (closed) throw Errors.closed("Reader of '" + handle.queueUri() + "'");
    }

    // Reading

    @Override
    public Step next() {
        checkOpen();
        try {
            Reader.Found found = cursor.next();
            if (found == Reader.Found.RECORD) cursor.take();
            handle.requireAttached(); // covered memory has no gate
            if (found == Reader.Found.PASSED) return Step.PASSED;
            if (found == Reader.Found.NOTHING) return Step.NOTHING;
            SHOWN.lazySet(this, cursor.cursor());
            return Step.RECORD;
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    public long position() {
        return cursor.position();
    }

    @Override
    public long place() {
        return cursor.place();
    }

    @Override
    public int length() {
        return cursor.length();
    }

    @Override
    public byte getByte(int at) {
        long index = cursor.index(at, Byte.BYTES);
        try {
            return cursor.bytes().getByte(index);
        } catch (InternalError gone) {
            throw handle.translate(gone);
        }
    }

    @Override
    public int getInt(int at) {
        long index = cursor.index(at, Integer.BYTES);
        try {
            return cursor.bytes().getInt(index);
        } catch (InternalError gone) {
            throw handle.translate(gone);
        }
    }

    @Override
    public long getLong(int at) {
        long index = cursor.index(at, Long.BYTES);
        try {
            return cursor.bytes().getLong(index);
        } catch (InternalError gone) {
            throw handle.translate(gone);
        }
    }

    @Override
    public void get(int at, byte[] to, int from, int length) {
        long index = cursor.index(at, length);
        try {
            cursor.bytes().copyOut(index, to, from, length);
        } catch (InternalError gone) {
            throw handle.translate(gone);
        }
    }

    @Override
    public boolean intact() {
        try {
            return cursor.isIntact() && !segment.isCovered();
        } catch (CorruptSegmentException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    public boolean read(long place, long position, int at, byte[] to, int from, int length) {
        checkOpen();
        return domain.translating(() -> cursor.read(place, position, at, to, from, length));
    }

    @Override
    public void moveTo(Mark.At to) {
        checkOpen();
        LogPlace place = new LogPlace(to.place(), to.position());
        domain.translating(() -> {
            if (!cursor.mayBe(place))
                throw new IllegalArgumentException("No record of '" + handle.queueUri() + "' is at " + to
                        + ": move to a place that a mark or a reader has given");
            moveTo(place);
            return null;
        });
    }

    // Holding

    @Override
    public synchronized void hold(boolean gating) {
        checkOpen();
        if (gating == (hold != null)) return;
        if (gating) hold = domain.translating(() -> queue.joining.join(holding()));
        else letGo();
    }

    private static SubscriberOptions holding() {
        return SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .slowSubscriber(SlowSubscriber.GATE_PUBLISHER)
                .build();
    }

    private void letGo() {
        Joined held = hold;
        hold = null;
        if (held != null) leave(held);
    }

    private void leave(Joined left) {
        try {
            if (!segment.isCovered()) queue.subscriptions.leave(left.slot(), left.incarnation());
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.semaphores.discard(left.semaphore());
        }
    }

    // Waiting

    @Override
    public boolean await(int bells, long deadline) {
        waiting.lock();
        try {
            if (closed || woken) return true;
            if (idle == null) sit();
            if (!listener.listen(shown, bells) || listener.next() != Reader.Found.NOTHING) return true;
            return idle.until(deadline) || closed;
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            woken = false;
            waiting.unlock();
        }
    }

    /** An observer: it changes nothing for others. */
    private void sit() {
        SubscriberOptions options = SubscriberOptions.observer(StartAt.NOW);
        seat = queue.joining.join(options);
        idle = new Idle(handle, options, seat.slot(), seat.semaphore(), listener, () -> woken || closed, () -> closed);
    }

    @Override
    public void wake() {
        woken = true;
        Idle sleeping = idle;
        if (sleeping != null) sleeping.wake();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
            wake();
            letGo();
        }
        waiting.lock(); // the thread that waits is out, and no other comes in
        try {
            if (seat != null) leave(seat);
        } finally {
            waiting.unlock();
            ended.accept(this);
        }
    }
}
