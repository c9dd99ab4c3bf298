package dev.belfry.jakarta.domain;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** The member's own thread: once a slice it does what nobody else is there to do. */
final class Daemon {
    /** Records of a slice. */
    private static final int FEW = 1_000;

    private static final long LOOK_NANOS = 5_000_000_000L;

    private final Domain domain;
    final Thread thread;
    final List<Runnable> idle = new CopyOnWriteArrayList<>(); // each runs once a slice
    private long newestBefore;
    private long looked = System.nanoTime();
    private volatile boolean closed;

    Daemon(Domain domain) {
        this.domain = domain;
        thread = new Thread(this::slices, "belfry-" + domain.name);
        thread.setDaemon(true);
    }

    void end() {
        closed = true;
        wake();
    }

    /** The next slice begins now. */
    void wake() {
        LockSupport.unpark(thread);
    }

    private void slices() {
        while (!closed && !domain.hasToldOfFailure()) {
            try {
                LockSupport.parkNanos(this, domain.pump.slice());
                if (closed) return;
                if (domain.hasFailed()) domain.tellOfSpoiled();
                else slice();
            } catch (NoRoomException full) {
                continue; // in the next slice
            } catch (Throwable e) {
                if (!closed) failed(e);
            }
        }
    }

    private void failed(Throwable e) {
        try {
            if (e instanceof Error error && !LateFault.is(e)) domain.spoil(error);
            else domain.fail(e instanceof RuntimeException known ? known : LateFault.of((InternalError) e));
        } catch (Error again) {
            domain.spoil(again); // and told in the next slice
        }
    }

    /**
     * For consumers that take, and to make room; and where little comes, to notice who is dead. In much traffic
     * a member that needs no more would fold what all others tell.
     */
    private boolean isToFold() {
        long newest = domain.log.newest();
        boolean isQuiet = newest - newestBefore <= FEW;
        newestBefore = newest;
        return isQuiet
                || !domain.consumers.isEmpty()
                || domain.roomMaker.mayBeShort() && domain.roomMaker.isShort() && !domain.roomMaker.isLeftToOthers();
    }

    private void slice() {
        if (System.nanoTime() - looked > LOOK_NANOS) {
            looked = System.nanoTime();
            domain.failIfDeleted();
        }
        domain.tellSkipped();
        for (Runnable task : idle) task.run();
        for (LocalConsumer one : domain.consumers) domain.giveBackIfStale(one);
        for (TopicReader one : domain.readers) one.tell();
        domain.holdings.tellOfOrphans();
        domain.membership.attachAgain();
        if (!domain.foldLock.tryLock()) return; // another thread is at it
        try {
            if (!domain.hasFolded() || !isToFold()) return;
            if (!domain.pump.isLed()) domain.pump.turn(); // else its leader does, as often
            domain.membership.leaveDead();
        } finally {
            domain.foldLock.unlock();
        }
    }
}
