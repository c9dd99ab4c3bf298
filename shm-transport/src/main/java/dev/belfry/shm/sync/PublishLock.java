package dev.belfry.shm.sync;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.Membarrier;

/**
 * The publish lock, biased: a thread that has had it to itself for long is given a way in of its
 * own, without an atomic or a fence, until somebody else asks.
 *
 * <pre>
 *   favoured thread                           whoever else wants the lock
 *     inside = 1                                take the lock word
 *     compiler fence                            bias |= ASKED
 *     is the bias mine? no: inside = 0          membarrier: a full fence here and in every running thread of a registered process
 *     publish                                   wait until the favoured one's inside = 0, or it is dead
 *     inside = 0                                bias = 0: the lock is ours
 *     compiler fence
 *     is the bias mine? no: wake who waits
 * </pre>
 *
 * The favoured thread passes the fence that is asked of it before its look at the bias or behind
 * it. Before: the look finds ASKED. Behind: the store of {@code inside}, in front of the look, is
 * seen by who asked, and is waited for. On the way out the same two orders decide who sees whom: it
 * finds ASKED and wakes, or is seen gone.
 *
 * <p>Words: {@code bias}, beside the lock word, says whose; only the holder of the lock word writes
 * it, so whoever dies between asking and taking leaves ASKED to the next, which waits again. {@code
 * inside} is in each handle's own entry, written by it alone. A bias is given under the lock, and
 * the lock word is given back behind it: while both are 0 nobody is inside, and nobody comes in
 * without an atomic.
 *
 * <p>One thread of a handle, for as long as that thread lives: {@code inside} has one writer.
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
    private final SharedBytes.Raw raw;
    private final long insideAddress;
    private final long biasAddress;

    // Written under the lock; whoever reads itself here outside has written it.
    private Thread favoured;

    // The favoured thread's alone. That it is inside is read under the lock as well, when it is not.
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

    /** {@code handle} -1: to look at only. */
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

    /** False: this thread is not favoured, or not any more. */
    public boolean enter() {
        if (favoured != Thread.currentThread() || !biased) return false;
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
            hasLostIt();
            throw failure;
        }
    }

    /** Did the last release pass a full fence? */
    public boolean hasFenced() {
        return RELEASE_FENCES && !biased;
    }

    // Everybody's way

    /** One compare-and-set; false also where somebody is favoured, which takes {@link #acquire} to end. */
    @Override
    public boolean tryAcquire() {
        if (words.getIntAcquire(BIAS) != 0 || !super.tryAcquire()) return false;
        if (words.getIntAcquire(BIAS) == 0) return true;
        super.release();
        return false;
    }

    @Override
    public Outcome acquire(Wait wait) {
        Outcome outcome = super.acquire(wait);
        if (!outcome.isAcquired() || words.getIntAcquire(BIAS) == 0) return outcome;
        boolean taken = false;
        try {
            Outcome ended = endBias(wait);
            taken = ended.isAcquired();
            return taken && outcome == Outcome.ACQUIRED_FROM_DEAD_OWNER ? outcome : ended;
        } finally {
            // Who died with the lock word and left a bias was not publishing: nothing to repair is forgotten here.
            if (!taken) super.release();
        }
    }

    /** Under the lock word. Whoever was favoured is out, or dead, if this acquires. */
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
                // Of that very process, or cleared by the next one with its handle? See Handles.open.
                dead = isOfAnother(owner, bias);
                break;
            }
            if (look < SPINS) {
                Thread.onSpinWait();
                continue;
            }
            Futex.Outcome slept = Futex.Outcome.TIMED_OUT;
            if (wait.mayBlock())
                slept = futex.await(words.address() + handles.insideAt(owner), value, wait.slice(SLICE_NANOS));
            Wait.Ended ended = wait.mayBlock() ? wait.state() : Wait.Ended.TIMED_OUT;
            if (slept == Futex.Outcome.TIMED_OUT || ended == Wait.Ended.TIMED_OUT)
                dead = liveness.isDeadLockOwner(owner, incarnation);
            if (dead) break;
            switch (ended) {
                case CLOSED -> {
                    return Outcome.CLOSED;
                }
                case INTERRUPTED -> {
                    return Outcome.INTERRUPTED;
                }
                case TIMED_OUT -> {
                    return Outcome.TIMED_OUT;
                }
                case DONE -> {
                    wait.goesOn(this);
                    Wait.releaseCarrier();
                }
            }
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
     * behind, and the time passes between its calls. The same bias at the same count is the one
     * that it asked for: nobody is favoured again before somebody publishes.
     */
    private boolean hasPassedAFence(int bias, int asked, Wait wait) {
        if (membarrier.everywhere()) return true;
        if (wait.mayBlock()) {
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
     * As {@link #release}; a thread that has published so often enough, and nobody wanted the lock
     * meanwhile, is favoured from now on.
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
            words.putIntRelease(BIAS, mine); // before the lock word, which a sleeper looks at together with this one
        }
        if (super.release()) streak = 0;
    }

    private boolean mayFavour(Thread current) {
        return Handshake.mayGoWithoutFence(membarrier)
                && (favoured == null || favoured == current || !favoured.isAlive());
    }

    /**
     * Whoever had to wake somebody has no use for a way in without a fence: it costs those who go
     * to sleep a system call. Outside of the lock. Somebody else may be favoured meanwhile, and has
     * to earn it anew: no harm.
     */
    public void forgoBias() {
        streak = 0;
        if (biased && favoured == Thread.currentThread()) endOwnBias();
    }

    /**
     * Takes the bias from this handle's favoured thread, if that is outside. Whoever wants in from
     * now on takes the lock word.
     */
    public void endOwnBias() {
        if (!isBiasMine()) return;
        boolean asked = (words.getIntAcquire(BIAS) & ASKED) != 0;
        if (asked && words.getIntAcquire(insideAt) != 0 || !super.tryAcquire()) return;
        try {
            if (!isBiasMine()) return;
            if (favoured == Thread.currentThread()) biased = false; // so it is outside
            else askAndAwaitFence();
            if (words.getIntAcquire(insideAt) == 0) words.putIntRelease(BIAS, 0);
        } finally {
            super.release();
        }
    }

    private boolean isBiasMine() {
        return (words.getIntAcquire(BIAS) & ~ASKED) == mine;
    }

    @Override
    public boolean takeOverFromPredecessor() {
        boolean held = super.takeOverFromPredecessor();
        if (words.getIntAcquire(BIAS) == 0) return held;
        // Whoever a bias names by our number is dead, for we hold its byte. Who has the word meanwhile finds that out.
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

    /** Whoever is inside by its own way comes first: it is the one who is waited for. */
    @Override
    public int ownerHandle(Handles handles) {
        int favoured = owner(words.getIntAcquire(BIAS));
        boolean inside = !isNobody(favoured) && words.getIntAcquire(handles.insideAt(favoured)) != 0;
        return inside ? favoured : super.ownerHandle(handles);
    }
}
