package dev.belfry.shm.posix;

import java.util.function.IntSupplier;

/** For calls that a signal may interrupt before they did anything. */
final class Retry {
    /** A kernel that says EINTR this often in a row does not mean a signal. */
    static final int LIMIT = 1000;

    /** Calls until the answer is not "-1 and EINTR". */
    static int onInterrupt(LibC c, IntSupplier call) {
        int result = call.getAsInt();
        for (int i = 0; i < LIMIT && result == -1 && c.errno() == Errno.EINTR; i++) result = call.getAsInt();
        return result;
    }

    private Retry() {}
}
