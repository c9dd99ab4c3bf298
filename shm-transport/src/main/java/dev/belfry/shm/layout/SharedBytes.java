package dev.belfry.shm.layout;

import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * Mapped memory with the memory order in each method's name: the one place that knows Chronicle Bytes, whose absolute
 * operations are unchecked. An access beyond the mapping would kill the JVM, so every index is checked here.
 *
 * <p>All stores and loads of single words go through the {@link PointerBytesStore}: a test passes a {@link Stores} of its own and
 * counts, stops or interleaves them. Bytes of messages are copied with the mapping's ByteBuffer, whose bulk copies survive a
 * truncated file with an InternalError.
 */
public final class SharedBytes {
    static {
        ChronicleQuietly.unavailableReason(); // loads it; a provider that has a reason is not opened
    }

    /** Where the stores come from; tests substitute it. */
    @FunctionalInterface
    public interface Stores {
        PointerBytesStore store(long address, long length);
    }

    /** Chronicle's own, plain. */
    public static final Stores PLAIN = (address, length) -> {
        PointerBytesStore store = new PointerBytesStore();
        store.set(address, length);
        return store;
    };

    private final PointerBytesStore store;
    private final ByteBuffer buffer;
    private final long address;
    private final long length;

    /** Over {@code length} bytes at {@code address}, which {@code buffer} covers (or its first 2 GiB) and keeps mapped. */
    public SharedBytes(Stores stores, long address, long length, ByteBuffer buffer) {
        this.store = stores.store(address, length);
        this.address = address;
        this.length = length;
        this.buffer = buffer.duplicate();
    }

    public long address() {
        return address;
    }

    public long length() {
        return length;
    }

    private long checked(long index, int size) {
        if (index < 0 || index > length - size) throw new CorruptSegmentException("index " + index + " of " + length);
        return index;
    }

    public long getLong(long index) {
        return store.readLong(checked(index, 8));
    }

    public void putLong(long index, long value) {
        store.writeLong(checked(index, 8), value);
    }

    public int getInt(long index) {
        return store.readInt(checked(index, 4));
    }

    public void putInt(long index, int value) {
        store.writeInt(checked(index, 4), value);
    }

    public long getLongAcquire(long index) {
        return store.readVolatileLong(checked(index, 8));
    }

    public void putLongRelease(long index, long value) {
        store.writeOrderedLong(checked(index, 8), value);
    }

    public int getIntAcquire(long index) {
        return store.readVolatileInt(checked(index, 4));
    }

    public void putIntRelease(long index, int value) {
        store.writeOrderedInt(checked(index, 4), value);
    }

    // The interpreter's compare-and-set on a truncated page kills the JVM, a plain read of it does not: so each one is
    // preceded by a read of its word. What is left is a race of nanoseconds.

    /** Atomic, acquire and release; a full fence on x86 only. */
    public boolean compareAndSetInt(long index, int expected, int value) {
        return getIntAcquire(index) == expected && store.compareAndSwapInt(index, expected, value);
    }

    /** Atomic, acquire and release; a full fence on x86 only. */
    public boolean compareAndSetLong(long index, long expected, long value) {
        return getLongAcquire(index) == expected && store.compareAndSwapLong(index, expected, value);
    }

    /** Atomic, acquire and release. */
    public int getAndSetInt(long index, int value) {
        while (true) {
            int old = getIntAcquire(index);
            if (store.compareAndSwapInt(index, old, value)) return old;
        }
    }

    /** Atomic, acquire and release. */
    public long getAndSetLong(long index, long value) {
        while (true) {
            long old = getLongAcquire(index);
            if (store.compareAndSwapLong(index, old, value)) return old;
        }
    }

    /** Sets bits, atomically; returns what was there. */
    public long getAndOrLong(long index, long bits) {
        while (true) {
            long old = getLongAcquire(index);
            if (store.compareAndSwapLong(index, old, old | bits)) return old;
        }
    }

    /** Clears bits, atomically; returns what was there. */
    public long getAndClearLong(long index, long bits) {
        while (true) {
            long old = getLongAcquire(index);
            if (store.compareAndSwapLong(index, old, old & ~bits)) return old;
        }
    }

    /** Adds, atomically; returns the sum. */
    public long addAndGetLong(long index, long delta) {
        while (true) {
            long old = getLongAcquire(index);
            if (store.compareAndSwapLong(index, old, old + delta)) return old + delta;
        }
    }

    /** Copies {@code length} bytes in, plain; the source's position is not touched. */
    public void copyIn(long index, ByteBuffer source, int from, int length) {
        buffer.put((int) checked(index, length), source, from, length);
    }

    /** Copies in, plain. */
    public void copyIn(long index, byte[] source, int from, int length) {
        buffer.put((int) checked(index, length), source, from, length);
    }

    /** Copies out, plain. */
    public void copyOut(long index, byte[] target, int from, int length) {
        buffer.get((int) checked(index, length), target, from, length);
    }

    /** A window that can be moved over these bytes without allocating. */
    public Window window(boolean readOnly) {
        return new Window(this, readOnly);
    }

    /** Orders everything before it against everything after it: the fence of each store-then-load handshake. */
    public static void fullFence() {
        VarHandle.fullFence();
    }

    /** Orders the loads before it against the loads after it: between a copy and the look whether it was overwritten. */
    public static void loadFence() {
        VarHandle.loadLoadFence();
    }

    /**
     * One ByteBuffer that shows a message in place. A slice would allocate for each message; this one is moved by writing the
     * buffer's address field, found by Unsafe without any flag. Where that is not possible it slices.
     */
    public static final class Window {
        private static final long ADDRESS = fieldOffset("address");
        private static final long CAPACITY = fieldOffset("capacity");
        private static final boolean MOVABLE = ADDRESS >= 0 && CAPACITY >= 0 && works();

        private final SharedBytes bytes;
        private final ByteBuffer root;
        private final ByteBuffer moved; // reaches root, and so keeps the range mapped, wherever its address points

        private Window(SharedBytes bytes, boolean readOnly) {
            this.bytes = bytes;
            this.root = readOnly ? bytes.buffer.asReadOnlyBuffer() : bytes.buffer.duplicate();
            this.moved = MOVABLE ? root.duplicate() : null;
        }

        /** Position 0, limit {@code length}, BIG_ENDIAN, on the bytes at {@code index}. */
        public ByteBuffer at(long index, int length) {
            bytes.checked(index, length);
            if (moved == null) return root.slice((int) index, length);
            move(moved, bytes.address + index, length);
            return moved;
        }

        /** Length 0 in between: who uses it too late in another thread finds the old place, nothing, or the new one. */
        private static void move(ByteBuffer buffer, long address, int length) {
            buffer.limit(0);
            UnsafeMemory.INSTANCE.writeLong(buffer, ADDRESS, address);
            UnsafeMemory.INSTANCE.writeInt(buffer, CAPACITY, length);
            buffer.clear().order(ByteOrder.BIG_ENDIAN);
        }

        private static long fieldOffset(String name) {
            try {
                Field field = Buffer.class.getDeclaredField(name);
                return UnsafeMemory.INSTANCE.getFieldOffset(field);
            } catch (ReflectiveOperationException | RuntimeException e) {
                return -1;
            }
        }

        private static boolean works() {
            ByteBuffer probe = ByteBuffer.allocateDirect(16).putLong(8, 42);
            ByteBuffer moved = probe.duplicate();
            move(moved, UnsafeMemory.INSTANCE.readLong(probe, ADDRESS) + 8, 8);
            return moved.capacity() == 8 && moved.remaining() == 8 && moved.getLong(0) == 42;
        }
    }
}
