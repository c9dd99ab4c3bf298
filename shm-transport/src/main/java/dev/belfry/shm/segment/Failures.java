package dev.belfry.shm.segment;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.MemoryGroup;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;

/** Turns the kernel's errors into the user's words: the cause keeps the call and its errno. */
public final class Failures {
    private static final String OTHER = "BELFRY-100";

    private Failures() {}

    /** A message that only a later release can read. */
    public static IncompatibleVersionException of(NewerRecordException newer, String uri) {
        return new IncompatibleVersionException(
                "'" + uri + "': message " + newer.position + " needs a newer library, for its flags "
                        + Integer.toHexString(newer.flags) + ". Upgrade; or pass over it: seek(StartAt.at("
                        + (newer.position + 1) + ")) or, of a named subscription, 'belfry skip'.",
                newer.position);
    }

    /** The same of a domain, in whose log nothing can be passed over. */
    public static IncompatibleVersionException ofDomain(NewerRecordException newer, String uri) {
        return new IncompatibleVersionException("Domain '" + uri
                + "' has a record that a newer version wrote, at position " + newer.position + ": its flags are "
                + Integer.toHexString(newer.flags) + ". Upgrade this program.");
    }

    /** {@code object} may be null if there is none yet. */
    public static MessageQueueException of(PosixException e, String queue, SharedMemory object) {
        return ofAllocation(e, SegmentHeader.SIZE, queue, object);
    }

    /** {@code object}: any that is open in the same directory, or null. */
    public static MessageQueueException ofAllocation(PosixException e, long bytes, String queue, SharedMemory object) {
        return switch (e.errno) {
            case Errno.ENOSPC, Errno.EFBIG, Errno.EDQUOT -> noSpace(bytes, object, e);
            case Errno.ENOMEM ->
                resources(
                        "'" + queue + "': out of memory or address space. Raise ulimit -v or the container's limit.",
                        e);
            case Errno.EMFILE, Errno.ENFILE ->
                resources("'" + queue + "': no file descriptor left. Raise ulimit -n, or close queues.", e);
            case Errno.EACCES, Errno.EPERM, Errno.EROFS ->
                new QueueAccessDeniedException("'" + queue + "': " + e.getMessage() + ". " + remedy(e), e);
            default -> new MessageQueueException(OTHER, "'" + queue + "': " + e.getMessage(), e);
        };
    }

    private static String remedy(PosixException e) {
        return switch (e.call) {
            case "shm_unlink", "sem_unlink" -> "Only its owner or root may remove it.";
            case "fchown" -> "Choose a group that this user belongs to.";
            case "sem_open" -> "Create the queue with mode=rw-rw---- and group=...., as its owner.";
            default -> "Check the permissions of " + SharedMemory.DIRECTORY + " and of the files in it.";
        };
    }

    /** All its processes were killed, and it should have been deleted with them. */
    static MessageQueueException leftBehind(String queue, SharedMemory object, PosixException e) {
        if (e.errno != Errno.EACCES && e.errno != Errno.EPERM) throw e;
        long owner = object.status().uid();
        return new QueueAccessDeniedException(
                "'" + queue + "' was left behind by processes that were killed and should be deleted with them"
                        + " (deleteOnLastClose); only uid " + owner
                        + " or root may remove it. Run 'belfry gc' as one of them, or choose another name.",
                e);
    }

    /** Not refused by the kernel, which would kill instead. {@code spare}: what must be left afterwards. */
    public static MessageQueueException ofMemory(String queue, long bytes, long spare, MemoryGroup.Left left) {
        return new InsufficientResourcesException("'" + queue + "' cannot get a ring of " + Units.size(bytes)
                + ": the memory cgroup " + left.group() + " leaves " + Units.size(left.bytes() / 1024 * 1024)
                + " of its " + Units.size(left.limit()) + ", and " + Units.size(spare)
                + " must remain beside the ring, or the kernel kills a process."
                + " Raise the container's memory limit: a queue may take twice its maxCapacity.");
    }

    private static InsufficientResourcesException noSpace(long needed, SharedMemory object, PosixException cause) {
        if (cause.errno == Errno.EFBIG)
            return resources(
                    "Cannot reserve " + Units.size(needed)
                            + ": no file of this process may be so long. Raise ulimit -f.",
                    cause);
        if (isOutOfFiles(object, cause))
            return resources(
                    "Cannot make a file in " + SharedMemory.DIRECTORY
                            + ": no inode left. Mount it with more (nr_inodes); 'belfry gc' removes left-overs.",
                    cause);
        long total = object == null ? 0 : FileSystem.of(object).totalBytes();
        long free = object == null ? 0 : FileSystem.of(object).freeBytes();
        String message =
                Errors.noSpace(needed, SharedMemory.DIRECTORY, total, free).getMessage();
        return new InsufficientResourcesException(message, cause);
    }

    /**
     * A semaphore takes two files for a moment. If not even a probe can be created, the missing resource is not bytes.
     */
    private static boolean isOutOfFiles(SharedMemory object, PosixException cause) {
        return object == null
                ? !cause.call.equals("posix_fallocate")
                : FileSystem.of(object).freeFiles() < 2;
    }

    private static InsufficientResourcesException resources(String message, PosixException cause) {
        return new InsufficientResourcesException(message + " (" + cause.getMessage() + ")", cause);
    }
}
