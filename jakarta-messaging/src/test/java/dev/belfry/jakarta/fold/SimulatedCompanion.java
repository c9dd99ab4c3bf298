package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A queue of files as a disk keeps it: a simulated one, as the file transport's tests simulate theirs. What was synced
 * outlives a loss of power; of the rest any part is cut off, and its positions are given again. Files go when the
 * place has passed all that is in them. The place is a store of its own, which a loss may take back.
 */
final class SimulatedCompanion {
    /** A message of the page, as the chunk has it. */
    record One(long mid, long author, Envelope message) {}

    /** What is published: another's message has no page. */
    record Entry(UUID binding, UUID page, List<One> messages) {}

    static final long FIRST = 1;
    static final long FULL = -1;
    /** Positions of a file. */
    static final int FILE = 2;

    final UUID binding = new UUID(77, 77);
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final int most;
    private long end = FIRST;
    private long durable = FIRST;
    private long place = FIRST;
    private long storedPlace = FIRST;
    private long oldest = FIRST;

    SimulatedCompanion(int most) {
        this.most = most;
    }

    /** Returns its position, or that there is no room. */
    long publish(Entry entry) {
        if (end - oldest >= most) return FULL;
        entries.put(end, entry);
        return end++;
    }

    /** Another program's. */
    void publishForeign() {
        publish(new Entry(new UUID(5, 5), new UUID(5, 5), List.of()));
    }

    void sync() {
        durable = end;
    }

    /** The position after the newest that outlives a loss of power. */
    long durableEnd() {
        return durable;
    }

    /** Null: it is not there. */
    Entry read(long position) {
        return entries.get(position);
    }

    long place() {
        return place;
    }

    void seek(long position) {
        place = Math.max(place, Math.min(position, end));
    }

    void storePlace() {
        storedPlace = place;
    }

    /** Removes whole files below the place. */
    void removeFiles() {
        oldest = Math.max(oldest, place / FILE * FILE);
        entries.headMap(oldest).clear();
    }

    long left() {
        return durable - oldest;
    }

    /** How many more find room. */
    long free() {
        return most - (end - oldest);
    }

    /** Two chunks change their places: damage, or a copy that was put back. Returns the pages that had them. */
    List<UUID> swap(Random random) {
        List<Long> full = new ArrayList<>();
        entries.forEach((position, entry) -> {
            if (!entry.messages().isEmpty()) full.add(position);
        });
        if (full.size() < 2) return List.of();
        long one = full.get(random.nextInt(full.size()));
        long two = full.get(random.nextInt(full.size()));
        entries.put(one, entries.put(two, entries.get(one)));
        return List.of(entries.get(one).page(), entries.get(two).page());
    }

    void losePower(Random random) {
        end = durable + (random.nextBoolean() ? 0 : random.nextInt((int) (end - durable) + 1));
        entries.tailMap(end).clear();
        durable = end;
        if (random.nextBoolean()) place = storedPlace;
        place = Math.min(Math.max(place, oldest), end);
        storedPlace = place;
    }
}
