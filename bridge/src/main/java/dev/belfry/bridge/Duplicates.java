package dev.belfry.bridge;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Knows which messages of a queue are there twice: those whose position in their first queue is not
 * above the last one that came the same way. One thread at a time.
 */
final class Duplicates {
    /** Positions of duplicates that are remembered, for when they come again. */
    private static final int MOST = 100_000;

    private final String queue;
    private final Map<String, long[]> lastOf = new HashMap<>(); // by path
    private final TreeSet<Long> found = new TreeSet<>();
    private long newest;

    /** Is about the queue with this id. */
    Duplicates(String queue) {
        this.queue = queue;
    }

    boolean isAbout(String id) {
        return queue.equals(id);
    }

    /**
     * {@code mark}: or null. A message that comes again, because nobody acknowledged it, gets the same answer again.
     */
    boolean contain(Mark mark, long position) {
        if (position <= newest) return found.contains(position);
        newest = position;
        if (mark == null) return false;
        long[] last = lastOf.computeIfAbsent(mark.path(), path -> new long[1]);
        if (mark.origin() > last[0]) {
            last[0] = mark.origin();
            return false;
        }
        found.add(position);
        if (found.size() > MOST) found.pollFirst();
        return true;
    }
}
