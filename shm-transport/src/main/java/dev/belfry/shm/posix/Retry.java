package dev.belfry.shm.posix;

import java.util.function.IntSupplier;

/** For calls that a signal may interrupt before they have done anything. */
final class Retry {
    /** So many EINTR in a row do not come from signals. */
    static final int LIMIT = 1000;

    /** Calls until the answer is not "-1 and EINTR". */
    static int onInterrupt(LibC c, IntSupplier call) {
        int result = call.getAsInt();
        for (int i = 0; i < LIMIT && result == -1 && c.errno() == Errno.EINTR; i++) result = call.getAsInt();
        return result;
    }

    private Retry() {}
}
