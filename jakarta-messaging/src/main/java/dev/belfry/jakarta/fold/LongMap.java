package dev.belfry.jakarta.fold;

import java.util.Arrays;

/** Values by long keys. It tells its keys only in their order: the order of a hash table differs between members. */
final class LongMap<V> {
    private static final int SMALLEST = 8;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private long[] keys = new long[SMALLEST];
    private Object[] values = new Object[SMALLEST];
    int size;

    V get(long key) {
        return value(place(key));
    }

    /** Replaces. */
    void put(long key, V value) {
        if (size * 3 >= keys.length * 2) grow();
        int at = place(key);
        if (values[at] == null) size++;
        keys[at] = key;
        values[at] = value;
    }

    V remove(long key) {
        int hole = place(key);
        V removed = value(hole);
        if (removed == null) return null;
        size--;
        int mask = keys.length - 1;
        for (int at = hole + 1 & mask; values[at] != null; at = at + 1 & mask) {
            int home = home(keys[at]);
            if ((at - home & mask) < (at - hole & mask)) continue; // its home lies after the hole
            keys[hole] = keys[at];
            values[hole] = values[at];
            hole = at;
        }
        values[hole] = null;
        return removed;
    }

    long[] sortedKeys() {
        long[] found = new long[size];
        int n = 0;
        for (int i = 0; i < keys.length; i++) if (values[i] != null) found[n++] = keys[i];
        Arrays.sort(found);
        return found;
    }

    @SuppressWarnings("unchecked")
    private V value(int at) {
        return (V) values[at];
    }

    private int home(long key) {
        return (int) (key * SPREAD >>> 32) & keys.length - 1;
    }

    /** Where the key is, or would be. */
    private int place(long key) {
        int at = home(key);
        while (values[at] != null && keys[at] != key) at = at + 1 & keys.length - 1;
        return at;
    }

    private void grow() {
        long[] oldKeys = keys;
        Object[] old = values;
        keys = new long[2 * old.length];
        values = new Object[2 * old.length];
        for (int i = 0; i < old.length; i++) {
            if (old[i] == null) continue;
            int at = place(oldKeys[i]);
            keys[at] = oldKeys[i];
            values[at] = old[i];
        }
    }
}
