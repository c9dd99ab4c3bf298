package dev.belfry.mem;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.InsideMany;
import dev.belfry.spi.SharedSleep;
import dev.belfry.spi.Waitable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One thread's sleep for many subscribers: it stands among the sleepers of each queue's monitor. While it sleeps it is
 * inside each of them, so that one that is closed is released by it.
 */
final class MemSharedSleep implements SharedSleep {
    /** A subscriber of this transport, as the thread that sleeps for many needs it. */
    interface Own extends Waitable {
        /** The thread is inside from now on. False: the next call that reads says why not. */
        boolean beginsSleep();

        /** False: a change wakes {@code sleeper}, if it is not null. */
        boolean mayProceed(MemMonitor.Sleeper sleeper);

        void endsSleep(MemMonitor.Sleeper sleeper);
    }

    private volatile List<Own> members = List.of(); // copied at each change; changed under this
    private final InsideMany<Own> inside = new InsideMany<>(() -> members);
    private volatile MemMonitor.Sleeper sleeper; // null: no thread sleeps
    private volatile boolean woken;

    @Override
    public synchronized boolean add(Waitable subscriber) {
        if (!(subscriber instanceof Own added)) return false;
        List<Own> more = new ArrayList<>(members);
        more.add(added);
        members = more;
        return true;
    }

    @Override
    public void remove(Waitable subscriber) {
        synchronized (this) {
            List<Own> fewer = new ArrayList<>(members);
            if (!fewer.remove(subscriber)) return;
            members = fewer;
        }
        wake();
        inside.awaitOutside(each -> each == subscriber);
    }

    /** The reason is stored first, here and by the caller: the thread checks for it after it has stored its sleeper. */
    @Override
    public void wake() {
        woken = true;
        MemMonitor.Sleeper asleep = sleeper;
        if (asleep != null) asleep.wake();
    }

    @Override
    public void await(long deadlineNanos, Consumer<? super Waitable> ready) {
        MemMonitor.Sleeper me = sleeper = new MemMonitor.Sleeper();
        List<Own> entered = new ArrayList<>();
        try {
            List<Own> all = inside.begins();
            boolean refused = false;
            for (Own each : all)
                if (each.beginsSleep()) entered.add(each);
                else {
                    refused = true;
                    ready.accept(each);
                }
            if (deadlineNanos == Deadlines.PAST || refused) tell(entered, each -> each.mayProceed(null), ready);
            else sleep(entered, deadlineNanos, me, ready);
        } finally {
            ends(entered, me);
        }
    }

    private void sleep(List<Own> all, long deadlineNanos, MemMonitor.Sleeper me, Consumer<? super Waitable> ready) {
        while (!tell(all, each -> each.mayProceed(me), ready)) {
            long left = Deadlines.remaining(deadlineNanos);
            if (left <= 0 || woken || Thread.currentThread().isInterrupted()) return;
            LockSupport.parkNanos(this, left);
        }
    }

    private static boolean tell(List<Own> all, Predicate<Own> mayProceed, Consumer<? super Waitable> ready) {
        boolean told = false;
        for (Own each : all)
            if (mayProceed.test(each)) {
                told = true;
                ready.accept(each);
            }
        return told;
    }

    private void ends(List<Own> entered, MemMonitor.Sleeper me) {
        sleeper = null;
        woken = false; // the reason was stored before it, and the caller checks for that next
        inside.ends(entered, each -> each.endsSleep(me));
    }
}
