package dev.belfry.file;

import dev.belfry.shm.LivePart;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.spi.Proc;
import dev.belfry.spi.ProgramName;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A queue that processes have open, and that nobody can use here: a cleaner has removed its live part from /dev/shm,
 * they are in another container, or its disk has failed. The lock on its files tells that they have it open.
 */
record Unseen(String what, String remedy) {
    private static final int LOOKS = 4;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Null: there is none. An opening or a close resembles one for a moment. */
    static Unseen of(LogDirectory files) {
        for (int look = 0; look < LOOKS; look++) {
            if (files.locks.probe(LogDirectory.USE) == ByteRangeLock.Holder.NOBODY) return null;
            if (Door.openPart(files) != null) return null;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        List<Long> users = users(files);
        String kill = users.size() == 1 && ProgramName.isDebugged(users.get(0)) ? "kill -KILL " : "kill ";
        return new Unseen(
                who(users)
                        + " have it open, and their part of it in /dev/shm is not here: it was removed, or they have another"
                        + " /dev/shm. They go on with each other, and a process that opens it here is refused",
                "Close it there" + (users.size() == 1 ? ", or end that process ('" + kill + users.get(0) + "')" : "")
                        + ": the next opening goes on from its files. Containers of one queue share /dev/shm.");
    }

    /**
     * A queue whose disk has failed, so that it has ended for all; null: it has not. Its part in shared memory knows
     * it, also after the handles of all processes have let go of that, and as long as one has the files open.
     */
    static Unseen ended(LogDirectory files) {
        if (files.locks.probe(LogDirectory.USE) == ByteRangeLock.Holder.NOBODY) return null; // it is to be opened again
        String why = LivePart.find(Door.name(files), Door.prefix(files)).stream()
                .filter(LivePart.There::isIt)
                .map(LivePart::failure)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (why == null) return null;
        return new Unseen(
                "a read, write or sync in " + files.path() + " failed, so it has ended for all processes: " + why,
                "See to the disk, close the queue in all processes (" + who(users(files)) + "), and open it again.");
    }

    private static String who(List<Long> users) {
        if (users.isEmpty()) return "processes that this one does not see";
        return users.stream().map(ProgramName::withPid).collect(Collectors.joining(", "));
    }

    /** Those that have it open, as far as this user may see it. */
    private static List<Long> users(LogDirectory files) {
        String queue = files.path() + "/" + LogDirectory.QUEUE;
        return Proc.pids().stream()
                .filter(pid -> pid != ProcessHandle.current().pid())
                .filter(pid -> Proc.of(pid).descriptors().stream()
                        .anyMatch(each -> Proc.target(each).equals(queue)))
                .toList();
    }
}
