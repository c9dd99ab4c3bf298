package dev.belfry.shm.sync;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.Membarrier;

/**
 * The publish lock, biased: a thread that has had it to itself for long is given a way in of its own, without an atomic
 * or a fence, until another thread asks for the lock.
 *
 * <pre>
 *   favoured thread                           another thread that wants the lock
 *     inside = 1                                take the lock word
 *     compiler fence                            bias |= ASKED
 *     is the bias mine? no: inside = 0          membarrier: a full fence here and in every running thread of a registered process
 *     publish                                   wait until the favoured one's inside = 0, or it is dead
 *     inside = 0                                bias = 0: the lock is ours
 *     compiler fence
 *     is the bias mine? no: wake the waiter
 * </pre>
 *
 * The favoured thread passes the fence that is asked of it before its check of the bias or after it. Before: the check
 * finds ASKED. After: the asking thread sees the store of {@code inside}, which precedes the check, and waits for it.
 * On the way out the same two orders hold: the favoured thread finds ASKED and wakes the waiter, or the waiter sees it
 * gone.
 *
 * <p>Words: {@code bias}, beside the lock word, names the favoured thread's handle. Only the holder of the lock word
 * writes it. So a thread that dies between asking and taking leaves ASKED to the next one, which waits again. {@code
 * inside} is in each handle's own entry, written by it alone. A bias is given under the lock, and the lock word is
 * given back after it: while both are 0 no thread is inside, and none comes in without an atomic.
 *
 * <p>One thread of a handle, for as long as that thread lives: {@code inside} has one writer. It may stay inside between
 * two calls, with a claim open. Where it ends so, the publisher's watch goes out in its place, after all that it did.
 */
public final class PublishLock extends FutexLock {
    /** How often a thread has the lock to itself before it is favoured. */
    public static final int PATIENCE = 1_000;

    private static final int MOST_PATIENCE = 1 << 24;
    private static final int BIAS = SegmentHeader.PUBLISH_LOCK + 4;
    private static final int ASKED = WAITERS;

    private final Membarrier membarrier;
    private final Handles handles;
    private final long insideAt;

    // For the favoured thread's way: the words by their address, checked when the handle was made.
    private final RawWords raw;
    private final long insideAddress;
    private final long biasAddress;

    // Written under the lock; a thread that reads itself here outside of the lock has written it.
    private Thread favoured;

    // The favoured thread's alone; once it has ended with a claim open, the watch's. That it is inside is read under
    // the lock as well, when it is not.
    private boolean biased;
    private boolean inside;

    // Under the lock: what was asked without membarrier by a caller that may not wait, at which count, and since when.
    private int askedOf;
    private long askedAtCount;
    private long askedSince;

    // Under the lock, but for hints.
    private Thread last;
    private int streak;
    private int patience;

    /** {@code handle} -1: for reading only. */
    public PublishLock(
            SharedBytes words,
            Futex futex,
            Liveness liveness,
            Membarrier membarrier,
            Handles handles,
            int handle,
            long incarnation,
            int patience) {
        super(words, SegmentHeader.PUBLISH_LOCK, futex, liveness, handle, incarnation);
        this.membarrier = membarrier;
        this.handles = handles;
        this.insideAt = handle < 0 ? 0 : handles.insideAt(handle);
        this.raw = words.raw();
        this.insideAddress = words.address(insideAt, Integer.BYTES);
        this.biasAddress = words.address(BIAS, Integer.BYTES);
        this.patience = patience;
    }

    // The favoured thread's way

    /** False: this thread is not favoured, or not any more; or it is inside already, see {@link #wasLeftInside}. */
    public boolean enter() {
        if (favoured != Thread.currentThread() || !biased) return false;
        if (inside) return false;
        SharedBytes.sayFaultsNow(); // what comes late must not come when we are inside
        try {
            raw.putIntRelease(insideAddress, 1);
            SharedBytes.compilerFence(); // inside before the check; for the processor ask() does it, by membarrier
            inside = raw.getIntAcquire(biasAddress) == mine;
        } finally {
            if (!inside) refused();
        }
        return inside;
    }

    /** Is this thread inside by its own way? */
    public boolean isInsideFavoured() {
        return inside && favoured == Thread.currentThread();
    }

    /**
     * Has an error that could not be mended left this thread inside? To be asked by a thread that has no claim open. It
     * stays inside, so that others wait until the handle is given up.
     */
    public boolean wasLeftInside() {
        if (!isInsideFavoured()) return false;
        noteLost();
        return true;
    }

    private void refused() {
        biased = false;
        if (patience < MOST_PATIENCE) patience <<= 2;
        goOut();
    }

    private void goOut() {
        try {
            raw.putIntRelease(insideAddress, 0); // after all that was published
            SharedBytes.compilerFence(); // gone before the check of the bias; pairs with the same membarrier
            if (raw.getIntAcquire(biasAddress) != mine) futex.wake(insideAddress, 1);
        } catch (Throwable failure) {
            noteLost();
            throw failure;
        }
    }

    /** Did the last release pass a full fence? */
    public boolean hasFenced() {
        return RELEASE_FENCES && !biased;
    }

    // The way of all others

    /** One compare-and-set; false also while a thread is favoured, which only {@link #acquire} ends. */
    @Override
    public boolean tryAcquire() {
        if (words.getIntAcquire(BIAS) != 0 || !super.tryAcquire()) return false;
        try {
            if (words.getIntAcquire(BIAS) == 0) return true;
        } catch (Throwable failure) {
            noteLost();
            throw failure;
        }
        super.release();
        return false;
    }

    @Override
    public Outcome acquire(Wait wait) {
        Outcome outcome = super.acquire(wait);
        if (outcome != Outcome.ACQUIRED && outcome != Outcome.ACQUIRED_FROM_DEAD_OWNER) return outcome;
        try {
            if (words.getIntAcquire(BIAS) == 0) return outcome;
        } catch (Throwable failure) { // a dead owner's log is not repaired: so the word is not given back
            noteLost();
            throw failure;
        }
        boolean taken = false;
        try {
            Outcome ended = endBias(wait);
            taken = ended.isAcquired();
            return taken && outcome == Outcome.ACQUIRED_FROM_DEAD_OWNER ? outcome : ended;
        } finally {
            // An owner that died with the lock word and left a bias was not publishing: nothing to repair is lost.
            if (!taken) super.release();
        }
    }

    /** Would pass the favoured thread by. The section takes no lock before this one. */
    @Override
    public Outcome acquireInside(Wait wait) {
        throw new UnsupportedOperationException("The publish lock is acquired by a thread that has no other lock");
    }

    /** Under the lock word, so on the carrier. If this acquires, the favoured thread is outside or dead. */
    private Outcome endBias(Wait wait) {
        int asked = ask();
        int bias = asked & ~ASKED;
        int owner = owner(bias);
        int incarnation = incarnation(bias);
        boolean dead = isNobody(owner);
        if (!dead && !hasPassedAFence(bias, asked, wait) && !liveness.isDeadLockOwner(owner, incarnation))
            return Outcome.TIMED_OUT;
        for (int look = 0; !dead; look++) {
            int value = words.getIntAcquire(handles.insideAt(owner));
            if (value == 0) {
                // Stored by that very process, or cleared by the next one with its handle? See Handles.open.
                dead = isOfAnother(owner, bias);
                break;
            }
            if (look < SPINS) {
                Thread.onSpinWait();
                continue;
            }
            Futex.Outcome slept = Futex.Outcome.TIMED_OUT;
            if (wait.mayBlock)
                slept = futex.await(
                        words.address + handles.insideAt(owner), value, Carrier.atMost(wait.slice(SLICE_NANOS)));
            Wait.Ended ended = wait.mayBlock ? wait.ended() : Wait.Ended.TIMED_OUT;
            if (slept == Futex.Outcome.TIMED_OUT || ended == Wait.Ended.TIMED_OUT)
                dead = liveness.isDeadLockOwner(owner, incarnation);
            if (dead) break;
            if (ended != null) return Outcome.of(ended);
            wait.goesOn(this);
            Carrier.release();
        }
        words.putIntRelease(BIAS, 0);
        return dead ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.ACQUIRED;
    }

    private boolean isNobody(int owner) {
        return owner < 0 || owner >= handles.count();
    }

    private boolean isOfAnother(int owner, int bias) {
        return Liveness.lockIncarnation(handles.incarnation(owner)) != incarnation(bias);
    }

    /** The bias as it was; from now on it is asked for. */
    private int ask() {
        int bias = words.getIntAcquire(BIAS);
        if ((bias & ASKED) == 0) words.putIntRelease(BIAS, bias | ASKED);
        return bias;
    }

    private void askAndAwaitFence() {
        ask();
        if (!membarrier.everywhere()) Membarrier.outlastStoreBuffers();
    }

    /**
     * Has the favoured thread passed a fence since it was asked? Where membarrier is denied time
     * does it, see {@link Membarrier#outlastStoreBuffers}. A caller that may not wait leaves ASKED
     * set, and the time passes between its calls. The same bias at the same count is the one that
     * it asked for: no thread is favoured again before a message is published.
     */
    private boolean hasPassedAFence(int bias, int asked, Wait wait) {
        if (membarrier.everywhere()) return true;
        if (wait.mayBlock) {
            Membarrier.outlastStoreBuffers();
            return true;
        }
        long count = words.getLongAcquire(SegmentHeader.COUNT);
        long now = System.nanoTime();
        if ((asked & ASKED) == 0 || askedOf != bias || askedAtCount != count) {
            askedOf = bias;
            askedAtCount = count;
            askedSince = now;
        }
        return now - askedSince >= Membarrier.STORE_BUFFER_NANOS;
    }

    @Override
    public boolean release() {
        if (!inside) return super.release();
        inside = false;
        goOut();
        return false;
    }

    /**
     * As {@link #release}. A thread that has published so often enough, while no other thread wanted
     * the lock, is favoured from now on.
     */
    public void releaseAfterPublish() {
        if (inside) {
            release();
            return;
        }
        Thread current = Thread.currentThread();
        if (last != current) {
            last = current;
            streak = 0;
        }
        if (++streak > patience && mayFavour(current)) {
            streak = 0;
            favoured = current;
            biased = true;
            words.putIntRelease(BIAS, mine); // before the lock word, which a sleeper reads together with this one
        }
        if (super.release()) streak = 0;
    }

    private boolean mayFavour(Thread current) {
        return Handshake.mayGoWithoutFence(membarrier)
                && (favoured == null || favoured == current || !favoured.isAlive());
    }

    /**
     * A thread that had to wake sleepers has no use for a way in without a fence: it costs each sleeper a system call.
     * Outside of the lock. Another thread may be favoured meanwhile and has to earn that again: no harm.
     */
    public void forgoBias() {
        streak = 0;
        if (biased && favoured == Thread.currentThread()) endOwnBias();
    }

    /**
     * Takes the bias from this handle's favoured thread, if that is outside. From now on each
     * thread that wants in takes the lock word.
     */
    public void endOwnBias() {
        if (!isBiasMine()) return;
        boolean asked = (words.getIntAcquire(BIAS) & ASKED) != 0;
        if (asked && words.getIntAcquire(insideAt) != 0 || !super.tryAcquire()) return;
        try {
            if (!isBiasMine()) return;
            if (favoured == Thread.currentThread() && !inside) biased = false; // inside it needs it on its way out
            else askAndAwaitFence();
            if (words.getIntAcquire(insideAt) == 0) words.putIntRelease(BIAS, 0);
        } finally {
            try {
                super.release();
            } catch (Throwable failure) { // at the end of the stack it has not even begun
                lost = true;
                throw failure;
            }
        }
    }

    private boolean isBiasMine() {
        return (words.getIntAcquire(BIAS) & ~ASKED) == mine;
    }

    @Override
    public boolean takeOverFromPredecessor() {
        boolean held = super.takeOverFromPredecessor();
        if (words.getIntAcquire(BIAS) == 0) return held;
        // The process that a bias names by our number is dead, for we hold its byte. The word's holder finds that out.
        if (!held && !(isOfOurNumber() && super.tryAcquire())) return false;
        if (words.getIntAcquire(BIAS) == 0) return true;
        if (isOfOurNumber()) {
            words.putIntRelease(BIAS, 0);
            return true;
        }
        super.release(); // the predecessor died asking, and had not begun to publish
        return false;
    }

    private boolean isOfOurNumber() {
        return owner(words.getIntAcquire(BIAS)) == owner(mine);
    }

    @Override
    public boolean isHeldByDead() {
        if (super.isHeldByDead()) return true;
        int bias = words.getIntAcquire(BIAS) & ~ASKED;
        if (bias == 0) return false;
        int owner = owner(bias);
        boolean dead = isNobody(owner)
                || (words.getIntAcquire(handles.insideAt(owner)) == 0
                        ? isOfAnother(owner, bias)
                        : liveness.isDeadLockOwner(owner, incarnation(bias)));
        return dead && (words.getIntAcquire(BIAS) & ~ASKED) == bias; // a living owner ends it, then leaves
    }

    @Override
    public boolean isHeldByThisHandle() {
        return super.isHeldByThisHandle() || isBiasMine();
    }

    /** A thread that is inside by its own way comes first: it is the one that others wait for. */
    @Override
    public int ownerHandle(Handles handles) {
        int favoured = owner(words.getIntAcquire(BIAS));
        boolean inside = !isNobody(favoured) && words.getIntAcquire(handles.insideAt(favoured)) != 0;
        return inside ? favoured : super.ownerHandle(handles);
    }
}
