package dev.belfry.shm.sim;

import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.memory.RealMemory;

/** Words that ask their {@link Seam} about each access. A seam knows them by their index. */
public final class Words extends RawWords {
    private final Seam seam;
    private final long address;
    private final boolean ring;

    Words(Seam seam, long address, boolean ring) {
        this.seam = seam;
        this.ring = ring;
        this.address = address;
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
        return size == 8
                ? RealMemory.MEMORY.getLongAcquire(address + at)
                : RealMemory.MEMORY.getIntAcquire(address + at);
    }

    /** Stores it, unasked; a release where it matters, as plain is weaker only on other processors. */
    public void write(long at, int size, long value) {
        if (size == 8) RealMemory.MEMORY.putLongRelease(address + at, value);
        else RealMemory.MEMORY.putIntRelease(address + at, (int) value);
    }

    /** Compares and swaps, unasked. */
    public boolean exchange(long at, int size, long expected, long value) {
        return size == 8
                ? RealMemory.MEMORY.compareAndSetLong(address + at, expected, value)
                : RealMemory.MEMORY.compareAndSetInt(address + at, (int) expected, (int) value);
    }

    @Override
    public int getInt(long at) {
        return (int) seam.load(this, at - address, 4);
    }

    @Override
    public int getIntAcquire(long at) {
        return (int) seam.load(this, at - address, 4);
    }

    @Override
    public void putInt(long at, int value) {
        seam.store(this, at - address, 4, value, false);
    }

    @Override
    public void putIntRelease(long at, int value) {
        seam.store(this, at - address, 4, value, true);
    }

    @Override
    public boolean compareAndSetInt(long at, int expected, int value) {
        return seam.swap(this, at - address, 4, expected, value);
    }

    @Override
    public long getLong(long at) {
        return seam.load(this, at - address, 8);
    }

    @Override
    public long getLongAcquire(long at) {
        return seam.load(this, at - address, 8);
    }

    @Override
    public void putLong(long at, long value) {
        seam.store(this, at - address, 8, value, false);
    }

    @Override
    public void putLongRelease(long at, long value) {
        seam.store(this, at - address, 8, value, true);
    }

    @Override
    public boolean compareAndSetLong(long at, long expected, long value) {
        return seam.swap(this, at - address, 8, expected, value);
    }
}
