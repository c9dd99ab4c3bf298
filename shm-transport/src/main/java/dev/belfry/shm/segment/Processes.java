package dev.belfry.shm.segment;

import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.spi.Proc;
import dev.belfry.spi.ProgramName;

/**
 * Facts about a process, for people only: in another namespace a number means nothing,
 * or another process. So nothing is told of a process that is not seen to have the queue.
 */
public final class Processes {
    private Processes() {}

    /** Stopped by a signal, traced, or frozen in a stopped state. */
    public static boolean isStopped(int pid, Segment segment) {
        return ProgramName.isStopped(pid) && isHere(pid, segment);
    }

    /** Has the process that is called so here mapped this queue? False also where that may not be asked. */
    public static boolean isHere(int pid, Segment segment) {
        try {
            String inode = Long.toString(segment.object.status().inode());
            return Proc.of(pid).lines("maps").anyMatch(mapping -> isOf(mapping, inode));
        } catch (RuntimeException closed) {
            return false;
        }
    }

    /** Range, mode, offset, device, inode, path: not the name of today, where it was created without one. */
    private static boolean isOf(String mapping, String inode) {
        String[] words = mapping.split("\\s+", 6);
        return words.length == 6 && words[4].equals(inode) && words[5].startsWith(SharedMemory.DIRECTORY);
    }

    /** For a command that a person is to run: no number that is another process's here. */
    public static String numberHere(int pid, Segment segment) {
        return isHere(pid, segment) ? Integer.toString(pid) : "PID";
    }
}
