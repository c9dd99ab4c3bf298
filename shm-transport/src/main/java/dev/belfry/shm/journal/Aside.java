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
        } catch (CancellationException neverBegun) {
            return; // the caller asks again
        } catch (InterruptedException never) {
            throw new AssertionError(never); // it is done
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

    /** Where no thread can be had this one makes it. A step that is not begun, as the stack ends here, is ended. */
    private void begin(FutureTask<Void> step) {
        boolean isBegun = false;
        try {
            files.begin(step);
            isBegun = true;
        } catch (OutOfMemoryError noThread) {
            step.run();
            isBegun = true;
        } finally {
            if (!isBegun) step.cancel(false);
        }
    }
}
