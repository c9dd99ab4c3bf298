package dev.belfry.shm.ring;

import dev.belfry.shm.layout.SharedBytes;
import java.util.function.IntSupplier;

/**
 * One read of the files for a {@link WindowReader}. The window is its own until it has ended: nobody else reads or
 * writes there meanwhile. It has ended when its maker returns it, unless another thread reads.
 */
public class FilesRead {
    private final IntSupplier read;
    final long offset;
    final SharedBytes into;
    private int length; // this and the next: before its end
    private Throwable failure;

    /** {@code read}: of that offset into the window. */
    protected FilesRead(long offset, SharedBytes into, IntSupplier read) {
        this.offset = offset;
        this.into = into;
        this.read = read;
    }

    static FilesRead atOnce(long offset, SharedBytes into, IntSupplier read) {
        FilesRead ended = new FilesRead(offset, into, read);
        ended.read();
        return ended;
    }

    protected final void read() {
        try {
            length = read.getAsInt();
        } catch (Throwable told) {
            failure = told;
        }
    }

    /** True: it has not ended. When it does, a reader that sleeps is woken. By the thread that reads in the window. */
    public boolean isUnderWay() {
        return false;
    }

    /** After its end: what the read has returned, or thrown. */
    final int length() {
        if (failure instanceof RuntimeException told) throw told;
        if (failure instanceof Error told) throw told;
        return length;
    }
}
