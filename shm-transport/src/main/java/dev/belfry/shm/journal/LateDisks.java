package dev.belfry.shm.journal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The disks on which a step of this process is late: it has not ended in its time, and a thread is still in the files
 * for it or for what it waited for. As long as that is so, nobody waits that long for the same disk.
 */
final class LateDisks {
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The device of each that a thread may still be in. */
    private static final Map<Leader, Long> LATE = new ConcurrentHashMap<>();

    private LateDisks() {}

    /**
     * Waits as {@link LogFiles#within} does. {@code began}: a call of nanoTime. Since then the caller has waited for
     * the same disk, if no step of it has ended: that counts.
     */
    static boolean within(Leader leader, long device, long began, long nanos, Runnable step) {
        long left = leader.standsSince(began) ? nanos - (System.nanoTime() - began) : nanos;
        boolean isLate = LATE.containsValue(device);
        if (leader.files.within(isLate ? AGAIN_NANOS : Math.max(AGAIN_NANOS, left), step)) return true;
        LATE.put(leader, device);
        return false;
    }

    /**
     * It is closed, and no thread is in its files. Not when the step ends: a close ends one that waits for another
     * thread, which is in the disk for longer.
     */
    static void letGo(Leader leader) {
        LATE.remove(leader);
    }
}
