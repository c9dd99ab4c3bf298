package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Mids;

/**
 * Messages by their mids, in pages of neighbours: of the first messages of neighbouring records, or
 * of the other messages of one record. So a backlog is added and found in memory that is near.
 */
final class MessageMap {
    private static final int BITS = 3;
    private static final int PAGE = 1 << BITS;
    private static final long INDEX = (1L << Mids.INDEX_BITS) - 1;

    private final LongMap<Message[]> pages = new LongMap<>();
    private Message[] last = new Message[PAGE];
    private long lastKey = Long.MIN_VALUE; // of no page
    private int size;
    /** That they occupy in the log, as their channels weigh them. */
    long bytes;

    int size() {
        return size;
    }

    Message get(long mid) {
        long number = number(mid);
        Message[] page = page(number >> BITS);
        return page == null ? null : page[cell(number)];
    }

    void put(Message m) {
        long number = number(m.mid);
        Message[] page = page(number >> BITS);
        if (page == null) pages.put(number >> BITS, page = remember(number >> BITS, new Message[PAGE]));
        if (page[cell(number)] == null) size++;
        page[cell(number)] = m;
    }

    void remove(long mid) {
        long number = number(mid);
        Message[] page = page(number >> BITS);
        if (page == null || page[cell(number)] == null) return;
        page[cell(number)] = null;
        size--;
        for (Message m : page) if (m != null) return;
        pages.remove(number >> BITS);
        lastKey = Long.MIN_VALUE;
    }

    /** For the first message of a record its position; for the others a negative number. */
    private static long number(long mid) {
        return (mid & INDEX) == 0 ? mid >> Mids.INDEX_BITS : ~mid;
    }

    private static int cell(long number) {
        return (int) number & PAGE - 1;
    }

    private Message[] page(long key) {
        if (key == lastKey) return last;
        Message[] page = pages.get(key);
        return page == null ? null : remember(key, page);
    }

    private Message[] remember(long key, Message[] page) {
        lastKey = key;
        last = page;
        return page;
    }
}
