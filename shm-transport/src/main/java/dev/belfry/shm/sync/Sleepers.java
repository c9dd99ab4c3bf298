package dev.belfry.shm.sync;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Subscribers that wait for a message: a flag, and a bit for each slot in 16 group words.
 *
 * <p>A subscriber sets its bit, then the flag, fences, checks the log again, and sleeps on its own semaphore for at
 * most a slice. A publisher commits, fences (by giving back the lock, or see {@link Handshake}), and checks the flag:
 * only if it is set does it take the bits and post those semaphores. Both sides store, pass a full fence, then load:
 * one of them sees the other. The bit is set before the flag, so the publisher that takes the flag finds the bit. A
 * post that is lost by a death costs one slice; one too many is drained before the next sleep.
 *
 * <p>A slice is 100 ms, and a second after ten seconds in which nothing came: most of the cost of an idle subscriber is
 * its wake-ups. The side that ends a wait posts: see {@link Bed}.
 */
public final class Sleepers {
    private static final int GROUPS = 16;
    private static final long SLICE_NANOS = 100_000_000;
    private static final long QUIET_SLICE_NANOS = 1_000_000_000;
    private static final long QUIET_AFTER_NANOS = 10_000_000_000L;

    /** More than are ever owed. A damaged value is drained in steps, between which time limits and messages count. */
    private static final int MOST_OWED = 100;

    private final SharedBytes words;
    public final Handshake handshake; // by it a publisher that has committed finds out whether a subscriber sleeps

    public Sleepers(SharedBytes words, Membarrier membarrier) {
        this.words = words;
        this.handshake = new Handshake(words, SegmentHeader.ASLEEP, membarrier);
    }

    /** A subscriber's own semaphore, as it sleeps on it. */
    public interface Bed {
        boolean tryTake();

        /**
         * False: the time is over, or a signal came. Closing posts it, and if it is for longer than
         * a tenth of a second an interrupt does.
         */
        boolean take(long nanos);
    }

    /** The slots that a thread announces before it sleeps: one, or many. */
    interface Announcement {
        void announce();

        void withdraw();
    }

    private record One(Sleepers sleepers, int slot) implements Announcement {
        @Override
        public void announce() {
            sleepers.announce(slot);
        }

        @Override
        public void withdraw() {
            sleepers.withdraw(slot);
        }
    }

    /** Sleeps in slices until the condition holds; null then. {@code quietSince}: nanoTime of the last message. */
    public Wait.Ended sleep(int slot, Bed bed, BooleanSupplier condition, Wait wait, long quietSince) {
        return sleep(new One(this, slot), bed, condition, wait, quietSince);
    }

    static Wait.Ended sleep(Announcement announcement, Bed bed, BooleanSupplier condition, Wait wait, long quietSince) {
        while (true) {
            if (condition.getAsBoolean()) return null;
            Wait.Ended ended = wait.ended();
            if (ended != null) return ended;
            // A post may be owed from a bit that was taken although we did not sleep.
            for (int owed = 0; owed < MOST_OWED && bed.tryTake(); owed++) {}
            // Announced again after each slice: the process that took flag or bit may have died before it posted.
            do {
                announcement.announce();
                if (condition.getAsBoolean() || wait.ended() != null) break;
            } while (!slept(bed, wait, quietSince));
            announcement.withdraw();
        }
    }

    /** False: the slice is over. */
    private static boolean slept(Bed bed, Wait wait, long quietSince) {
        boolean quiet = System.nanoTime() - quietSince >= QUIET_AFTER_NANOS;
        return bed.take(wait.slice(quiet ? QUIET_SLICE_NANOS : SLICE_NANOS));
    }

    private void announce(int slot) {
        show(slot);
        if (!everyPublisherFences()) handshake.armed(); // announced before the check of the log
    }

    void show(int slot) {
        if ((words.getLongAcquire(group(slot)) & bit(slot)) == 0 || words.getIntAcquire(SegmentHeader.ASLEEP) == 0) {
            words.getAndOrLong(group(slot), bit(slot));
            words.getAndSetInt(SegmentHeader.ASLEEP, 1);
        }
    }

    /**
     * While the publish lock is free, no thread is favoured. A publisher that takes it from now on, after our
     * announcing, gives it back before it checks the flag, and so finds it. Records of its former holder were visible
     * before the lock was free. Pairs with the exchange in {@link FutexLock#release}.
     */
    boolean everyPublisherFences() {
        if (!FutexLock.RELEASE_FENCES) return false;
        words.fullFence();
        return words.getLongAcquire(SegmentHeader.PUBLISH_LOCK) == 0; // with the bias
    }

    /** Clears the slot's bit: before the slot becomes another subscriber's, and by its new owner. */
    public void withdraw(int slot) {
        words.getAndClearLong(group(slot), bit(slot));
    }

    /** Takes all announced bits and has each of these slots posted. */
    public void wake(IntSupplier highMark, Poster poster) {
        if (words.getAndSetInt(SegmentHeader.ASLEEP, 0) == 0) return;
        int groups = Math.min(
                GROUPS, (highMark.getAsInt() + 63) / 64); // after the flag: the subscriber that set it has joined
        for (int k = 0; k < groups; k++) {
            if (words.getLongAcquire(SegmentHeader.SLEEPERS + 8L * k) == 0) continue;
            for (long bits = words.getAndSetLong(SegmentHeader.SLEEPERS + 8L * k, 0); bits != 0; bits &= bits - 1)
                poster.post(64 * k + Long.numberOfTrailingZeros(bits));
        }
    }

    /** Posts a slot's semaphore. */
    @FunctionalInterface
    public interface Poster {
        void post(int slot);
    }

    private static long group(int slot) {
        return SegmentHeader.SLEEPERS + 8L * (slot / 64);
    }

    private static long bit(int slot) {
        return 1L << slot % 64;
    }
}
