package dev.belfry.shm.receive;

import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.BatchReader;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.ring.WindowReader;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.OwnReaders;
import dev.belfry.shm.segment.Seeking;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.SharedSleep;
import dev.belfry.spi.Standing;
import dev.belfry.spi.SubscriberSupport;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message's way up: read the word at the cursor; nothing there: {@link Idle}; note it in
 * {@link SlotPlace}; hand it over; acknowledge once a batch. A subscriber that cannot be passed reads in
 * place; all others read a copied window that is checked against the gate afterwards.
 */
public final class ShmSubscriber extends SubscriberSupport implements OwnReaders.Own, ShmSharedSleep.Own {
    private static final Logger LOG = LoggerFactory.getLogger(ShmSubscriber.class);
    private static final long UNKNOWN = -1;

    private final Attached queue;
    private final Consumer<ShmSubscriber> released;
    private final Handle handle;
    private final SegmentHeader header;
    private final Subscriptions subscriptions;
    private final int slot;
    private final long incarnation;
    private final NamedSemaphore semaphore;
    private final SlotPlace place;
    private final BatchReader reader; // the place's
    final Idle idle;
    private final ShmSharedSleep.Berth berth;
    private final ShmMessageView view;
    private final LateReads lateReads = new LateReads();
    private volatile long lagAtClose = UNKNOWN;
    private volatile long lostAtClose = UNKNOWN;

    /**
     * How often it reads before the compiler has taken notice. Compiled code reports lost memory where it
     * returns; interpreted code must be made to, which costs 16 bytes each time.
     */
    private int callsUntilCompiled = 20_000;

    /** {@code whenDurable}: what is not on the disk is not seen. {@code released}: what its queue does then. */
    public ShmSubscriber(
            Attached queue,
            SubscriberOptions options,
            Joined seat,
            boolean whenDurable,
            Consumer<ShmSubscriber> released) {
        super(queue.name, queue.handle.queueUri(), options);
        this.queue = queue;
        this.released = released;
        this.handle = queue.handle;
        this.header = handle.segment.header;
        this.subscriptions = queue.subscriptions;
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.semaphore = seat.semaphore();
        this.place = new SlotPlace(queue, options, seat, whenDurable, standing());
        this.reader = place.reader;
        this.view = new ShmMessageView(reader.record, handle, this::isInside);
        overran(place.begin(seat));
        this.idle = new Idle(handle, options, slot, semaphore, reader, place::isEnded, this::isClosed);
        this.berth = new ShmSharedSleep.Berth(handle, seat, idle);
        stands(reader.expected() - 1);
        if (reader instanceof WindowReader window) window.readsAside(this::wakeSleeper);
    }

    // Read

    @Override
    protected long begins(long nanos) {
        return idle.begins(nanos);
    }

    @Override
    protected MessageView next(long deadlineNanos) {
        refuseIfEnded();
        Reader.Found found = find(deadlineNanos);
        if (found == Reader.Found.RECORD) return take();
        if (found == Reader.Found.NOTHING) queue.refuseMore();
        return null;
    }

    @Override
    protected int drain(MessageHandler handler, int limit, long deadlineNanos) {
        refuseIfEnded();
        Turn turn = handler instanceof Turn t ? t : null;
        if (tellOverrun() && isClosed()) return 0; // of an OVERRUN that gates now; of others, as they find it
        int n = 0;
        for (; n < limit && !isOver(turn); n++) {
            n += batch(handler, turn, limit - n);
            if (n == limit || isClosed() || isOver(turn)) return n;
            Reader.Found found = find(n == 0 ? deadlineNanos : Deadlines.PAST);
            if (n == 0 && found == Reader.Found.NOTHING) queue.refuseMore();
            if (found != Reader.Found.RECORD) return n;
            MessageView taken = take();
            place.pin();
            deliver(handler, taken);
            handle.requireDisk(); // what the handler read may have been zeros
        }
        return n;
    }

    private static boolean isOver(Turn turn) {
        return turn != null && turn.isOver();
    }

    /**
     * The fast way of {@link #drain}: new messages that are nothing but a body; {@link #find} does all others. All
     * stores of a message come before its handler, so that no failure leaves anything to be made good.
     */
    private int batch(MessageHandler handler, Turn turn, int most) {
        if (!place.batchBegins() || standing().isGiven(reader.expected()) || isClosed()) return 0;
        batchBegins();
        view.of(false);
        Standing standing = standing();
        long first = reader.expected();
        long at = reader.batchBegins();
        if (!reader.isPlain(reader.word(at))) return 0;
        place.batchFinds();
        int n = 0;
        while (n < most) {
            long word = reader.word(at);
            if (!reader.isPlain(word)) break;
            long position = reader.expected();
            place.readingNext(position);
            at = reader.step(at, word);
            try {
                standing.handsOver(position);
                handler.onMessage(view);
            } catch (Throwable failure) {
                failedInBatch = view;
                batchFailed(view, first);
                throw failure;
            }
            n++;
            if (place.isBatchStopped() || isOver(turn)) break; // closed, recovered, or an acknowledgement to be stored
        }
        handle.requireDisk(); // as in drain
        if (n == 0) return 0; // a stranger's store
        place.batchEnds();
        batchEnds(first + n - 1);
        return n;
    }

    private void refuseIfEnded() {
        handle.check();
        place.refuseIfEnded();
    }

    /** RECORD: the reader stands at it. Else the time is over, or it was closed. */
    private Reader.Found find(long deadlineNanos) {
        Reader.Found found = look(deadlineNanos);
        if (callsUntilCompiled > 0) {
            callsUntilCompiled--;
            SharedBytes.sayFaultsNow();
        }
        return found;
    }

    private Reader.Found look(long deadlineNanos) {
        while (true) {
            if (tellOverrun() && isClosed()) return Reader.Found.NOTHING;
            if (place.mayRepeat()) place.repeat();
            Reader.Found found = reader.next();
            if (found == Reader.Found.RECORD) return found;
            if (found == Reader.Found.PASSED) {
                overran(place.jumpOrEnd());
                continue;
            }
            refuseIfOver(found, deadlineNanos);
            if (!idle.until(deadlineNanos)) return found;
        }
    }

    /** Refuses to wait for NOTHING or LATER where no more may come. */
    private void refuseIfOver(Reader.Found found, long deadlineNanos) {
        handle.check(); // covered memory holds nothing
        if (found == Reader.Found.LATER) {
            place.refuseIfEnded(); // else the gate passes it at once
            lateReads.note(describe(), reader.expected());
        } else if (deadlineNanos != Deadlines.PAST) queue.refuseMore();
    }

    private MessageView take() {
        reader.advance();
        try {
            return view.of(standing().isGiven(place.reading()));
        } catch (Throwable failure) { // of stack or memory, say: it has not been handed over
            reader.stepBack();
            throw failure;
        }
    }

    /**
     * Damage, or memory that is gone: a message is also copied, and its properties decoded, where only
     * the caller's caller reads.
     */
    @Override
    protected Throwable translated(Throwable failure) {
        boolean ours = failure instanceof CorruptSegmentException
                || failure instanceof PosixException
                || failure instanceof InternalError;
        if (!ours) return failure;
        try {
            return handle.translate(failure);
        } catch (InternalError notOurs) {
            return notOurs;
        }
    }

    @Override
    protected void ends() {
        try {
            if (!isKept(view)) view.end();
            place.readingEnds();
        } catch (RuntimeException | VirtualMachineError late) {
            // This call has a result of its own; the next one says what is the matter.
            LOG.debug("{}: could not store what was acknowledged", describe(), late);
        }
    }

    @Override
    protected void stands(long position) {
        try {
            place.stands(position);
        } catch (InternalError | StackOverflowError unshown) {
            // It is for people, and the failure that led here comes first.
        }
    }

    @Override
    protected boolean stepBack() {
        reader.stepBack();
        return true;
    }

    @Override
    protected void wake() {
        place.stopBatch();
        wakeSleeper();
    }

    /** Any thread. */
    private void wakeSleeper() {
        idle.wake();
        berth.wake(); // after "closed", which a thread that sleeps for many checks when it has stored where it sleeps
    }

    @Override
    public SharedSleep newSleep() {
        return new ShmSharedSleep();
    }

    @Override
    public ShmSharedSleep.Berth berth() {
        return berth;
    }

    /** A message that comes again is not at the cursor, and the gate may have passed that. */
    @Override
    protected boolean mustReadOn() {
        return place.mayRepeat();
    }

    @Override
    public void endsSleep() {
        if (isInside()) leave();
    }

    // Acknowledge

    @Override
    protected void acknowledged(long position) {
        try {
            place.acknowledge(position);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    protected void rewind() {
        try {
            overran(place.rewind());
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** A failure is translated by the caller. */
    @Override
    protected long moveTo(StartAt start) {
        refuseIfEnded();
        try {
            return place.moveTo(start, new Seeking(handle, subscriptions, queue.joining));
        } finally {
            handle.abandonIfALockIsLost();
        }
    }

    @Override
    protected long moveToTime(StartAt start) {
        return moveTo(start);
    }

    // The rest

    @Override
    public boolean isHeldByCaller(UUID queueId) {
        Segment segment = handle.segment;
        return segment.queueId.equals(queueId)
                && isReadByCaller() // first: of others nothing is read
                && isHeldByCaller(segment.slots.ackPosAcquire(slot), Math.min(position(), place.lastBeforePinned()))
                && segment.floor.isHeldBy(slot, false);
    }

    @Override
    public long lag() {
        long closedWith = lagAtClose;
        if (closedWith != UNKNOWN) return closedWith;
        try {
            long lag = lagNow();
            handle.requireAttached();
            return lag;
        } catch (CorruptSegmentException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    private long lagNow() {
        return Math.max(0, header.countAcquire() - position());
    }

    /** A figure that cannot be read keeps no subscriber from closing: {@link #lag} says why, then. */
    private long lastLag() {
        try {
            long lag = lagNow();
            return handle.segment.isCovered() ? UNKNOWN : lag;
        } catch (CorruptSegmentException damaged) {
            return UNKNOWN;
        }
    }

    @Override
    public long lostCount() {
        long closedWith = lostAtClose;
        return closedWith != UNKNOWN ? closedWith : lastLost();
    }

    private long lastLost() {
        long known = standing().lost(); // without memory, which may be gone
        try {
            long lost = place.lost();
            return handle.segment.isCovered() ? known : lost;
        } catch (CorruptSegmentException | InternalError damaged) {
            return known;
        }
    }

    @Override
    protected void release() {
        released.accept(this);
        long last = UNKNOWN;
        lostAtClose = lastLost(); // before the slot may be another's
        try {
            if (!handle.segment.isCovered()) {
                if (stoppedAt() != 0) subscriptions.stopped(slot, incarnation, stoppedAt());
                subscriptions.leave(slot, incarnation);
            }
            last = lastLag();
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            lagAtClose = last; // from now on memory is not asked: it may be gone
            handle.semaphores.discard(semaphore);
        }
    }
}
