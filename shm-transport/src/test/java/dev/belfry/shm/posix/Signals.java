package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.concurrent.Future;

/** Sends one thread a signal whose handler does nothing (it is C's abs): what a call in progress answers with EINTR. */
final class Signals implements AutoCloseable {
    private static final int SIGURG = 23;
    private static final boolean AARCH64 = "aarch64".equals(System.getProperty("os.arch"));
    private static final long SYS_gettid = AARCH64 ? 178 : 186;
    private static final long SYS_tgkill = AARCH64 ? 131 : 234;

    private static final Function SIGNAL = NativeLibrary.getProcess().getFunction("signal");

    private final Pointer before = SIGNAL.invokePointer(
            new Object[] {SIGURG, NativeLibrary.getProcess().getFunction("abs")});
    private volatile long thread;

    void aimAtThisThread() {
        thread = C.syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
    }

    /** Again and again: one sent just before the call is lost. */
    void untilDone(Future<?> waiting) throws InterruptedException {
        while (!waiting.isDone()) {
            if (thread != 0) C.syscall(SYS_tgkill, C.getpid(), thread, SIGURG, 0, 0, 0);
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        SIGNAL.invokePointer(new Object[] {SIGURG, before});
    }
}
