package dev.belfry.shm.sync;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.Membarrier;
import java.util.function.BooleanSupplier;

/**
 * All waits except those for a message: of publishers for room, of {@code awaitAcknowledged}, and for a journal.
 * One futex word; odd: at least one thread waits.
 *
 * <p>A waiter makes the word odd, fences, checks its condition again, and sleeps while the word is
 * unchanged. A thread that changes something fences; if the word is odd, it adds one and wakes all.
 * Each side stores before it loads what the other stores: with both fences at least one of them
 * sees the other. A waker that dies between its change and its wake costs one slice.
 */
public final class EventCount {
    private static final long SLICE_NANOS = 50_000_000;

    private final SharedBytes words;
    private final int at;
    private final Futex futex;
    private final Handshake handshake;
    private final StandIn standIn;

    /** The count that publishers and waiters for acknowledgement wait on. */
    public EventCount(SharedBytes words, Futex futex, Membarrier membarrier) {
        this(words, SegmentHeader.ROOM, futex, membarrier);
    }

    public EventCount(SharedBytes words, int at, Futex futex, Membarrier membarrier) {
        this.words = words;
        this.at = at;
        this.handshake = new Handshake(words, at, membarrier);
        this.futex = futex;
        this.standIn = new StandIn(
                (seen, nanos) -> futex.awaits(words.address + at, seen, nanos), () -> {}); // a wake is for all
    }

    /** Waits until the condition holds; null then. It is checked again whatever the kernel answered. */
    public Wait.Ended await(BooleanSupplier condition, Wait wait) {
        while (true) {
            if (condition.getAsBoolean()) return null;
            Wait.Ended ended = wait.mayBlock ? wait.ended() : Wait.Ended.TIMED_OUT;
            if (ended != null) return ended;
            int armed = arm();
            if (condition.getAsBoolean()) return null;
            standIn.await(armed, wait.slice(SLICE_NANOS), wait::isInterrupted);
        }
    }

    /** The same for less than a slice, and the kernel tells when it is over, not the clock: false. */
    public boolean awaitOnce(BooleanSupplier condition, Wait slice) {
        boolean over = false;
        while (!condition.getAsBoolean()) {
            if (over || slice.ended() != null) return false;
            int armed = arm();
            if (condition.getAsBoolean()) break;
            over = !standIn.await(armed, slice.slice(SLICE_NANOS), slice::isInterrupted);
        }
        return true;
    }

    private int arm() {
        while (true) {
            int word = words.getIntAcquire(at);
            if ((word & 1) != 0 || words.compareAndSetInt(at, word, word | 1)) {
                handshake.armed(); // before the check of the condition
                return word | 1;
            }
        }
    }

    /** After a change that a thread may wait for. */
    public void wake() {
        int word = handshake.look();
        while ((word & 1) != 0) {
            if (words.compareAndSetInt(at, word, word + 1)) {
                futex.wake(words.address + at, Integer.MAX_VALUE);
                return;
            }
            word = words.getIntAcquire(at);
        }
    }
}
