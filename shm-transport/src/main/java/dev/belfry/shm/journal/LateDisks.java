package dev.belfry.shm.journal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The disks on which a step of this process is late: it has not ended in its time, and a thread is still in the files
 * for it or for what it waited for. As long as that is so, nobody waits that long for the same disk.
 */
final class LateDisks {
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Set<Late> LATE = ConcurrentHashMap.newKeySet();

    private LateDisks() {}

    private record Late(long device, Leader leader) {}

    /** Waits as {@link LogFiles#within} does. */
    static boolean within(Leader leader, long device, long nanos, Runnable step) {
        // Not when the step ends: a close ends one that waits for another thread, which is in the disk for longer.
        LATE.removeIf(late -> !late.leader.isInFiles());
        boolean isLate = LATE.stream().anyMatch(late -> late.device == device);
        if (leader.files.within(isLate ? AGAIN_NANOS : nanos, step)) return true;
        LATE.add(new Late(device, leader));
        return false;
    }
}
