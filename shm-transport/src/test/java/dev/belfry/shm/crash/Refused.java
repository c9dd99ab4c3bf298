package dev.belfry.shm.crash;

import com.sun.jna.Pointer;
import dev.belfry.shm.posix.Errno;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

/**
 * A process one of whose native calls fails, or each of a kind, without being made, with an error
 * that the kernel may well give; it lives on.
 */
public class Refused extends Participant {
    /**
     * What each function can plausibly say. Those that free things cannot fail, and those that read
     * a number do not.
     */
    static final Map<String, List<Integer>> ERRORS = Map.ofEntries(
            Map.entry(
                    "open", List.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOSPC, Errno.EACCES, Errno.EINTR)),
            Map.entry("shm_open", List.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EACCES, Errno.EINTR)),
            Map.entry("lock", List.of(Errno.ENOLCK, Errno.ENOSYS, Errno.EPERM, Errno.EINTR)),
            Map.entry("unlock", List.of(Errno.EINTR)),
            Map.entry("statx", List.of(Errno.ENOMEM, Errno.EACCES, Errno.EPERM)),
            Map.entry(
                    "posix_fallocate",
                    List.of(Errno.ENOSPC, Errno.ENOMEM, Errno.EFBIG, Errno.EPERM, Errno.ENOSYS, Errno.EINTR)),
            Map.entry("linkat", List.of(Errno.ENOSPC, Errno.ENOMEM, Errno.EACCES, Errno.EPERM)),
            Map.entry("fchmod", List.of(Errno.ENOMEM, Errno.EPERM)),
            Map.entry("fchown", List.of(Errno.ENOMEM, Errno.EPERM)),
            Map.entry("mmap", List.of(Errno.ENOMEM)),
            Map.entry("futex wait", List.of(Errno.EINTR, Errno.EAGAIN)), // EPERM and ENOSYS: the self-test asks
            Map.entry("futex wake", List.of(Errno.EINTR)),
            Map.entry("membarrier", List.of(Errno.EINVAL, Errno.ENOSYS, Errno.EPERM)),
            Map.entry(
                    "sem_open",
                    List.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOSPC, Errno.EACCES, Errno.EINTR)),
            Map.entry("sem_post", List.of(Errno.EOVERFLOW, Errno.EINVAL)),
            Map.entry("sem_trywait", List.of(Errno.EINTR)),
            Map.entry("sem_clockwait", List.of(Errno.EINTR, Errno.ENOSYS)),
            Map.entry("sem_unlink", List.of(Errno.EACCES, Errno.EPERM)),
            Map.entry("shm_unlink", List.of(Errno.EACCES, Errno.EPERM)),
            Map.entry("fstatfs", List.of(Errno.ENOMEM, Errno.EINTR)),
            Map.entry("clock_gettime", List.of(Errno.EPERM)));

    private static final short F_UNLCK = 2;
    private static final long SYS_FUTEX = "aarch64".equals(System.getProperty("os.arch")) ? 98 : 202;

    private final Thread actor = Thread.currentThread();
    private int calls;
    private int failing;
    private int nth; // which of the function's errors
    private String refused;
    private int errno;
    private boolean last;
    private int kinds;
    private String each;
    private int withErrno;

    /** From now on counts, and refuses the k-th call that can fail, with the n-th of its errors; both from 1. */
    final void refuse(int k, int n) {
        calls = 0;
        failing = k;
        nth = n;
        refused = null;
        last = false;
    }

    /** From now on refuses each call of this kind with this error. */
    public final void refuseEach(String kind, int errno) {
        each = kind;
        withErrno = errno;
    }

    public final void refuseNothing() {
        each = null;
        failing = 0;
    }

    /** The function that was refused; null: there were not so many calls, or it has not so many errors. */
    final String refused() {
        return refused;
    }

    final int errno() {
        return errno;
    }

    /** How many errors the k-th call has; 0: there was no such call. */
    final int kinds() {
        return calls < failing ? 0 : kinds;
    }

    @Override
    protected Object call(String function, Method method, Object[] args) throws Throwable {
        if (Thread.currentThread() != actor) return super.call(function, method, args);
        if (function.equals("errno")) return last ? errno : super.call(function, method, args);
        String kind = kindOf(function, args);
        List<Integer> errors = ERRORS.get(kind);
        last = false;
        if (kind.equals(each)) {
            errno = withErrno;
            return refusal(function, method, args);
        }
        if (errors == null || ++calls != failing) return super.call(function, method, args);
        kinds = errors.size();
        if (nth > kinds) return super.call(function, method, args);
        refused = function;
        errno = errors.get(nth - 1);
        return refusal(function, method, args);
    }

    /** A key of {@link #ERRORS}, if it can fail. */
    public static String kindOf(String function, Object[] args) {
        if (function.equals("fcntl")) return new Pointer((Long) args[2]).getShort(0) == F_UNLCK ? "unlock" : "lock";
        if (!function.equals("syscall")) return function;
        if ((Long) args[0] != SYS_FUTEX) return "membarrier";
        return (Long) args[2] == 0 ? "futex wait" : "futex wake";
    }

    /** What the caller gets. A twin's own: the caller hears of nothing. */
    protected Object refusal(String function, Method method, Object[] args) {
        if (function.equals("posix_fallocate")) return errno;
        last = true;
        if (function.equals("sem_open")) return 0L;
        return method.getReturnType() == long.class ? (Object) (-1L) : (Object) (-1);
    }
}
