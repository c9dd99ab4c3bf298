package dev.belfry.shm.sim;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RawWords;

/**
 * Stands between the product and each word of shared memory. This one does what it is asked; a
 * test's own counts, stops, delays, drops or lies.
 */
public class Seam implements SharedBytes.Stores {
    @Override
    public RawWords words(long address, long length) {
        return new Words(this, address, isRing(address));
    }

    /** Are there records at this address, not a header? Asked once for each range. */
    protected boolean isRing(long address) {
        return false;
    }

    /** {@code at} is an index in {@code words}, {@code size} 4 or 8. */
    protected long load(Words words, long at, int size) {
        return words.read(at, size);
    }

    protected void store(Words words, long at, int size, long value, boolean release) {
        words.write(at, size, value);
    }

    protected boolean swap(Words words, long at, int size, long expected, long value) {
        return words.exchange(at, size, expected, value);
    }
}
