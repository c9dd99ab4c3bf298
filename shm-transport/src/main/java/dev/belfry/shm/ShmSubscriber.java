package dev.belfry.shm;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageView;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.PassableReader;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.SubscriberSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message's way up: look at the word under the cursor; if there is nothing spin a little, then announce, look again, sleep; hand over; acknowledge once a batch.
 * Who cannot be passed reads in place; everybody else a copy that was checked against the gate afterwards.
 */
final class ShmSubscriber extends SubscriberSupport {
    private static final Logger LOG = LoggerFactory.getLogger(ShmSubscriber.class);
    private static final long DEFAULT_SPIN_NANOS = 20_000;
    private static final long YIELD_AFTER_NANOS = 4_000;
    private static final int MOST_IN_VAIN = 8;
    private static final int TRY_AGAIN_AFTER = 64;
    private static final int SPINS_PER_CLOCK = 16;
    private static final int RECORDS_PER_STEP = 4096;
    private static final int LOOKS_BEFORE_DOUBT = 64;

    /** Stored in steps, so that the stamp at what is stored always finds the position beside it. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private static final long NOT_PINNED = Long.MAX_VALUE;

    private final ShmQueue queue;
    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final int slot;
    private final long incarnation;
    private final NamedSemaphore semaphore;
    private final SlotSemaphores.Own bed;
    private final boolean passable;
    private final boolean overrun;
    private final boolean clientAcknowledges;
    private final long spinNanos;
    private final boolean spinsByDefault;
    private long emptyAt = -1;
    private int emptyLooks;
    private int inVain; // waits in a row that were longer than the spin
    private final Reader reader;
    private final ShmMessageView view;
    private final BooleanSupplier mayProceed;

    private final Object acknowledging = new Object();
    private volatile long ackOff; // written under the monitor; the reader asks by it whether it was passed
    private long ackPos;
    private volatile long lost;
    private volatile long lagAtClose = -1;

    // Behind the record read last; the reading thread's own.
    private long readPosition;
    private long readOffset;
    private long furthestRead;
    private int region;
    private final Pace pace = new Pace();

    // After recover, until it has read again all that it had read. The reading thread's own.
    private boolean repeating;
    private long readBefore;

    // CLIENT: what is being read, which the gate must not pass, whoever acknowledges it meanwhile. Written by the
    // reading thread, under the monitor or before it counts as handed over; others look under the monitor.
    private long pinned = NOT_PINNED;
    private Thread pinner;
    private volatile long deferred; // what others did acknowledge of that, to be stored when it is let go

    /** So many looks at most before the compiler has taken notice: compiled code tells of lost memory where it returns, and need not be made to, at 16 bytes a time. */
    private int interpreted = 20_000;

    ShmSubscriber(ShmQueue queue, SubscriberOptions options, Joined seat) {
        super(queue.name(), options);
        this.queue = queue;
        this.handle = queue.handle();
        Segment segment = handle.segment;
        this.header = segment.header;
        this.slots = segment.slots;
        this.subscriptions = queue.subscriptions();
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.semaphore = seat.semaphore();
        this.bed = handle.semaphores.own(
                semaphore, this::requireEndOfLog, handle::lookForName); // nothing comes: does nobody find us?
        this.overrun = options.slowSubscriber() == SlowSubscriber.OVERRUN;
        this.passable =
                options.slowSubscriber() != SlowSubscriber.GATE_PUBLISHER || segment.creation.maxGateNanos() != 0;
        this.clientAcknowledges = options.ackMode() == AckMode.CLIENT;
        this.spinsByDefault = options.spin() == null;
        this.spinNanos = options.spin() == null ? DEFAULT_SPIN_NANOS : Deadlines.nanos(options.spin());
        int longestFrame = (int) Math.min(Integer.MAX_VALUE, segment.creation.maxCapacity() / 4 + 256);
        this.reader = passable
                ? new PassableReader(segment.readable, longestFrame, header, overrun ? null : () -> ackOff)
                : new InPlaceReader(segment.readable, longestFrame);
        this.view = new ShmMessageView(reader.record(), handle);
        this.mayProceed = () -> reader.mayProceed() || isEnded() || handle.isPoisoned();
        this.ackPos = seat.acknowledged();
        this.ackOff = seat.entry().offset();
        this.furthestRead = seat.readPos();
        this.lost = slots.lostAcquire(slot);
        reader.moveTo(seat.entry());
        region = reader.region();
        if (seat.startAt() != 0) begin(seat.startAt());
        startAfter(reader.expected() - 1, Math.max(reader.expected() - 1, seat.readPos()));
    }

    /** At a given position: what is older than the oldest retained is lost, what is younger is walked to. */
    private void begin(long position) {
        if (position < reader.expected()) {
            addLost(reader.expected() - position);
        } else if (position > reader.expected()) {
            for (int walked = 1; reader.expected() < position; walked++) {
                Reader.Found found = reader.next();
                if (found == Reader.Found.NOTHING)
                    throw Errors.startsInFuture(handle.queueUri(), position, reader.expected() - 1);
                if (found == Reader.Found.RECORD) reader.advance();
                else if (!overrun) throw subscriptions.ended(slot, name());
                else reader.moveTo(LogPlace.oldest(header, handle.segment.readable));
                if (walked % RECORDS_PER_STEP == 0) {
                    ackOff = reader.cursor(); // before the slot's: the gate may follow at once
                    slots.ackOffRelease(slot, ackOff);
                }
            }
            if (reader.expected() > position) addLost(reader.expected() - position);
            ackOff = reader.cursor();
            ackPos = reader.expected() - 1;
            slots.ackOffRelease(slot, ackOff);
            slots.ackPosRelease(slot, ackPos);
            slots.startPosRelease(slot, reader.expected());
            subscriptions.started(slot);
        }
    }

    private void addLost(long more) {
        lost += more;
        slots.lostRelease(slot, lost);
    }

    // Read

    @Override
    protected MessageView next(long deadlineNanos) {
        refuseIfEnded();
        return find(deadlineNanos) ? take() : null;
    }

    @Override
    protected int drain(MessageHandler handler, int limit, long deadlineNanos) {
        int handedOver = 0;
        refuseIfEnded();
        // All others see copies, or acknowledge when the handler is done.
        boolean pins = clientAcknowledges && !passable;
        if (pins) pinner = Thread.currentThread();
        while (handedOver < limit && !isClosed() && find(handedOver == 0 ? deadlineNanos : Deadlines.PAST)) {
            MessageView found = take();
            if (pins && !repeating) pin();
            deliver(handler, found);
            handedOver++;
        }
        return handedOver;
    }

    /** Damage, or memory that is gone: a message is also copied, and its properties decoded, where only the caller's caller reads. */
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

    private void refuseIfEnded() {
        handle.check();
        if (isEnded()) throw subscriptions.ended(slot, name());
    }

    private boolean isEnded() {
        return passable && SlotState.has(slots.stateAcquire(slot), SlotState.ENDED);
    }

    /** True: the reader stands at a record. False: the time is over, or it was closed. */
    private boolean find(long deadlineNanos) {
        boolean found = look(deadlineNanos);
        if (interpreted > 0) {
            interpreted--;
            SharedBytes.sayFaultsNow();
        }
        return found;
    }

    private boolean look(long deadlineNanos) {
        while (true) {
            if (repeating) repeat();
            Reader.Found found = reader.next();
            if (found == Reader.Found.RECORD) {
                // A copy is as good as the look at the gate behind it; covered memory has none.
                if (!passable || !handle.segment.isCovered()) return true;
                handle.check();
                return false;
            }
            if (found == Reader.Found.PASSED) {
                goOnAfterPassed();
                continue;
            }
            handle.check(); // covered memory holds nothing
            if (!isClosed() && pace.stayedAway(reader.cursor(), deadlineNanos)) continue;
            if (deadlineNanos == Deadlines.PAST) {
                doubt();
                return false;
            }
            if (!awaitMessage(deadlineNanos)) return false;
        }
    }

    /** By who only looks and never sleeps: now and then, since the tail is the publishers' own. */
    private void doubt() {
        if (reader.cursor() != emptyAt) {
            emptyAt = reader.cursor();
            emptyLooks = 0;
        }
        if (++emptyLooks < LOOKS_BEFORE_DOUBT) return;
        emptyLooks = 0;
        requireEndOfLog();
    }

    /** There is nothing at the cursor; so the log ends there, unless somebody has damaged the word: the tail is stored behind it. */
    private void requireEndOfLog() {
        long empty = reader.cursor();
        if (header.tailAcquire() <= empty || reader.next() != Reader.Found.NOTHING || reader.cursor() != empty) return;
        long gate = header.gateAcquire();
        handle.requireReal();
        if (gate <= empty)
            throw new CorruptSegmentException(
                    "there is no message at " + empty + ", and the log goes on to " + header.tailAcquire());
    }

    private MessageView take() {
        reader.advance();
        try {
            if (reader.region() != region) noteHop();
            readPosition = reader.record().position();
            readOffset = reader.cursor();
            if (readPosition > furthestRead) {
                // Before the hand-over: what may have been seen is said to be redelivered.
                furthestRead = readPosition;
                slots.readPos(slot, readPosition);
            }
            return view.of(givenBefore(readPosition));
        } catch (Throwable failure) { // of stack or memory, say: it has not been handed over
            reader.stepBack();
            throw failure;
        }
    }

    /**
     * What was handed over before recover may be acknowledged behind it, by a pool say, so that the gate moves on over what is to be read again. That is not read again then;
     * and what is being read the gate cannot pass.
     */
    private void repeat() {
        pinAt(NOT_PINNED);
        synchronized (acknowledging) {
            if (reader.cursor() < ackOff) reader.moveTo(new LogPlace(ackOff, ackPos + 1));
            repeating = reader.expected() <= readBefore;
            if (repeating) pinned = reader.expected();
            pinner = Thread.currentThread();
        }
    }

    /** A view in place is in its handler's hands from now on. */
    private void pin() {
        pinned = readPosition;
        if (deferred != 0) pinAt(readPosition);
    }

    @Override
    protected void letGo() {
        if (pinned == NOT_PINNED && deferred == 0) return;
        try {
            pinAt(NOT_PINNED);
        } catch (RuntimeException | VirtualMachineError late) {
            // This call has a result of its own; the next one says what is the matter.
            LOG.debug("{}: could not store what was acknowledged", describe(), late);
        }
    }

    /** What was pinned before is let go: what others have acknowledged of it is stored. */
    private void pinAt(long position) {
        boolean stored;
        synchronized (acknowledging) {
            pinned = position;
            stored = deferred > ackPos;
            if (stored) storeSteps(deferred);
            deferred = 0; // behind it, which may fail
        }
        if (stored) wakeWhoWaits();
    }

    @Override
    protected boolean stepBack() {
        reader.stepBack();
        furthestRead = Math.min(furthestRead, readPosition - 1);
        return true;
    }

    private void noteHop() {
        LOG.debug("{}: slot {} hopped from region {} to {}", queue.name(), slot, region, reader.region());
        region = reader.region();
    }

    private void goOnAfterPassed() {
        synchronized (acknowledging) {
            if (overrun) {
                jump();
            } else if (header.gateAcquire() > ackOff
                    || isEnded()) { // asked again: another thread may have acknowledged meanwhile
                subscriptions.end(slot, incarnation);
                throw subscriptions.ended(slot, name());
            }
        }
    }

    private void jump() {
        LogPlace oldest = LogPlace.oldest(header, handle.segment.readable);
        long neverSeen =
                Math.max(reader.expected(), furthestRead + 1); // after recover some of the gap were handed over already
        long gap = Math.max(0, oldest.position() - neverSeen);
        subscriptions.jump(slot, oldest, gap);
        lost += gap;
        ackPos = oldest.position() - 1;
        ackOff = oldest.offset();
        reader.moveTo(oldest);
    }

    // Wait

    /** True: look again. False: the time is over, or it was closed. */
    private boolean awaitMessage(long deadlineNanos) {
        if (spin(deadlineNanos)) return true;
        long began = spinsByDefault ? System.nanoTime() : 0;
        requireEndOfLog();
        slots.sleeps(slot, slots.sleeps(slot) + 1);
        Wait wait = new Wait(Deadlines.remaining(deadlineNanos), this::isClosed);
        Object span = Machine.events().parking();
        Wait.Ended ended = handle.sleepers.sleep(slot, bed, mayProceed, wait);
        Machine.events().parked(span, queue.name(), slot);
        if (spinsByDefault) learn(System.nanoTime() - began < spinNanos);
        return switch (ended) {
            case DONE -> true;
            case TIMED_OUT, CLOSED -> false;
            case INTERRUPTED -> throw Errors.interrupted("a message of '" + handle.queueUri() + "'");
        };
    }

    private void learn(boolean wouldHaveSpunLongEnough) {
        if (wouldHaveSpunLongEnough) inVain = 0;
        else
            inVain = inVain == 2 * TRY_AGAIN_AFTER
                    ? TRY_AGAIN_AFTER + 1
                    : inVain + 1; // never so many that they overflow
    }

    /** By default not at all where messages come so rarely that it was in vain several times; but now and then it is tried. */
    private long spinNanos() {
        boolean hopeless = spinsByDefault && inVain >= MOST_IN_VAIN && inVain % TRY_AGAIN_AFTER != 0;
        return hopeless ? 0 : spinNanos;
    }

    /** True if something came. Ends early only for what ends a wait; the sleep that follows then says which. */
    private boolean spin(long deadlineNanos) {
        long spinNanos = spinNanos();
        if (spinNanos == 0) return false;
        long began = System.nanoTime();
        while (!isClosed() && !Thread.currentThread().isInterrupted()) {
            for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                if (reader.mayProceed()) {
                    if (spinNanos == this.spinNanos) inVain = 0;
                    return true;
                }
                Thread.onSpinWait();
            }
            if (isEnded() || handle.isPoisoned()) return true;
            long spun = System.nanoTime() - began;
            if (spun >= spinNanos || Deadlines.passed(deadlineNanos)) return false;
            if (spinsByDefault && spun >= YIELD_AFTER_NANOS)
                Thread.yield(); // whoever is to send may need this processor
        }
        return false;
    }

    @Override
    protected void wake() {
        bed.wake();
    }

    // Acknowledge

    @Override
    protected void acknowledged(long position) {
        store(position);
    }

    @Override
    protected void consumed(long position) {
        store(position);
    }

    private void store(long position) {
        try {
            if (clientAcknowledges) {
                synchronized (acknowledging) {
                    storeSteps(upToPinned(position));
                }
            } else {
                storeSteps(position); // by the reading thread, like all else that changes them
            }
            wakeWhoWaits();
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** It is stored: where that cannot be said for want of stack or memory, who waits for it looks by itself within a slice. */
    private void wakeWhoWaits() {
        try {
            handle.room.wake(); // its fence: ackOff before the look who waits
        } catch (StackOverflowError | OutOfMemoryError unsaid) {
            // thrown, it would cost the message that receive has in hand
        }
    }

    /** Who reads it may acknowledge it. */
    private long upToPinned(long position) {
        if (position < pinned || pinner == Thread.currentThread()) return position;
        deferred = Math.max(deferred, position);
        return pinned - 1;
    }

    private void storeSteps(long position) {
        while (ackPos < position) storeStep(Math.min(position, ackPos + MOST_AT_ONCE));
    }

    private void storeStep(long position) {
        if (passable && !overrun && (header.gateAcquire() > ackOff || isEnded())) {
            subscriptions.end(slot, incarnation); // storing it would hide that the gate passed
            throw subscriptions.ended(slot, name());
        }
        if (!clientAcknowledges && position == readPosition) {
            set(position, readOffset);
            return;
        }
        LogPlace from = new LogPlace(ackOff, ackPos + 1);
        LogPlace behind = from.behind(
                header, handle.segment.readable, position, !passable ? -1 : overrun ? Long.MAX_VALUE : ackOff);
        if (behind == null && overrun) {
            LogPlace oldest = LogPlace.oldest(header, handle.segment.readable);
            if (position < oldest.position()) { // overwritten meanwhile: the next attach jumps
                ackPos = position;
                slots.ackPosRelease(slot, position);
                return;
            }
            behind = oldest.behind(header, handle.segment.readable, position, Long.MAX_VALUE);
        }
        if (behind != null) set(position, behind.offset());
    }

    private void set(long position, long offset) {
        ackOff = offset;
        ackPos = position;
        slots.ackOffRelease(
                slot, offset); // before the position: await must not see what an attach after a crash takes back
        slots.ackPosRelease(slot, position);
    }

    @Override
    protected void rewind() {
        try {
            synchronized (acknowledging) {
                if (passable && header.gateAcquire() > ackOff) goOnAfterPassed();
                else reader.moveTo(new LogPlace(ackOff, ackPos + 1));
                readBefore = Math.max(readBefore, readPosition);
                repeating = reader.expected() <= readBefore;
                // Who calls this from a handler has a view in hand.
                pinned = repeating ? reader.expected() : NOT_PINNED;
                pinner = Thread.currentThread();
            }
            rewoundTo(reader.expected() - 1);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    // The rest

    @Override
    protected String describe() {
        return Errors.subscriberOf(handle.queueUri(), name());
    }

    @Override
    public long lag() {
        long closedWith = lagAtClose;
        if (closedWith >= 0) return closedWith;
        try {
            return Math.max(0, header.countAcquire() - position());
        } catch (CorruptSegmentException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    public long lostCount() {
        return lost;
    }

    @Override
    protected void release() {
        queue.forget(this);
        lagAtClose = 0;
        try {
            lagAtClose = lag();
            if (!handle.segment.isCovered()) subscriptions.leave(slot, incarnation);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.semaphores.discard(semaphore);
        }
    }
}
