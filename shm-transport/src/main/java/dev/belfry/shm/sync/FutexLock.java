package dev.belfry.shm.sync;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Futex;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A lock between processes that survives its owner's death.
 *
 * <pre>
 *   word: bit 31 WAITERS | bits 11-30 incarnation, low 20 bits | bits 0-10 owner's handle + 1; 0 = free
 * </pre>
 *
 * Taken by one compare-and-set, given back by one exchange. A thread that finds it taken sleeps in slices, and checks
 * after each whether the owner lives. Only a dead owner's lock is taken over, never that of a live one, however slow. A
 * dead owner's word cannot come back: its handle's incarnation moves on before that handle's number is written again.
 * So the compare-and-set that takes over cannot mistake a later owner for the dead one.
 *
 * <p>Threads of one process share the owner's word: the compare-and-set from 0 excludes them as well as it does
 * processes.
 */
public class FutexLock {
    public enum Outcome {
        ACQUIRED,
        ACQUIRED_FROM_DEAD_OWNER,
        TIMED_OUT,
        CLOSED,
        INTERRUPTED;

        public boolean isAcquired() {
            return this == ACQUIRED || this == ACQUIRED_FROM_DEAD_OWNER;
        }

        /** The outcome of a wait that was over before the lock was free. */
        static Outcome of(Wait.Ended ended) {
            return switch (ended) {
                case TIMED_OUT -> TIMED_OUT;
                case CLOSED -> CLOSED;
                case INTERRUPTED -> INTERRUPTED;
            };
        }
    }

    /**
     * On x86 the exchange that gives it back is a full fence, between what was done under the lock
     * and what is checked after it.
     */
    public static final boolean RELEASE_FENCES = SharedBytes.TOTAL_STORE_ORDER;

    // Not with the first wait: a class whose initializer meets the end of a stack can never be used again.
    static {
        Outcome.of(new Wait(0, () -> false).ended());
    }

    static final int WAITERS = 1 << 31;
    private static final int HANDLE_BITS = 11;
    private static final int HANDLE_MASK = (1 << HANDLE_BITS) - 1;
    static final int SPINS = 200;
    private static final int YIELDS = 16;
    static final long SLICE_NANOS = 20_000_000;
    private static final long TURN_NANOS = 100_000_000;

    final SharedBytes words;
    final Futex futex;
    final Liveness liveness;
    final int mine;
    private final int at;
    private final StandIn standIn;
    private final Semaphore turn = new Semaphore(1, true); // of virtual threads: one of them waits for the word

    /**
     * Has an error ended the giving back, or was it given back twice? Others may wait for us then, and we live: the
     * handle is to be abandoned. A field, for the caller at whose place the stack ended before {@link #release} began.
     */
    public volatile boolean lost;

    public FutexLock(SharedBytes words, int at, Futex futex, Liveness liveness, int handle, long incarnation) {
        this.words = words;
        this.at = at;
        this.futex = futex;
        this.liveness = liveness;
        this.mine = Liveness.lockIncarnation(incarnation) << HANDLE_BITS | handle + 1;
        this.standIn = new StandIn(
                (seen, nanos) -> futex.awaits(words.address + at, seen, nanos),
                () -> futex.wake(words.address + at, 1));
    }

    /** One compare-and-set, no more. */
    public boolean tryAcquire() {
        return takeFree();
    }

    /** A hint. */
    public boolean isFree() {
        return words.getIntAcquire(at) == 0;
    }

    private boolean takeFree() {
        return words.compareAndSetInt(at, 0, mine);
    }

    public Outcome acquire(Wait wait) {
        return acquire(wait, Carrier.isVirtual());
    }

    /** By a thread that other processes wait for: a virtual one keeps its carrier. */
    public Outcome acquireInside(Wait wait) {
        return acquire(wait, false);
    }

    private Outcome acquire(Wait wait, boolean parks) {
        int tries = wait.mayBlock ? SPINS + YIELDS : SPINS;
        for (int tried = 0; tried < tries; tried++) {
            if (takeFree()) return Outcome.ACQUIRED;
            if (tried < SPINS) Thread.onSpinWait();
            else Thread.yield(); // the owner, or a reader that is behind, may need this very processor
        }
        boolean inTurn = false;
        int waiters = 0; // once we have slept, others may sleep, too, and only we know: the bit stays
        boolean woken = false; // perhaps in the place of another one
        try {
            while (true) {
                int word = words.getIntAcquire(at);
                if (word == 0) {
                    if (words.compareAndSetInt(at, 0, mine | waiters)) return Outcome.ACQUIRED;
                    continue;
                }
                if (!wait.mayBlock)
                    return takeOverFromDead(word) ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.TIMED_OUT;
                // Before it sleeps: a time shorter than the slice would be over, and hide the interrupt.
                if (wait.isInterrupted()) {
                    if (takeOverFromDead(word)) return Outcome.ACQUIRED_FROM_DEAD_OWNER;
                    return gaveUp(woken, Outcome.INTERRUPTED);
                }
                boolean sliceOver;
                if (parks && !inTurn) {
                    inTurn = takesTurn(wait);
                    sliceOver = !inTurn;
                } else {
                    if ((word & WAITERS) == 0 && !words.compareAndSetInt(at, word, word | WAITERS)) continue;
                    waiters = WAITERS;
                    woken = sleeps(word | WAITERS, wait, parks);
                    sliceOver = !woken;
                }
                if (sliceOver && takeOverFromDead(words.getIntAcquire(at))) return Outcome.ACQUIRED_FROM_DEAD_OWNER;
                Wait.Ended ended = wait.ended();
                if (ended == Wait.Ended.TIMED_OUT && takeOverFromDead(words.getIntAcquire(at)))
                    return Outcome.ACQUIRED_FROM_DEAD_OWNER;
                if (ended != null) return gaveUp(woken, Outcome.of(ended));
                if (sliceOver) wait.goesOn(this);
            }
        } finally {
            try {
                if (inTurn) turn.release();
            } catch (Throwable failure) { // the lock may be ours, and nobody learns of it
                lost = true;
                throw failure;
            }
        }
    }

    /** False: the slice is over. The holder may be a virtual thread that waits for this very carrier. */
    private boolean sleeps(int seen, Wait wait, boolean parks) {
        long nanos = wait.slice(SLICE_NANOS);
        return parks ? standIn.await(seen, nanos, wait::isInterrupted) : standIn.awaitOnCarrier(seen, nanos);
    }

    /** False: the slice is over, or the thread is interrupted. */
    private boolean takesTurn(Wait wait) {
        boolean interrupted = !wait.isInterrupted() && Thread.interrupted();
        boolean taken = false;
        try {
            taken = turn.tryAcquire(wait.slice(TURN_NANOS), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        try {
            if (interrupted) Thread.currentThread().interrupt();
            return taken;
        } catch (Throwable failure) { // as at the end of the stack: nobody else would give the turn back
            if (taken) turn.release();
            throw failure;
        }
    }

    /** The wake is handed on: the word is free, or has an owner that does not know of other sleepers. */
    private Outcome gaveUp(boolean woken, Outcome outcome) {
        if (woken) futex.wake(words.address + at, 1);
        return outcome;
    }

    /** The word before the byte before the state (see Liveness); then the same word must still be there. */
    private boolean takeOverFromDead(int word) {
        if (word == 0 || isMine(word)) return false;
        return liveness.isDeadLockOwner(owner(word), incarnation(word))
                && words.compareAndSetInt(at, word, mine | WAITERS);
    }

    /** At open: our handle's predecessor is dead, and what it held is ours. True if it held this lock. */
    public boolean takeOverFromPredecessor() {
        while (true) {
            int word = words.getIntAcquire(at);
            if (word == 0 || owner(word) != owner(mine)) return false;
            if (words.compareAndSetInt(at, word, mine | WAITERS)) return true;
        }
    }

    /** A caller that must not miss a sleeper adds a fence unless {@link #RELEASE_FENCES}. Did a thread wait for it? */
    public boolean release() {
        try {
            return !words.compareAndSetInt(at, mine, 0) && releaseToWaiter();
        } catch (Throwable failure) {
            lost = true;
            throw failure;
        }
    }

    /** Or it is not ours, and was given back before: another owner's word stays as it is. */
    private boolean releaseToWaiter() {
        int word;
        do {
            word = words.getIntAcquire(at);
            if (!isMine(word)) {
                lost = true;
                return false;
            }
        } while (!words.compareAndSetInt(at, word, 0));
        boolean wanted = (word & WAITERS) != 0;
        if (wanted) futex.wake(words.address + at, 1);
        return wanted;
    }

    public final boolean isLost() {
        return lost;
    }

    final void noteLost() {
        lost = true;
    }

    private boolean isMine(int word) {
        return (word & ~WAITERS) == mine;
    }

    /** Would the next waiter take it over? For display only: true for a moment. */
    public boolean isHeldByDead() {
        int word = words.getIntAcquire(at);
        return word != 0
                && liveness.isDeadLockOwner(owner(word), incarnation(word))
                && (words.getIntAcquire(at) & ~WAITERS) == (word & ~WAITERS); // a living owner frees it, then leaves
    }

    /** Does a thread of this very handle hold it? */
    public boolean isHeldByThisHandle() {
        return isMine(words.getIntAcquire(at));
    }

    /** The owner's handle, for messages; -1 if it is free, or if no handle has that number. */
    public int ownerHandle(Handles handles) {
        int owner = owner(words.getIntAcquire(at));
        return owner < handles.count() ? owner : -1;
    }

    static int owner(int word) {
        return (word & HANDLE_MASK) - 1;
    }

    static int incarnation(int word) {
        return (word & ~WAITERS) >>> HANDLE_BITS;
    }
}
