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
    private static final Map<LogFiles, Long> LATE = new ConcurrentHashMap<>();

    private LateDisks() {}

    /** Waits as {@link LogFiles#within} does, for these files, which lie on this device. */
    static boolean within(LogFiles files, long device, long nanos, Runnable step) {
        boolean isLate = LATE.containsValue(device);
        if (files.within(isLate ? AGAIN_NANOS : Math.max(AGAIN_NANOS, nanos), step)) return true;
        LATE.put(files, device);
        return false;
    }

    /**
     * They are about to be closed, and no thread is in them. Not when the step ends: a close ends one that waits for
     * another thread, which is in the disk for longer.
     */
    static void letGo(LogFiles files) {
        LATE.remove(files);
    }
}
