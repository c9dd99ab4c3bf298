package dev.belfry.shm.segment;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.posix.Users;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueUri;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A queue's name and file in {@code /dev/shm}, and those of all queues: found, opened, checked, removed. */
public final class QueueFile {
    private static final Logger LOG = LoggerFactory.getLogger(QueueFile.class);
    private static final String PREFIX = "/belfry.";

    private QueueFile() {}

    // Names

    /** Makes the name for {@code shm_open}. */
    public static String objectName(String queue) {
        return PREFIX + queue;
    }

    public static String pathOf(String queue) {
        return SharedMemory.DIRECTORY + objectName(queue);
    }

    /** The queue's name for this file name; null if it is not a queue's. */
    static String queueOf(String fileName) {
        return fileName.startsWith(PREFIX.substring(1)) ? fileName.substring(PREFIX.length() - 1) : null;
    }

    /** The names of all files that have a queue's name, damaged and foreign ones, too. */
    public static List<String> all() {
        return names(QueueFile::isName);
    }

    /** Finds the names that begin so, of live parts, too. */
    static List<String> beginningWith(String prefix) {
        return names(queue -> queue.startsWith(prefix));
    }

    private static List<String> names(Predicate<String> wanted) {
        String[] files = new File(SharedMemory.DIRECTORY).list();
        return Arrays.stream(files == null ? new String[0] : files)
                .map(QueueFile::queueOf)
                .filter(queue -> queue != null && wanted.test(queue))
                .sorted()
                .toList();
    }

    private static boolean isName(String queue) {
        try {
            new QueueUri("shm", queue, Map.of());
            return true;
        } catch (IllegalArgumentException noQueueCanHaveIt) {
            return false;
        }
    }

    // The file

    /** Opens it; null if there is no such name. */
    public static SharedMemory open(LibC libC, String queue) {
        try {
            return SharedMemory.open(libC, objectName(queue));
        } catch (PosixException e) {
            throw switch (e.errno) {
                case Errno.EACCES, Errno.EPERM -> denied(libC, queue, e);
                case Errno.ELOOP, Errno.EISDIR, Errno.EINVAL, Errno.ENXIO, Errno.ENODEV ->
                    notRegular(queue, " (" + e.getMessage() + ")");
                default -> Failures.of(e, queue, null);
            };
        }
    }

    static boolean isTaken(Machine machine, String queue) {
        return SharedMemory.status(machine.libC(), objectName(queue)) != null;
    }

    static boolean isNameOf(Machine machine, String queue, SharedMemory object) {
        FileStatus there = SharedMemory.status(machine.libC(), objectName(queue));
        return there != null && there.sameFile(object.status());
    }

    static boolean unlink(Machine machine, String queue) {
        LOG.debug("{}: unlinked {}", queue, objectName(queue));
        return SharedMemory.unlink(machine.libC(), objectName(queue));
    }

    /** Returns the file's length, and throws if no queue has such a file. */
    static long check(String queue, FileStatus status) {
        if (!status.regular()) throw notRegular(queue, "");
        if (status.links() > 1)
            throw Errors.incompatible("'" + queue + "' is not a queue: " + pathOf(queue)
                    + " has other names as well. 'belfry doctor " + queue + "' says which of them to remove.");
        if (status.size() == 0) throw empty(queue); // not to be mapped
        return status.size();
    }

    // Why it is not a queue

    public static RuntimeException notFound(Machine machine, String queue) {
        long device = device(machine);
        String seen = device < 0 ? "" : " (device " + (device >>> 32) + ":" + (int) device + ")";
        return Errors.notFound(queue, SharedMemory.DIRECTORY + seen, "Another container? Share /dev/shm or use --ipc.");
    }

    /** Tells which of several /dev/shm this process sees: two numbers, each in a half; -1 if it is full. */
    public static long device(Machine machine) {
        try (SharedMemory probe = SharedMemory.createUnnamed(machine.libC(), 0600, -1)) {
            return probe.status().device();
        } catch (PosixException full) {
            return -1;
        }
    }

    /** The kernel refused to open it: the text names the owner. */
    private static QueueAccessDeniedException denied(LibC libC, String queue, PosixException cause) {
        FileStatus there = SharedMemory.status(libC, objectName(queue));
        if (there == null) return new QueueAccessDeniedException("'" + queue + "': " + cause.getMessage(), cause);
        String owner = Users.describe(libC, there.uid());
        String message =
                Errors.accessDenied(queue, owner, there.mode(), libC.geteuid()).getMessage();
        return new QueueAccessDeniedException(message, cause);
    }

    /** {@code why}: the kernel's reason, if it did not even open it. */
    public static IncompatibleQueueException notRegular(String queue, String why) {
        return Errors.incompatible("'" + queue + "' is not a queue: " + pathOf(queue) + " is not a regular file" + why
                + ". Remove it: 'rm -r " + pathOf(queue) + "'.");
    }

    /** A queue has its whole length before it has a name: the file belongs to another program, or was emptied. */
    public static IncompatibleQueueException empty(String queue) {
        return Errors.incompatible("'" + queue + "' is not a queue of Belfry: " + pathOf(queue)
                + " is empty. Choose another name, or remove it: 'belfry rm --force " + queue + "'.");
    }

    static IncompatibleQueueException foreign(String queue) {
        return Errors.incompatible("'" + queue + "' is not a queue of Belfry: " + pathOf(queue)
                + " belongs to another program. Choose another name, or remove it: 'belfry rm --force " + queue + "'.");
    }
}
