package dev.belfry.shm.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What /proc tells about a process, for people only: in another namespace a number means nothing,
 * or another process.
 */
public final class Processes {
    private Processes() {}

    /** Stopped by a signal, traced, or frozen in a stopped state. */
    public static boolean isStopped(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'T' || state == 't';
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }
}
