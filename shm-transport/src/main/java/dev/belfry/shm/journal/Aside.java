package dev.belfry.shm.journal;

import dev.belfry.shm.sync.EventCount;
import dev.belfry.shm.sync.Wait;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One kind of step of the disk, for callers whose wait has an end. A thread of its own makes it: a disk that hangs
 * holds that thread, and none of them. One step at a time: a caller that finds one under way waits for that one.
 */
final class Aside {
    private final LogFiles files;
    private final EventCount ended;
    private final AtomicReference<FutureTask<Void>> underWay = new AtomicReference<>();

    /** {@code ended}: told of each end. */
    Aside(LogFiles files, EventCount ended) {
        this.files = files;
        this.ended = ended;
    }

    /** Returns when it has ended, or, once {@code isOver}, before. Throws what the step throws. */
    void await(Runnable step, BooleanSupplier isOver, Supplier<Wait> slice) {
        FutureTask<Void> awaited = joins(step);
        while (!awaited.isDone()) {
            if (isOver.getAsBoolean()) return;
            ended.awaitOnce(awaited::isDone, slice.get());
        }
        try {
            awaited.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) throw error;
            throw (RuntimeException) failed.getCause();
        } catch (InterruptedException | CancellationException neither) {
            throw new AssertionError(neither); // it is done, and nobody cancels it
        }
    }

    private FutureTask<Void> joins(Runnable step) {
        FutureTask<Void> mine = new FutureTask<>(step, null) {
            @Override
            protected void done() {
                ended.wake();
            }
        };
        while (true) {
            FutureTask<Void> there = underWay.get();
            if (there != null && !there.isDone()) return there;
            if (!underWay.compareAndSet(there, mine)) continue;
            begin(mine);
            return mine;
        }
    }

    /** Where no thread can be had this one makes it. */
    private void begin(FutureTask<Void> step) {
        try {
            files.begin(step);
        } catch (OutOfMemoryError noThread) {
            step.run();
        }
    }
}
