package dev.belfry.shm.receive;

import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.OwnSemaphore;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import java.util.function.BooleanSupplier;

/** There is nothing to read: back off, spin, yield, sleep. The reading thread's own, but for {@link #wake}. */
public final class Idle {
    private static final long DEFAULT_SPIN_NANOS = 20_000;
    private static final long YIELD_AFTER_NANOS = 4_000;
    private static final int MOST_IN_VAIN = 8;
    private static final int TRY_AGAIN_AFTER = 64;
    private static final int SPINS_PER_CLOCK = 16;
    private static final int LOOKS_BEFORE_DOUBT = 64;

    /** So many messages since the last wait are a stream. */
    private static final int STREAM = 32;

    private static final long STREAM_NANOS = 100_000;
    private static final int YIELDS_PER_CLOCK = 4;

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final int slot;
    private final Reader reader;
    private final BooleanSupplier isEnded;
    private final BooleanSupplier isClosed;
    private final BooleanSupplier mayProceed;
    private final OwnSemaphore bed;
    final Backoff backoff = new Backoff();
    final long spinNanos;
    final boolean spinsByDefault;
    private boolean waits; // the present call, if it finds nothing
    private long beganAt;
    private long waitedAt; // the number of the message that was waited for last
    private long quietSince = System.nanoTime(); // when something else was waited for
    private int inVain; // waits in a row that were longer than the spin
    private long emptyAt = -1;
    private int emptyLooks;

    public Idle(
            Handle handle,
            SubscriberOptions options,
            int slot,
            NamedSemaphore semaphore,
            Reader reader,
            BooleanSupplier isEnded,
            BooleanSupplier isClosed) {
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.slot = slot;
        this.reader = reader;
        this.isEnded = isEnded;
        this.isClosed = isClosed;
        this.mayProceed = () -> reader.mayProceed() || isEnded.getAsBoolean() || handle.isPoisoned();
        this.bed = handle.semaphores.own(semaphore, this::requireEndOfLog, handle::lookForName);
        this.waitedAt = reader.expected();
        this.spinsByDefault = options.spin() == null;
        this.spinNanos = options.spin() == null ? DEFAULT_SPIN_NANOS : Deadlines.nanos(options.spin());
    }

    /** A call begins that may wait so long; 0: it does not wait. How long it may still wait afterwards. */
    long begins(long nanos) {
        waits = nanos > 0;
        beganAt = reader.cursor();
        return waits ? backoff.comeBack(nanos) : 0;
    }

    /** True: read again. False: the time is over, or it was closed. */
    public boolean until(long deadlineNanos) {
        if (deadlineNanos == Deadlines.PAST) {
            if (waits && reader.cursor() != beganAt) backoff.readAll(reader.cursor()); // else it waits, or ends
            doubt();
            return false;
        }
        if (!isClosed.getAsBoolean() && backoff.stayedAway(reader.cursor(), deadlineNanos)) return true;
        return awaitMessage(deadlineNanos);
    }

    /** For a caller that only polls and never sleeps: now and then, since the tail is the publishers' own. */
    private void doubt() {
        if (reader.cursor() != emptyAt) {
            emptyAt = reader.cursor();
            emptyLooks = 0;
        }
        if (++emptyLooks < LOOKS_BEFORE_DOUBT) return;
        emptyLooks = 0;
        requireEndOfLog();
    }

    /**
     * There is nothing at the cursor; so the log ends there, unless a stranger has damaged the word: the
     * tail is stored after it.
     */
    void requireEndOfLog() {
        long empty = reader.cursor();
        if (!reader.mayRead()) return; // it does not count yet
        if (header.tailAcquire() <= empty || header.gateAcquire() > empty) return; // or it reads below the ring
        if (reader.next() != Reader.Found.NOTHING || reader.cursor() != empty) return;
        long gate = header.gateAcquire();
        handle.requireAttached();
        if (gate <= empty)
            throw new CorruptSegmentException(
                    "there is no message at " + empty + ", and the log goes on to " + header.tailAcquire());
    }

    /** True: read again. False: the time is over, or it was closed. */
    private boolean awaitMessage(long deadlineNanos) {
        boolean inStream = spinsByDefault && reader.expected() - waitedAt >= STREAM;
        if (reader.expected() != waitedAt) quietSince = System.nanoTime();
        waitedAt = reader.expected();
        if (spin(deadlineNanos) || inStream && yielded(deadlineNanos)) return true;
        long began = spinsByDefault ? System.nanoTime() : 0;
        requireEndOfLog();
        meanOwn();
        slots.sleeps(slot, slots.sleeps(slot) + 1);
        Wait wait = new Wait(Deadlines.remaining(deadlineNanos), isClosed);
        Object span = Machine.events().parking();
        Wait.Ended ended = handle.sleepers.sleep(slot, bed, mayProceed, wait, quietSince);
        Machine.events().parked(span, handle.segment.queue, slot);
        if (spinsByDefault) learn(System.nanoTime() - began < spinNanos);
        if (ended == Wait.Ended.INTERRUPTED) throw Errors.interrupted("a message of '" + handle.queueUri() + "'");
        return ended == null;
    }

    /**
     * A thread that slept for many may have named another one, also for the slot's owner before. The bit is cleared
     * first: see SleepersOfMany.
     */
    private void meanOwn() {
        if (handle.segment.meant.isEmpty(slot)) return;
        handle.sleepers.withdraw(slot);
        handle.segment.meant.clear(slot);
    }

    /** For a thread that sleeps for many. */
    boolean mayProceed() {
        return mayProceed.getAsBoolean() || isClosed.getAsBoolean();
    }

    private void learn(boolean wouldHaveSpunLongEnough) {
        if (wouldHaveSpunLongEnough) inVain = 0;
        else
            inVain = inVain == 2 * TRY_AGAIN_AFTER
                    ? TRY_AGAIN_AFTER + 1
                    : inVain + 1; // never so many that they overflow
    }

    /**
     * By default not at all where messages come so rarely that it found nothing several times; but now and
     * then it is tried.
     */
    private long spinNanos() {
        boolean hopeless = spinsByDefault && inVain >= MOST_IN_VAIN && inVain % TRY_AGAIN_AFTER != 0;
        return hopeless ? 0 : spinNanos;
    }

    /** True if something came. Ends early only for what ends a wait; the sleep that follows then says which. */
    private boolean spin(long deadlineNanos) {
        long spinNanos = spinNanos();
        if (spinNanos == 0) return false;
        long began = System.nanoTime();
        while (!isClosed.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            for (int i = 0; i < SPINS_PER_CLOCK; i++) {
                if (reader.mayProceed()) {
                    if (spinNanos == this.spinNanos) inVain = 0;
                    return true;
                }
                Thread.onSpinWait();
            }
            if (isEnded.getAsBoolean() || handle.isPoisoned()) return true;
            long spun = System.nanoTime() - began;
            if (spun >= spinNanos || Deadlines.passed(deadlineNanos)) return false;
            if (spinsByDefault && spun >= YIELD_AFTER_NANOS) Thread.yield(); // the publisher may need this processor
        }
        return false;
    }

    /**
     * In a stream the publisher may need this processor, and more than that it is spared a system call for
     * each wake. True if something came; false as {@link #spin}.
     */
    private boolean yielded(long deadlineNanos) {
        long began = System.nanoTime();
        while (!isClosed.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            for (int i = 0; i < YIELDS_PER_CLOCK; i++) {
                if (reader.mayProceed()) return true;
                Thread.yield();
            }
            if (isEnded.getAsBoolean() || handle.isPoisoned()) return true;
            if (System.nanoTime() - began >= STREAM_NANOS || Deadlines.passed(deadlineNanos)) return false;
        }
        return false;
    }

    /** Any thread. */
    public void wake() {
        bed.wake();
    }
}
