package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import java.util.function.Supplier;

/** How a search for damage says that a word cannot be right. */
final class DamageRules {
    private DamageRules() {}

    static void require(boolean right, Supplier<String> what) {
        if (!right) throw new CorruptSegmentException(what.get());
    }

    /** The first word in these ranges that is not zero; -1 if all are. */
    static int firstOther(SharedBytes bytes, long base, int[][] ranges) {
        for (int[] range : ranges)
            for (int at = range[0]; at < range[1]; at += 4) if (bytes.getInt(base + at) != 0) return at;
        return -1;
    }

    static void requireZero(String what, int at) {
        require(at < 0, () -> what + " has something at +" + at + ", where nothing is");
    }
}
