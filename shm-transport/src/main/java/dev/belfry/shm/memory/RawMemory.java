package dev.belfry.shm.memory;

import java.nio.ByteBuffer;

/** All that is done with memory by its address, unchecked: {@link RealMemory} has the one that this JVM uses. */
public abstract class RawMemory extends RawWords {
    /** Why it cannot be used here, in a sentence for the user; null if it can. Never throws. */
    public abstract String unavailableReason();

    /** The root of an error of an initialiser, for {@link #unavailableReason}. */
    static Throwable rootOf(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause;
    }

    public abstract byte getByte(long at);

    /** Plain; the address needs no alignment. */
    public abstract short getShort(long at);

    public abstract void putByte(long at, byte value);

    /** Plain; the address needs no alignment. */
    public abstract void putShort(long at, short value);

    /** Copies bytes that do not overlap, plain. */
    public abstract void copy(long from, long to, int length);

    /**
     * Copies from {@code source}, plain, to the address {@code to}, which is the index {@code at} of
     * {@code target}. All of that was checked. Positions do not change.
     */
    public abstract void copy(ByteBuffer source, int from, int length, long to, ByteBuffer target, int at);

    /** The same of an array, whose bounds are checked here. */
    public abstract void copy(byte[] source, int from, int length, long to, ByteBuffer target, int at);

    /** Returns whether it is a mapped file, which can be cut short while it is copied, or may be one. */
    public abstract boolean isOfAFile(ByteBuffer source);

    /** The other way: from the address {@code from}, which is the index {@code at} of {@code source}. */
    public abstract void copy(long from, ByteBuffer source, int at, byte[] target, int to, int length);

    /** So many bytes, or the first 2^31 - 9 of them or a few more, in native order; it keeps nothing mapped. */
    public abstract ByteBuffer view(long address, long length);

    /** The address of a direct buffer's first byte. The buffer must stay reachable as long as the address is used. */
    public abstract long addressOf(ByteBuffer direct);
}
