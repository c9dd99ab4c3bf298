package dev.belfry.shm.ring;

import dev.belfry.shm.layout.SharedBytes;

/**
 * One read of the files for a {@link WindowReader}. The window is its own until it has ended: nobody else reads or
 * writes there meanwhile. It has ended when its maker returns it, unless another thread reads.
 */
public class FilesRead {
    private final LogBelow below;
    private final long position;
    final long offset;
    final SharedBytes into;
    private int length; // this and the next: before its end
    private Throwable failure;

    protected FilesRead(LogBelow below, long offset, long position, SharedBytes into) {
        this.below = below;
        this.offset = offset;
        this.position = position;
        this.into = into;
    }

    static FilesRead atOnce(LogBelow below, long offset, long position, SharedBytes into) {
        FilesRead read = new FilesRead(below, offset, position, into);
        read.read();
        return read;
    }

    protected final void read() {
        try {
            length = below.read(offset, position, into);
        } catch (Throwable told) {
            failure = told;
        }
    }

    /** True: it has not ended. When it does, a reader that sleeps is woken. By the thread that reads in the window. */
    public boolean isUnderWay() {
        return false;
    }

    /** After its end, as {@link LogBelow#read}. */
    final int length() {
        if (failure instanceof RuntimeException told) throw told;
        if (failure instanceof Error told) throw told;
        return length;
    }
}
