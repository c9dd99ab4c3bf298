package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import dev.belfry.shm.memory.RealMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A range of addresses that shows shared memory, until it is covered with zero pages.
 *
 * <p>There is no unmap: with a buffer that was kept too long, the next access would crash the JVM. The range is
 * unmapped when nothing can reach its root buffer any more: not this object, not the buffer, no slice or view of it. A
 * raw {@link #address} keeps nothing reachable: a caller that works with it must hold on to this object.
 */
public final class Mapping {
    private static final Reachability BUFFERS = new Reachability();

    private final LibC c;
    public final long address; // the range stays mapped as long as this object or a buffer of it is reachable
    public final long length; // of a range that is mapped twice, of both copies
    private final boolean writable;
    private final ByteBuffer root;
    /**
     * One and the same buffer over the whole, or over its first 2^31 - 9 bytes or a few more; native order;
     * read-only if the mapping is. Take a slice: position and limit of this one are shared by all.
     */
    public final ByteBuffer buffer;

    private boolean covered;

    private Mapping(LibC c, long address, long length, boolean writable, ByteBuffer root) {
        this.c = c;
        this.address = address;
        this.length = length;
        this.writable = writable;
        this.root = root;
        this.buffer = writable ? root : root.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
    }

    /** Takes over a mapped range; unmaps it if that fails. */
    static Mapping of(LibC c, long address, long length, boolean writable) {
        ByteBuffer root = null;
        try {
            root = RealMemory.MEMORY.view(address, length);
            Mapping mapping = new Mapping(c, address, length, writable, root);
            // Refers neither to the buffer nor to the mapping.
            BUFFERS.whenUnreachable(root, () -> c.munmap(address, length));
            return mapping;
        } catch (Throwable failed) {
            c.munmap(address, length);
            throw failed;
        }
    }

    /**
     * {@code mmap(address, length, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_FIXED, -1, 0)}:
     * gives the shared memory back at once. A buffer that was kept reads zeros from now on, and its writes have no
     * effect. When this returns, in any thread, no thread of this process can write to the shared pages through this
     * mapping.
     */
    public synchronized void coverWithZeroPages() {
        if (covered) return;
        try {
            cover();
            // of an earlier access: a file cut short is reported when the next call returns
        } catch (InternalError late) {
            cover();
        }
        covered = true;
        Reference.reachabilityFence(root);
    }

    private void cover() {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
        long mapped = c.mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (mapped == MAP_FAILED && c.errno() == Errno.ENOMEM) {
            // Writable private pages count against vm.overcommit_memory=2 and RLIMIT_DATA, readable
            // ones do not. An older kernel has already unmapped the range when it refuses. A late
            // write is fatal then; reads are still zeros.
            mapped = c.mmap(address, length, PROT_READ, flags, -1, 0);
        }
        if (mapped == MAP_FAILED) {
            throw PosixException.of("mmap", "zero pages over " + length + " bytes", c.errno());
        }
    }

    @Override
    public String toString() {
        return length + " bytes at 0x" + Long.toHexString(address) + (writable ? "" : ", read-only");
    }
}
