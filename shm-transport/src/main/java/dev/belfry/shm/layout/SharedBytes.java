package dev.belfry.shm.layout;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * Mapped memory with the memory order in each method's name. Besides {@link Body}, {@code Bodies},
 * {@code BufferFields} and {@link Chronicle} this is the only class that knows Chronicle Bytes, whose
 * absolute operations are unchecked. An access beyond the mapping would kill the JVM, so every index
 * is checked here.
 *
 * <p>All stores and loads of single words go through the {@link PointerBytesStore}: a test passes a
 * {@link Stores} of its own and counts, stops or interleaves them. Bytes of messages are copied
 * with the mapping's ByteBuffer, whose bulk copies survive a truncated file with an InternalError.
 */
public final class SharedBytes {
    /** x86: each read-modify-write is a full fence, and only a load may overtake a store. */
    public static final boolean TOTAL_STORE_ORDER =
            System.getProperty("os.arch").matches("amd64|x86_64");

    /**
     * HotSpot with C1 and C2, for which {@link #compilerFence} is argued. Not with a JVMCI compiler
     * such as Graal.
     */
    public static final boolean KNOWN_COMPILERS = System.getProperty("java.vm.name")
                    .matches(".*(HotSpot|OpenJDK).*")
            && !hasJvmci(System.getProperty("java.vm.version", "") + System.getProperty("java.vendor.version", ""))
            && ModuleLayer.boot().findModule("jdk.internal.vm.ci").isEmpty(); // which EnableJVMCI adds

    /** A JDK with such a compiler names it in its versions. */
    static boolean hasJvmci(String versions) {
        return versions.matches("(?i).*(jvmci|graal).*");
    }

    /** Makes the stores; tests substitute it. */
    @FunctionalInterface
    public interface Stores {
        PointerBytesStore store(long address, long length);

        /** See {@link SharedBytes#fullFence}. */
        default void fullFence() {
            VarHandle.fullFence();
        }
    }

    /** Chronicle's own, plain. */
    public static final Stores PLAIN = (address, length) -> {
        PointerBytesStore store = new PointerBytesStore();
        store.set(address, length);
        return store;
    };

    /**
     * Every plain store ends in a call of it. Called directly, it spares the compiler the fields of
     * the store at each access.
     */
    private static final UnsafeMemory MEMORY = UnsafeMemory.INSTANCE;

    private final Stores stores;
    private final PointerBytesStore substitute; // null: plain
    final ByteBuffer buffer;
    final long address;
    private final long length;

    /**
     * Over {@code length} bytes at {@code address}, which {@code buffer} covers (or its first 2
     * GiB) and keeps mapped.
     */
    public SharedBytes(Stores stores, long address, long length, ByteBuffer buffer) {
        this.stores = stores;
        this.substitute = stores == PLAIN ? null : stores.store(address, length);
        this.address = address;
        this.length = length;
        this.buffer = buffer.duplicate();
    }

    /** Memory of this process alone: what a reader has copied out. Native order. */
    public static SharedBytes own(int length) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
        return new SharedBytes(PLAIN, Bodies.addressOf(buffer), length, buffer);
    }

    public long address() {
        return address;
    }

    /** The address of {@code size} bytes at {@code index}, for {@link #raw}: checked here, once. */
    public long address(long index, long size) {
        if (index < 0 || size < 0 || index > length - size)
            throw new CorruptSegmentException("index " + index + " of " + length);
        return address + index;
    }

    /** The same memory, for a loop that has checked its addresses. */
    public Raw raw() {
        return substitute == null ? Raw.PLAIN : Raw.substituted(substitute, address);
    }

    public long length() {
        return length;
    }

    /** The index, if so many bytes are there. */
    public long checked(long index, int size) {
        if (index < 0 || index > length - size) throw new CorruptSegmentException("index " + index + " of " + length);
        return index;
    }

    public long getLong(long index) {
        long at = checked(index, 8);
        return substitute == null ? MEMORY.readLong(address + at) : substitute.readLong(at);
    }

    public void putLong(long index, long value) {
        long at = checked(index, 8);
        if (substitute == null) MEMORY.writeLong(address + at, value);
        else substitute.writeLong(at, value);
    }

    public byte getByte(long index) {
        return buffer.get((int) checked(index, 1));
    }

    public int getInt(long index) {
        long at = checked(index, 4);
        return substitute == null ? MEMORY.readInt(address + at) : substitute.readInt(at);
    }

    public void putInt(long index, int value) {
        long at = checked(index, 4);
        if (substitute == null) MEMORY.writeInt(address + at, value);
        else substitute.writeInt(at, value);
    }

    public long getLongAcquire(long index) {
        long at = checked(index, 8);
        return substitute == null ? MEMORY.readVolatileLong(address + at) : substitute.readVolatileLong(at);
    }

    public void putLongRelease(long index, long value) {
        long at = checked(index, 8);
        if (substitute == null) MEMORY.writeOrderedLong(address + at, value);
        else substitute.writeOrderedLong(at, value);
    }

    public int getIntAcquire(long index) {
        long at = checked(index, 4);
        return substitute == null ? MEMORY.readVolatileInt(address + at) : substitute.readVolatileInt(at);
    }

    public void putIntRelease(long index, int value) {
        long at = checked(index, 4);
        if (substitute == null) MEMORY.writeOrderedInt(address + at, value);
        else substitute.writeOrderedInt(at, value);
    }

    // On a truncated page the interpreter's compare-and-set kills the JVM, a plain read does not.
    // So each one is preceded by a read of its word. A race of nanoseconds remains.

    private boolean swap(long index, int expected, int value) {
        return substitute == null
                ? MEMORY.compareAndSwapInt(address + index, expected, value)
                : substitute.compareAndSwapInt(index, expected, value);
    }

    private boolean swap(long index, long expected, long value) {
        return substitute == null
                ? MEMORY.compareAndSwapLong(address + index, expected, value)
                : substitute.compareAndSwapLong(index, expected, value);
    }

    private int guardedInt(long index) {
        int word = getIntAcquire(index);
        sayFaultsNow();
        return word;
    }

    private long guardedLong(long index) {
        long word = getLongAcquire(index);
        sayFaultsNow();
        return word;
    }

    /**
     * Memory that is gone is an InternalError. But JDK 17's interpreter continues with a stale
     * number and throws the error when it next calls the VM; it must do so for an array. Compiled
     * code survives a compare-and-set, throws at the latest where it returns, and C2 leaves the
     * array out.
     */
    public static void sayFaultsNow() {
        Object asked = new byte[0];
    }

    /** Atomic, acquire and release; a full fence on x86 only. */
    public boolean compareAndSetInt(long index, int expected, int value) {
        return guardedInt(index) == expected && swap(index, expected, value);
    }

    /** Atomic, acquire and release; a full fence on x86 only. */
    public boolean compareAndSetLong(long index, long expected, long value) {
        return guardedLong(index) == expected && swap(index, expected, value);
    }

    /** Atomic, acquire and release. */
    public int getAndSetInt(long index, int value) {
        while (true) {
            int old = guardedInt(index);
            if (swap(index, old, value)) return old;
        }
    }

    /** Atomic, acquire and release. */
    public long getAndSetLong(long index, long value) {
        while (true) {
            long old = guardedLong(index);
            if (swap(index, old, value)) return old;
        }
    }

    /** Sets bits, atomically; returns the old value. */
    public long getAndOrLong(long index, long bits) {
        while (true) {
            long old = guardedLong(index);
            if (swap(index, old, old | bits)) return old;
        }
    }

    /** Clears bits, atomically; returns the old value. */
    public long getAndClearLong(long index, long bits) {
        while (true) {
            long old = guardedLong(index);
            if (swap(index, old, old & ~bits)) return old;
        }
    }

    /** Adds, atomically; returns the sum. */
    public long addAndGetLong(long index, long delta) {
        while (true) {
            long old = guardedLong(index);
            if (swap(index, old, old + delta)) return old + delta;
        }
    }

    /** Copies {@code length} bytes in, plain; the source's position does not change. */
    public void copyIn(long index, ByteBuffer source, int from, int length) {
        int at = (int) checked(index, length);
        if (Bodies.isPlain(source)) Bodies.copy(source, from, length, address + at);
        else buffer.put(at, source, from, length);
    }

    /** Copies in, plain. */
    public void copyIn(long index, byte[] source, int from, int length) {
        buffer.put((int) checked(index, length), source, from, length);
    }

    /** Copies out to the beginning of {@code target}, plain. */
    public void copyOut(long index, SharedBytes target, int length) {
        UnsafeMemory.copyMemory(address(index, length), target.address(0, length), length);
    }

    /** Copies out, plain. */
    public void copyOut(long index, byte[] target, int from, int length) {
        buffer.get((int) checked(index, length), target, from, length);
    }

    /**
     * Orders everything before it against everything after it: the fence of each store-then-load
     * handshake.
     */
    public void fullFence() {
        stores.fullFence();
    }

    /**
     * Keeps earlier stores before later loads in the compiled code; the processor may still let a
     * load overtake. No instruction on x86.
     *
     * <p>Java has no such fence, but HotSpot does: to its compilers both of these are barriers for
     * all of memory. In C2 they are membars whose input and output is every alias class, so that no
     * store sinks below and no load rises above them, whatever the pair is called. C1 moves no
     * access across any membar; the interpreter moves nothing. With other compilers it is a full
     * fence.
     */
    public static void compilerFence() {
        if (!KNOWN_COMPILERS) {
            VarHandle.fullFence();
            return;
        }
        VarHandle.releaseFence();
        VarHandle.acquireFence();
    }

    /**
     * Orders the loads before it against the loads after it: between a copy and the check whether
     * it was overwritten.
     */
    public static void loadFence() {
        VarHandle.loadLoadFence();
    }

    /**
     * Words by their address, unchecked. Abstract for tests: production loads only one
     * implementation, so the compiler knows what is called, and a call is one instruction.
     */
    public abstract static class Raw {
        private static final Raw PLAIN = new Raw() {
            @Override
            public long getLongAcquire(long at) {
                return MEMORY.readVolatileLong((Object) null, at); // the form that does not check alignment
            }

            @Override
            public void putLong(long at, long value) {
                MEMORY.writeLong(at, value);
            }

            @Override
            public long getLong(long at) {
                return MEMORY.readLong(at);
            }

            @Override
            public void putLongRelease(long at, long value) {
                MEMORY.writeOrderedLong(null, at, value);
            }

            @Override
            public int getIntAcquire(long at) {
                return MEMORY.readVolatileInt(null, at);
            }

            @Override
            public void putIntRelease(long at, int value) {
                MEMORY.writeOrderedInt(null, at, value);
            }
        };

        private Raw() {}

        public abstract long getLong(long at);

        public abstract long getLongAcquire(long at);

        public abstract void putLong(long at, long value);

        public abstract void putLongRelease(long at, long value);

        public abstract int getIntAcquire(long at);

        public abstract void putIntRelease(long at, int value);

        private static Raw substituted(PointerBytesStore store, long address) {
            return Substituted.over(store, address);
        }
    }

    /** Tests only. It creates itself: if a caller did, the verifier would load it in production. */
    private static final class Substituted extends Raw {
        private final PointerBytesStore store;
        private final long address;

        private Substituted(PointerBytesStore store, long address) {
            this.store = store;
            this.address = address;
        }

        static Raw over(PointerBytesStore store, long address) {
            return new Substituted(store, address);
        }

        @Override
        public long getLongAcquire(long at) {
            return store.readVolatileLong(at - address);
        }

        @Override
        public void putLong(long at, long value) {
            store.writeLong(at - address, value);
        }

        @Override
        public long getLong(long at) {
            return store.readLong(at - address);
        }

        @Override
        public void putLongRelease(long at, long value) {
            store.writeOrderedLong(at - address, value);
        }

        @Override
        public int getIntAcquire(long at) {
            return store.readVolatileInt(at - address);
        }

        @Override
        public void putIntRelease(long at, int value) {
            store.writeOrderedInt(at - address, value);
        }
    }
}
