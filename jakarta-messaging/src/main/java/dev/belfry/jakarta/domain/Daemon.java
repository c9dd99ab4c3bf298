package dev.belfry.jakarta.domain;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** The member's own thread: once a slice it does what nobody else is there to do. */
final class Daemon {
    private final Domain domain;
    private final Thread thread;
    private final List<Runnable> idle = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    Daemon(Domain domain) {
        this.domain = domain;
        thread = new Thread(this::slices, "belfry-" + domain.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void end() {
        closed = true;
        LockSupport.unpark(thread);
    }

    /** Runs once a slice. */
    void add(Runnable task) {
        idle.add(task);
    }

    void remove(Runnable task) {
        idle.remove(task);
    }

    private void slices() {
        while (!closed && !domain.hasFailed()) {
            try {
                LockSupport.parkNanos(this, domain.pump().slice());
                if (!closed) slice();
            } catch (NoRoomException full) {
                continue; // in the next slice
            } catch (RuntimeException e) {
                if (!closed) domain.fail(e);
            } catch (InternalError e) {
                if (!closed) domain.fail(LateFault.of(e));
            }
        }
    }

    private void slice() {
        domain.tellSkipped();
        for (Runnable task : idle) task.run();
        for (LocalConsumer one : domain.consumers()) domain.holdings().giveBack(one.drainIfStale(), 0, false);
        domain.holdings().tellOfOrphans();
        domain.membership().attachAgain();
        if (!domain.fold.tryLock()) return; // somebody else is at it
        try {
            if (!domain.hasFolded()) return;
            if (!domain.pump().isLed()) domain.pump().turn(); // else its leader does, as often
            domain.membership().leaveDead();
        } finally {
            domain.fold.unlock();
        }
    }
}
