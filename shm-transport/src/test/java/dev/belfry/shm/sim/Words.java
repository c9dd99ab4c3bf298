package dev.belfry.shm.sim;

import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.internal.NativeBytesStore;

/** A store that asks its {@link Seam} about each access to a word. */
public final class Words extends PointerBytesStore {
    private final Seam seam;
    private final long address;
    private final boolean ring;

    Words(Seam seam, long address, long length, boolean ring) {
        this.seam = seam;
        this.ring = ring;
        this.address = address;
        set(address, length);
    }

    /** Where in memory an index is. */
    public long address(long at) {
        return address + at;
    }

    /** Of records, not of the header. */
    public boolean isRing() {
        return ring;
    }

    /** What is there, unasked. */
    public long read(long at, int size) {
        return size == 8 ? super.readVolatileLong(at) : super.readVolatileInt(at);
    }

    /** Stores it, unasked; a release where it matters, as plain is weaker only on other processors. */
    public void write(long at, int size, long value) {
        if (size == 8) super.writeOrderedLong(at, value);
        else super.writeOrderedInt(at, (int) value);
    }

    /** Compares and swaps, unasked. */
    public boolean exchange(long at, int size, long expected, long value) {
        return size == 8
                ? super.compareAndSwapLong(at, expected, value)
                : super.compareAndSwapInt(at, (int) expected, (int) value);
    }

    @Override
    public long readLong(long at) {
        return seam.load(this, at, 8);
    }

    @Override
    public long readVolatileLong(long at) {
        return seam.load(this, at, 8);
    }

    @Override
    public int readInt(long at) {
        return (int) seam.load(this, at, 4);
    }

    @Override
    public int readVolatileInt(long at) {
        return (int) seam.load(this, at, 4);
    }

    @Override
    public NativeBytesStore<Void> writeLong(long at, long value) {
        seam.store(this, at, 8, value, false);
        return this;
    }

    @Override
    public NativeBytesStore<Void> writeOrderedLong(long at, long value) {
        seam.store(this, at, 8, value, true);
        return this;
    }

    @Override
    public NativeBytesStore<Void> writeInt(long at, int value) {
        seam.store(this, at, 4, value, false);
        return this;
    }

    @Override
    public NativeBytesStore<Void> writeOrderedInt(long at, int value) {
        seam.store(this, at, 4, value, true);
        return this;
    }

    @Override
    public boolean compareAndSwapLong(long at, long expected, long value) {
        return seam.swap(this, at, 8, expected, value);
    }

    @Override
    public boolean compareAndSwapInt(long at, int expected, int value) {
        return seam.swap(this, at, 4, expected, value);
    }
}
