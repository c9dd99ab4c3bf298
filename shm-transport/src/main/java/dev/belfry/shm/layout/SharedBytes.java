package dev.belfry.shm.layout;

import dev.belfry.shm.memory.RawMemory;
import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.memory.RealMemory;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Mapped memory with the memory order in each method's name. {@link RawMemory} below it is
 * unchecked: an access beyond the mapping would kill the JVM, so every index is checked here.
 *
 * <p>All stores and loads of single words go through a {@link RawWords}: a test passes {@link Stores} of its own and
 * counts, stops or interleaves them. Bytes of messages are copied in bulk by {@link RawMemory}, whose copies survive a
 * truncated file with an InternalError.
 */
public final class SharedBytes {
    /** x86: each read-modify-write is a full fence, and only a load may overtake a store. */
    public static final boolean TOTAL_STORE_ORDER =
            System.getProperty("os.arch").matches("amd64|x86_64");

    /** HotSpot with C1 and C2, for which {@link #compilerFence} is argued. Not with a JVMCI compiler such as Graal. */
    public static final boolean KNOWN_COMPILERS = System.getProperty("java.vm.name")
                    .matches(".*(HotSpot|OpenJDK).*")
            && !hasJvmci(System.getProperty("java.vm.version", "") + System.getProperty("java.vendor.version", ""))
            && ModuleLayer.boot().findModule("jdk.internal.vm.ci").isEmpty(); // which EnableJVMCI adds

    /** A JDK with such a compiler names it in its versions. */
    static boolean hasJvmci(String versions) {
        return versions.matches("(?i).*(jvmci|graal).*");
    }

    /** Which words are asked; tests substitute it. */
    @FunctionalInterface
    public interface Stores {
        /** The words of these bytes; by address, as all words. */
        RawWords words(long address, long length);

        /** See {@link SharedBytes#fullFence}. */
        default void fullFence() {
            VarHandle.fullFence();
        }
    }

    /** The memory itself. */
    public static final Stores PLAIN = (address, length) -> RealMemory.MEMORY;

    /** Called directly, it spares the compiler the fields at each access. */
    private static final RawMemory MEMORY = RealMemory.MEMORY;

    private static final byte[] ZEROS = new byte[512];

    private final Stores stores;
    private final RawWords substitute; // null: plain
    public final ByteBuffer buffer;
    public final long address;
    public final long length;

    /**
     * Over {@code length} bytes at {@code address}, which {@code buffer} covers (or its first 2 GiB) and keeps mapped.
     */
    public SharedBytes(Stores stores, long address, long length, ByteBuffer buffer) {
        this.stores = stores;
        this.substitute = stores == PLAIN ? null : stores.words(address, length);
        this.address = address;
        this.length = length;
        this.buffer = buffer.duplicate();
    }

    /** Memory of this process alone: what a reader has copied out. Native order. */
    public static SharedBytes own(int length) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
        return new SharedBytes(PLAIN, MEMORY.addressOf(buffer), length, buffer);
    }

    /** The address of {@code size} bytes at {@code index}, for {@link #raw}: checked here, once. */
    public long address(long index, long size) {
        if (index < 0 || size < 0 || index > length - size)
            throw new CorruptSegmentException("index " + index + " of " + length);
        return address + index;
    }

    /** The same memory, for a loop that has checked its addresses. */
    public RawWords raw() {
        return substitute == null ? MEMORY : substitute;
    }

    /** The index, if so many bytes are there. */
    public long checked(long index, int size) {
        if (index < 0 || index > length - size) throw new CorruptSegmentException("index " + index + " of " + length);
        return index;
    }

    public long getLong(long index) {
        long at = checked(index, 8);
        return substitute == null ? MEMORY.getLong(address + at) : substitute.getLong(address + at);
    }

    public void putLong(long index, long value) {
        long at = checked(index, 8);
        if (substitute == null) MEMORY.putLong(address + at, value);
        else substitute.putLong(address + at, value);
    }

    /** Writes there, so that this processor has the line: as bytes of a message, which nobody else may read yet. */
    public void fetch(long index) {
        MEMORY.putLong(address + checked(index, Long.BYTES), 0);
    }

    public byte getByte(long index) {
        return buffer.get((int) checked(index, 1));
    }

    public int getInt(long index) {
        long at = checked(index, 4);
        return substitute == null ? MEMORY.getInt(address + at) : substitute.getInt(address + at);
    }

    public void putInt(long index, int value) {
        long at = checked(index, 4);
        if (substitute == null) MEMORY.putInt(address + at, value);
        else substitute.putInt(address + at, value);
    }

    public long getLongAcquire(long index) {
        long at = checked(index, 8);
        return substitute == null ? MEMORY.getLongAcquire(address + at) : substitute.getLongAcquire(address + at);
    }

    public void putLongRelease(long index, long value) {
        long at = checked(index, 8);
        if (substitute == null) MEMORY.putLongRelease(address + at, value);
        else substitute.putLongRelease(address + at, value);
    }

    public int getIntAcquire(long index) {
        long at = checked(index, 4);
        return substitute == null ? MEMORY.getIntAcquire(address + at) : substitute.getIntAcquire(address + at);
    }

    public void putIntRelease(long index, int value) {
        long at = checked(index, 4);
        if (substitute == null) MEMORY.putIntRelease(address + at, value);
        else substitute.putIntRelease(address + at, value);
    }

    // On a truncated page the interpreter's compare-and-set kills the JVM, a plain read does not.
    // So each one is preceded by a read of its word, and by a call that makes the VM say what that
    // read has met: in each mixture of compiled and interpreted methods. A race of nanoseconds remains.

    private boolean swap(long index, int expected, int value) {
        return substitute == null
                ? MEMORY.compareAndSetInt(address + index, expected, value)
                : substitute.compareAndSetInt(address + index, expected, value);
    }

    private boolean swap(long index, long expected, long value) {
        return substitute == null
                ? MEMORY.compareAndSetLong(address + index, expected, value)
                : substitute.compareAndSetLong(address + index, expected, value);
    }

    private int guardedInt(long index) {
        int word = getIntAcquire(index);
        if (guardsOfInts < UNTIL_ALL_ARE_COMPILED) {
            guardsOfInts++;
            askTheVm();
        } else {
            sayFaultsNow();
        }
        return word;
    }

    private long guardedLong(long index) {
        long word = getLongAcquire(index);
        askTheVm();
        return word;
    }

    /**
     * Memory that is gone is an InternalError. But JDK 17's interpreter continues with a stale number and throws the
     * error when it next calls the VM; it must do so for an array. Compiled code survives a compare-and-set, throws at
     * the latest where it returns, and C2 leaves the array out.
     */
    public static void sayFaultsNow() {
        Object asked = new byte[0];
    }

    private static final int UNTIL_ALL_ARE_COMPILED = 20_000;

    /** Those of locks, once a publish: after so many, what follows the guard is compiled as well. Racy: about. */
    private static int guardsOfInts;

    /** Not final: for all that a compiler knows it may change. */
    private static int none;

    /**
     * The same from compiled code: an array of two lengths that no compiler knows is made by the VM. A guard that is
     * compiled sooner than the compare-and-set after it would else tell nothing, and the interpreter's kills the JVM.
     */
    public static void askTheVm() {
        Object asked = new byte[none][none];
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
            askTheVm(); // called seldom, it is interpreted when the guard is compiled
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

    /** Copies in, plain; the position of the source does not change. A file that was cut is an InternalError here. */
    public void copyIn(long index, ByteBuffer source, int from, int length) {
        int at = (int) checked(index, length);
        MEMORY.copy(source, from, length, address + at, buffer, at);
        if (MEMORY.isOfAFile(source)) askTheVm();
    }

    /** Copies in, plain. */
    public void copyIn(long index, byte[] source, int from, int length) {
        int at = (int) checked(index, length);
        MEMORY.copy(source, from, length, address + at, buffer, at);
    }

    /** Stores zeros, plain, in each of these ranges (from, to) after {@code index}. */
    public void clear(long index, int[][] ranges) {
        for (int[] range : ranges) copyIn(index + range[0], ZEROS, 0, range[1] - range[0]);
    }

    /** Copies out to the beginning of {@code target}, plain. */
    public void copyOut(long index, SharedBytes target, int length) {
        MEMORY.copy(address(index, length), target.address(0, length), length);
    }

    /** Copies out, plain. */
    public void copyOut(long index, byte[] target, int from, int length) {
        int at = (int) checked(index, length);
        MEMORY.copy(address + at, buffer, at, target, from, length);
    }

    /** Orders everything before it against everything after it: the fence of each store-then-load handshake. */
    public void fullFence() {
        stores.fullFence();
    }

    /**
     * Keeps earlier stores before later loads in the compiled code; the processor may still let a load overtake. No
     * instruction on x86.
     *
     * <p>Java has no such fence, but HotSpot does: to its compilers both of these are barriers for all of memory. In C2
     * they are membars whose input and output is every alias class, so that no store sinks below and no load rises
     * above them, whatever the pair is called. C1 moves no access across any membar; the interpreter moves nothing.
     * With other compilers it is a full fence.
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
     * Orders the loads before it against the loads after it: between a copy and the check whether it was overwritten.
     */
    public static void loadFence() {
        VarHandle.loadLoadFence();
    }
}
