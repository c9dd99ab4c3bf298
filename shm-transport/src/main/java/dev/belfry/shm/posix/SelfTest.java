package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import dev.belfry.shm.memory.MemoryChoice;
import dev.belfry.shm.posix.ByteRangeLock.Holder;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Tests whether this machine has all that the package needs, by making the calls. */
public final class SelfTest {
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    private static final String ELSEWHERE = ". Use mem: here, or run it in a container of Linux on x86-64.";

    private static final int LARGEST_PAGE = 64 << 10;

    private static volatile boolean passed;

    /**
     * Why the package cannot be used here, in a sentence for the user; null if it can. Tested again
     * until it can; never throws.
     */
    public static String unavailableReason() {
        if (passed) return null;
        String reason = check(System.getProperty("os.name", "?"), System.getProperty("os.arch", "?"));
        passed = reason == null;
        return reason;
    }

    static String check(String system, String architecture) {
        if (!system.equals("Linux")) return "futexes need Linux; this is " + system + ELSEWHERE;
        if (!Linux.knows(architecture)) return "only x86-64 and aarch64 are known; this is " + architecture + ELSEWHERE;
        return Loaded.REASON != null ? Loaded.REASON : check(RealLibC.load());
    }

    /** Loaded once: the second failure of a class initialiser explains nothing. */
    private static final class Loaded {
        static final String REASON = load();

        private static String load() {
            try {
                RealLibC.load();
                return null;
            } catch (Throwable failed) {
                return notLoaded(failed);
            }
        }
    }

    /** As {@link #unavailableReason}, tested again. */
    public static String check(LibC c) {
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            if (!FileSystem.of(object).onTmpfs()) return SharedMemory.DIRECTORY + " is not a tmpfs, so not memory";
            int page = SharedMemory.pageSize(c);
            if (page > LARGEST_PAGE) return "pages of " + page + " bytes are larger than any that is known";
            object.allocate(0, page);
            if (object.status().size() != page) return "posix_fallocate does not work here";
            return locks(object, c);
        } catch (PosixException failed) {
            if (isFull(failed)) return null; // existing queues continue to work; a call that needs space reports it
            return "a system call that is needed does not work here: " + failed.getMessage() + hint(failed);
        } catch (Throwable failed) {
            return "the self-test failed: " + failed;
        }
    }

    private static String locks(SharedMemory object, LibC c) {
        try (SharedMemory second = object.reopen()) {
            ByteRangeLock mine = new ByteRangeLock(object);
            ByteRangeLock other = new ByteRangeLock(second);
            long at = 1L << 62;
            boolean works = mine.tryLock(at) && !other.tryLock(at) && other.probe(at) == Holder.SOMEBODY;
            mine.unlock(at);
            if (!works || !other.tryLock(at)) return "locks of open file descriptions (F_OFD_SETLK) do not work here";
            return waits(object.mapTwice(0, SharedMemory.pageSize(c), true), c);
        }
    }

    private static String waits(Mapping mapping, LibC c) {
        try {
            ByteBuffer bytes = mapping.buffer;
            bytes.putInt(0, 1);
            if (bytes.getInt(SharedMemory.pageSize(c)) != 1) return "mapping memory twice does not work here";
            Futex futex = new Futex(c);
            boolean works = futex.await(mapping.address, 0, 1) == Futex.Outcome.CHANGED
                    && futex.await(mapping.address, 1, 1) != Futex.Outcome.CHANGED
                    && futex.wake(mapping.address, 1) == 0;
            if (!works) return "futexes do not work here";
            return semaphores(c);
        } finally {
            mapping.coverWithZeroPages();
        }
    }

    /** On a zeroed sem_t in our own memory, which both C libraries accept: a kill leaves nothing. */
    private static String semaphores(LibC c) {
        ByteBuffer memory = ByteBuffer.allocateDirect(SIZEOF_SEM_T);
        long sem = Scratch.addressOf(memory);
        if (c.sem_post(sem) != 0 || c.sem_trywait(sem) != 0) return "semaphores do not work here";
        long past = Scratch.timespec(Scratch.get(), 0, 0);
        if (c.sem_clockwait(sem, CLOCK_MONOTONIC, past) != -1) return "semaphores do not work here";
        int errno = c.errno();
        if (errno == Errno.ENOSYS && c.sem_timedwait(sem, past) == -1) errno = c.errno();
        if (errno != Errno.ETIMEDOUT && errno != Errno.EINTR) {
            return "waiting on a semaphore does not work here: "
                    + PosixException.of("sem_clockwait", "CLOCK_MONOTONIC", errno)
                            .getMessage();
        }
        Reference.reachabilityFence(memory);
        return null;
    }

    private static boolean isFull(PosixException failed) {
        return failed.errno == Errno.ENOSPC || failed.errno == Errno.EDQUOT;
    }

    private static String hint(PosixException failed) {
        return switch (failed.errno) {
            case Errno.ENOMEM -> "; memory or address space is short";
            case Errno.EACCES, Errno.EPERM -> "; may this user write to " + SharedMemory.DIRECTORY + "?";
            case Errno.ENOENT ->
                failed.getMessage().contains("/proc/")
                        ? "; /proc is not mounted"
                        : "; " + SharedMemory.DIRECTORY + " is not mounted";
            case Errno.EOPNOTSUPP, Errno.EISDIR -> "; this kernel, or sandbox, lacks O_TMPFILE";
            default -> "";
        };
    }

    /**
     * Both ways fail in a class initialiser: the first time it is an ExceptionInInitializerError or
     * the original exception, later a NoClassDefFoundError.
     */
    private static String notLoaded(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) cause = cause.getCause();
        String said = cause.getMessage() == null
                ? cause.toString()
                : cause.getMessage().lines().findFirst().orElse("");
        // IllegalCallerException exists in 17, but only JDK 24 and later throw it here.
        if (cause instanceof IllegalCallerException || said.contains("IllegalCallerException")) {
            return "this JVM refuses native access: start it with " + NATIVE_ACCESS + " (" + said + ")";
        }
        if (said.startsWith("Error looking up function")) {
            return "the C library lacks a function, glibc 2.28 is the oldest that will do: " + said;
        }
        if (cause instanceof ClassNotFoundException) return "JNA (net.java.dev.jna:jna) is not on the class path";
        if (cause instanceof LinkageError || cause instanceof java.io.IOException) {
            return "JNA cannot load its native library: " + said
                    + "; if the temporary directory is read-only or mounted noexec,"
                    + " start with -Djna.tmpdir=DIRECTORY";
        }
        return (MemoryChoice.FOREIGN ? "java.lang.foreign" : "JNA") + " cannot be used here: " + cause;
    }

    private SelfTest() {}
}
