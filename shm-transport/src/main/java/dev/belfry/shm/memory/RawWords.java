package dev.belfry.shm.memory;

/**
 * Words by their address, unchecked, with the memory order in each method's name. They stand between the product and
 * each word of shared memory: a test passes one of its own and counts, stops or interleaves them. Production loads only
 * one implementation, so the compiler knows what is called, and a call is one instruction.
 */
public abstract class RawWords {
    /** Plain; the address needs no alignment. */
    public abstract int getInt(long at);

    /** Plain; the address needs no alignment. */
    public abstract long getLong(long at);

    /** Plain; the address needs no alignment. */
    public abstract void putInt(long at, int value);

    /** Plain; the address needs no alignment. */
    public abstract void putLong(long at, long value);

    public abstract int getIntAcquire(long at);

    public abstract long getLongAcquire(long at);

    public abstract void putIntRelease(long at, int value);

    public abstract void putLongRelease(long at, long value);

    /** Atomic, acquire and release; a full fence on x86 only. On memory that is gone it may kill the JVM. */
    public abstract boolean compareAndSetInt(long at, int expected, int value);

    /** Atomic, acquire and release; a full fence on x86 only. On memory that is gone it may kill the JVM. */
    public abstract boolean compareAndSetLong(long at, long expected, long value);
}
