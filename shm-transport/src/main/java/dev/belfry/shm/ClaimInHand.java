package dev.belfry.shm;

import dev.belfry.shm.layout.SharedBytes;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher's one claim: whose it is, and whether anybody can still commit it. All but the watch's part is done by who holds the publish lock.
 *
 * <p>The claim object is used again, so that a claim allocates nothing; but while it is open only its user holds it, so that one that is forgotten becomes
 * unreachable and can be given up.
 */
final class ClaimInHand {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimInHand.class);
    private static final int WARN_AFTER_LOOKS = 2;

    private final ShmPublisher publisher;
    private final Claimants claimants;
    private final AtomicLong open = new AtomicLong(); // its number, 0 if none; stored last
    private long number;
    private Thread claimant;
    private ShmClaim idle;
    private WeakReference<ShmClaim> handedOut = new WeakReference<>(null);
    private SharedBytes bytes;
    private SharedBytes.Window window;

    // The watch's own.
    private long watched;
    private int looks;

    ClaimInHand(ShmPublisher publisher, Claimants claimants) {
        this.publisher = publisher;
        this.claimants = claimants;
    }

    ShmClaim open(SharedBytes in, long index, int length) {
        if (bytes != in) {
            window = in.window(false);
            bytes = in;
        }
        ShmClaim claim = idle;
        if (claim == null) {
            claim = new ShmClaim(publisher, this);
            handedOut = new WeakReference<>(claim);
        }
        idle = null;
        claim.open(window.at(index, length), length);
        claimant = Thread.currentThread();
        claimants.begin(claimant);
        open.lazySet(++number); // the watch then sees the rest
        return claim;
    }

    void end() {
        open.lazySet(0);
        claimant = null;
        claimants.end();
        idle = handedOut.get();
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
        return claimants.isCurrentThread();
    }

    /** For the watch: true if nobody can commit it any more, because its thread has ended or it was forgotten; then it is ended here, once. */
    boolean isLostAfterALook(String queue) {
        long now = open.get();
        if (now != watched || now == 0) {
            watched = now;
            looks = 0;
            return false;
        }
        Thread thread = claimant;
        if (thread == null) return false;
        boolean forgotten = handedOut.get() == null;
        if (forgotten || !thread.isAlive()) {
            if (!open.compareAndSet(now, 0)) return false;
            LOG.warn(
                    "{}: gave up a claim of thread '{}', which {}",
                    queue,
                    thread.getName(),
                    forgotten ? "forgot it" : "has ended");
            handedOut.clear();
            end();
            return true;
        }
        if (++looks == WARN_AFTER_LOOKS)
            LOG.warn(
                    "{}: thread '{}' holds a claim for a second: all other publishers wait for it",
                    queue,
                    thread.getName());
        return false;
    }
}
