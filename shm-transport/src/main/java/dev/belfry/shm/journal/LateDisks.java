package dev.belfry.shm.journal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The disks on which a step of this process is late: it has not ended in its time. As long as that is so, nobody waits
 * that long for the same disk.
 */
final class LateDisks {
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Set<Step> LATE = ConcurrentHashMap.newKeySet();

    private LateDisks() {}

    private static final class Step implements Runnable {
        final long device;
        private final Runnable step;
        volatile boolean isOver;

        Step(long device, Runnable step) {
            this.device = device;
            this.step = step;
        }

        @Override
        public void run() {
            try {
                step.run();
            } finally {
                isOver = true; // before it: who adds it later sees that, and removes it itself
                LATE.remove(this);
            }
        }
    }

    /** As {@link LogFiles#within}. */
    static boolean within(LogFiles files, long device, long nanos, Runnable work) {
        Step step = new Step(device, work);
        boolean isLate = LATE.stream().anyMatch(each -> each.device == device);
        if (files.within(isLate ? AGAIN_NANOS : nanos, step)) return true;
        LATE.add(step);
        if (step.isOver) LATE.remove(step);
        return false;
    }
}
