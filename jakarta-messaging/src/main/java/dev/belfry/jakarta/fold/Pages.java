package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Rest;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** The live pages by their ids, and of each queue in the order of delivery. */
public final class Pages {
    /** Tells how many messages are left in pages, and the bytes that they had in the log, roughly. */
    public record Sum(long messages, long bytes) {}

    /** The pages of a queue, in the order of delivery. */
    private static final class Line {
        final TreeSet<Page> pages = new TreeSet<>();
        long stated;

        void add(Page page) {
            pages.add(page);
            stated += page.length();
        }

        void remove(Page page) {
            pages.remove(page);
            stated -= page.length();
        }
    }

    private static final Line NONE = new Line();
    private static final Comparator<Page> EXPIRY =
            Comparator.comparingLong((Page page) -> page.lot().expiry()).thenComparing(Page::id);

    private final TreeMap<UUID, Page> all = new TreeMap<>();
    private final TreeMap<Long, Line> queues = new TreeMap<>();
    /** Those of which all messages expire at some time. */
    private final TreeSet<Page> expiring = new TreeSet<>(EXPIRY);

    long stated;
    /** How many pages were new so far. */
    private long told;

    /** Finds a page; null: nothing of it is left. */
    public Page get(UUID id) {
        return all.get(id);
    }

    /** The bytes of their statements. */
    public long stated() {
        return stated;
    }

    /** The bytes of those of this queue's pages. */
    public long stated(long queue) {
        return queues.getOrDefault(queue, NONE).stated;
    }

    /** Those of which all messages expire at some time, in the order in which the last one of each does. */
    public SortedSet<Page> expiring() {
        return Collections.unmodifiableSortedSet(expiring);
    }

    /** How many pages were told for the first time, as far as this state knows: who pages out asks whether it grows. */
    public long told() {
        return told;
    }

    /** Tells all in the order of their ids. */
    public Collection<Page> all() {
        return Collections.unmodifiableCollection(all.values());
    }

    /** The page that has the queue's next message of all that are in pages; null: the queue has no page. */
    public Page first(long queue) {
        if (queues.isEmpty()) return null; // asked for each message
        SortedSet<Page> pages = of(queue);
        return pages.isEmpty() ? null : pages.first();
    }

    /** The queue's pages, in the order of delivery. */
    public SortedSet<Page> of(long queue) {
        return Collections.unmodifiableSortedSet(queues.getOrDefault(queue, NONE).pages);
    }

    /** Sums what is left in the queue's pages. */
    public Sum sum(long queue) {
        long messages = 0;
        long bytes = 0;
        for (Page page : of(queue)) {
            int left = page.left();
            messages += left;
            bytes += (long) ((double) page.lot().bytes() * left / page.lot().messages());
        }
        return new Sum(messages, bytes);
    }

    /** The position of the first chunk that a page of this companion needs, or {@code none}. */
    public long firstChunk(UUID binding, long none) {
        long first = none;
        for (Page page : all.values()) if (page.binding().equals(binding)) first = Math.min(first, page.firstChunk());
        return first;
    }

    /** Tells the position of the last chunk that a page of this companion needs; 0: none does. */
    public long lastChunk(UUID binding) {
        long last = 0;
        for (Page page : all.values()) if (page.binding().equals(binding)) last = Math.max(last, page.lastChunk());
        return last;
    }

    /** Says whether a page lies in this companion. */
    public boolean isNeeded(UUID binding) {
        for (Page page : all.values()) if (page.binding().equals(binding)) return true;
        return false;
    }

    /** Replaces one of the same id: its newest statement counts. */
    void put(Page page) {
        Page old = all.put(page.id, page);
        if (old == null) told++;
        else end(old);
        stated += page.length();
        if (page.lot().expiry() != 0) expiring.add(page);
        line(page);
    }

    /** Messages have left it. It is left front to back, so what was told late or twice changes nothing. */
    void leave(UUID id, Rest rest) {
        Page page = all.get(id);
        if (page == null || rest.index() <= page.rest.index()) return;
        if (rest.index() >= page.lot().messages()) {
            end(all.remove(id));
            return;
        }
        unline(page);
        page.rest = rest;
        line(page);
    }

    /** Ends all pages of a queue. */
    void purge(long queue) {
        for (Page page : List.copyOf(of(queue))) end(all.remove(page.id));
    }

    private void end(Page page) {
        page.live = false;
        stated -= page.length();
        expiring.remove(page);
        unline(page);
    }

    private void line(Page page) {
        queues.computeIfAbsent(page.lot().queue(), queue -> new Line()).add(page);
    }

    private void unline(Page page) {
        Line line = queues.get(page.lot().queue());
        line.remove(page);
        if (line.pages.isEmpty()) queues.remove(page.lot().queue());
    }
}
