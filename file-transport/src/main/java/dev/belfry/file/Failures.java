package dev.belfry.file;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.Users;

/** Turns the kernel's errors and damaged files into the user's words. */
final class Failures {
    private static final String OTHER = "BELFRY-100";
    private static final LibC C = RealLibC.load();

    private Failures() {}

    static MessageQueueException of(PosixException e, String uri) {
        String what = "'" + uri + "': " + e.getMessage() + ". ";
        return switch (e.errno) {
            case Errno.ENOSPC, Errno.EDQUOT ->
                new InsufficientResourcesException(
                        what + "Make room on that disk, in bytes (df) or inodes (df -i), and open it again.", e);
            case Errno.EMFILE, Errno.ENFILE ->
                new InsufficientResourcesException(what + "Raise ulimit -n, or close queues.", e);
            case Errno.EACCES, Errno.EPERM ->
                new QueueAccessDeniedException(
                        what + "A process must be able to read and write the directory and its files; this one is "
                                + Users.describe(C, C.geteuid()) + ".",
                        e);
            case Errno.EROFS -> new QueueAccessDeniedException(what + "Mount it for writing.", e);
            case Errno.ENOTDIR -> new MessageQueueException(OTHER, what + "It must be a directory, or nothing yet.", e);
            case Errno.ELOOP -> new MessageQueueException(OTHER, what + "A file of a queue is no symbolic link.", e);
            case Errno.ENAMETOOLONG -> new MessageQueueException(OTHER, what + "Choose a shorter path.", e);
            case Errno.EIO ->
                new MessageQueueException(
                        OTHER, what + "The disk has failed: check it before you open the queue again.", e);
            default -> new MessageQueueException(OTHER, what.strip(), e);
        };
    }

    static MessageQueueException of(RuntimeException refused, String uri) {
        return refused instanceof PosixException e ? of(e, uri) : of((DamagedFileException) refused, uri);
    }

    static QueueCorruptedException of(DamagedFileException damaged, String uri) {
        return new QueueCorruptedException(
                "'" + uri + "' is damaged: " + damaged.getMessage()
                        + ". Its log is as it was. Put back a copy of the directory, or open another one.",
                damaged);
    }
}
