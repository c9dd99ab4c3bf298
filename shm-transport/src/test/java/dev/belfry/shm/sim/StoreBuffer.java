package dev.belfry.shm.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What one processor has stored and only it can see yet, as x86 has it: it reaches memory in the
 * order of the stores, at any later time.
 */
final class StoreBuffer {
    private record Store(long place, int size, long value, Runnable write) {
        boolean covers(long at, int length) {
            return place < at + length && at < place + size;
        }
    }

    private final Deque<Store> stores = new ArrayDeque<>();

    void add(long place, int size, long value, Runnable write) {
        stores.addLast(new Store(place, size, value, write));
    }

    boolean isEmpty() {
        return stores.isEmpty();
    }

    void drainOne() {
        stores.removeFirst().write.run();
    }

    void drain() {
        while (!isEmpty()) drainOne();
    }

    void forget() {
        stores.clear();
    }

    /**
     * The owner's own store to this word, if it is still in here; else null. One that lies across
     * it goes to memory first, as the processor has it.
     */
    Long newest(long place, int size) {
        for (Iterator<Store> newestFirst = stores.descendingIterator(); newestFirst.hasNext(); ) {
            Store store = newestFirst.next();
            if (!store.covers(place, size)) continue;
            if (store.place == place && store.size == size) return store.value;
            drain();
            return null;
        }
        return null;
    }
}
