package dev.belfry.shm;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Window;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher's one claim: whose it is, and whether anybody can still commit it. All but the watch's part is done by who holds the publish lock.
 *
 * <p>The claim object is used again, so that a claim allocates nothing. But of one that stays open for long the watch leaves the only reference to its user, so that
 * one that is forgotten becomes unreachable and can be given up. No reference is stored for each claim: collectors have it cost a fence.
 */
final class ClaimInHand {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimInHand.class);
    private static final int WARN_AFTER_LOOKS = 2;

    private final ShmPublisher publisher;
    private final Claimants claimants; // null: nobody else is to know, an exclusive publisher's lock is never free
    private final AtomicLong open = new AtomicLong(); // its number, 0 if none; stored last
    private long number;
    private Thread claimant; // of the claim in hand or the one before
    private ShmClaim again; // null: its user has the only reference
    private WeakReference<ShmClaim> handedOut = new WeakReference<>(null);
    private SharedBytes bytes;
    private Window window;

    // The watch's own.
    private long watched;
    private int looks;

    ClaimInHand(ShmPublisher publisher, Claimants claimants) {
        this.publisher = publisher;
        this.claimants = claimants;
    }

    ShmClaim open(SharedBytes in, long index, int length) {
        if (bytes != in) {
            window = new Window(in, false);
            bytes = in;
        }
        ShmClaim claim = again;
        if (claim == null) {
            again = claim = new ShmClaim(publisher, this);
            handedOut = new WeakReference<>(claim);
        }
        Thread current = Thread.currentThread();
        if (claimant != current) claimant = current;
        // Whose it is before that it is open: who is late with its own claim, which was this object, finds the other.
        VarHandle.releaseFence();
        claim.open(window.at(index, length), length);
        if (claimants != null) claimants.begin(current);
        open.lazySet(++number); // the watch then sees the rest
        return claim;
    }

    void end() {
        open.lazySet(0);
        if (claimants != null) claimants.end();
    }

    /**
     * False: this thread has no open claim, or somebody else has ended it and given the lock back. The number is read before the claimant, and that very claim is ended: one that
     * another thread opens in between has another number.
     */
    boolean endIfMine() {
        long now = open.get();
        return isClaimant() && endIf(now);
    }

    private boolean endIf(long number) {
        if (number == 0 || !open.compareAndSet(number, 0)) return false;
        if (claimants != null) claimants.end();
        return true;
    }

    boolean isOpen() {
        return open.get() != 0;
    }

    boolean isClaimant() {
        return claimant == Thread.currentThread();
    }

    String claimantName() {
        Thread thread = claimant;
        return thread == null ? "?" : thread.getName();
    }

    /** On this queue, through whichever handle of this JVM. */
    boolean isHeldSomewhereByThisThread() {
        return claimants != null && claimants.isCurrentThread();
    }

    /** For the watch: why nobody can commit it any more, because its thread has ended or it was forgotten; then it is ended here, once. Null: it is well. */
    String lostAfterALook(String queue) {
        long now = open.get();
        if (now != watched || now == 0) {
            watched = now;
            looks = 0;
            return null;
        }
        again = null; // whoever has opened another meanwhile makes a new one, once
        Thread thread = claimant;
        if (thread == null) return null;
        boolean forgotten = handedOut.get() == null;
        if (forgotten || !thread.isAlive()) {
            String why =
                    "a claim of thread '" + thread.getName() + "', which " + (forgotten ? "forgot it" : "has ended");
            return endIf(now) ? why : null;
        }
        if (++looks == WARN_AFTER_LOOKS)
            LOG.warn(
                    "{}: thread '{}' holds a claim for a second: all other publishers wait for it",
                    queue,
                    thread.getName());
        return null;
    }
}
