package dev.belfry.shm.posix;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** The real C library, of which chosen calls fail without being made. */
final class FaultyLibC {
    /** What frees things cannot fail, and what reads a number does not. */
    private static final Set<String> NEVER = Set.of(
            "close",
            "munmap",
            "sem_close",
            "sem_unlink",
            "shm_unlink",
            "unlink",
            "geteuid",
            "getgid",
            "getpid",
            "getpagesize");

    final List<String> calls = new ArrayList<>();
    private boolean lastFailed;
    private int lastErrno;

    /** {@code errnoOf} call number 0, 1, 2 … of those that can fail: 0 lets it pass. */
    LibC failing(IntUnaryOperator errnoOf) {
        return failing((function, k) -> errnoOf.applyAsInt(k));
    }

    LibC failing(Rule rule) {
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, args) -> {
                    String function = method.getName();
                    if (function.equals("errno") && lastFailed) return lastErrno;
                    if (!NEVER.contains(function) && !function.equals("errno")) {
                        lastErrno = rule.errnoOf(function, calls.size());
                        lastFailed = lastErrno != 0;
                        calls.add(function);
                        if (lastFailed) {
                            return switch (function) {
                                case "posix_fallocate", "getgrnam_r", "getpwnam_r", "getpwuid_r" -> {
                                    lastFailed = false; // it is returned, errno stays as it was
                                    yield lastErrno;
                                }
                                case "sem_open" -> 0L;
                                case "mmap", "syscall", "pread", "pwrite" -> -1L;
                                default -> -1;
                            };
                        }
                    }
                    try {
                        return method.invoke(Kernel.C, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    interface Rule {
        int errnoOf(String function, int call);
    }
}
