package dev.belfry.jakarta.fold;

import dev.belfry.spi.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A log in the heap: dense positions from 1, a ring of bytes that later laps overwrite, and a mark
 * that only moves on.
 */
final class HeapLog implements Restating.Source {
    static final int FIRST = 1;
    private static final int HEADER = 16;

    /** Where the mark came to stand, and how many records there were then. */
    record Moved(long mark, long at) {}

    final List<Moved> marks = new ArrayList<>(List.of(new Moved(FIRST, 0)));
    private final List<Bytes> records = new ArrayList<>();
    private final List<Long> starts = new ArrayList<>();
    private long ring;
    private long end;
    private long mark = FIRST;
    private long durable = FIRST - 1;
    private long keptMark = FIRST;

    HeapLog(long ring) {
        this.ring = ring;
    }

    /**
     * Refused if it would leave less than this part of the ring free: 0 nothing, 4 a quarter, 8 an
     * eighth. Else its position.
     */
    long append(ByteBuffer record, int reserve) {
        int need = HEADER + record.remaining();
        if (used() + need > ring - (reserve == 0 ? 0 : ring / reserve)) return -1;
        starts.add(end);
        end += need;
        records.add(Bytes.of(
                ByteBuffer.allocate(record.remaining()).put(record.duplicate()).flip()));
        return records.size();
    }

    long newest() {
        return records.size();
    }

    long used() {
        return end - start(mark);
    }

    long ring() {
        return ring;
    }

    long end() {
        return end;
    }

    void grow() {
        ring *= 2;
    }

    private long start(long position) {
        return position > records.size() ? end : starts.get((int) position - 1);
    }

    /** Not overwritten yet. */
    boolean intact(long position) {
        return start(position) >= end - ring;
    }

    long mark() {
        return mark;
    }

    void advance(long to) {
        if (to <= mark) return;
        mark = to;
        marks.add(new Moved(to, newest()));
    }

    /** All up to here outlives a loss of power, and so does the mark of now. */
    void sync() {
        durable = newest();
        keptMark = mark;
    }

    /** The newest position that does. */
    long durable() {
        return durable;
    }

    /** A loss of power. The mark was at least there when the ring had no more than this. */
    void cut(long to) {
        end = start(to + 1);
        records.subList((int) to, records.size()).clear();
        starts.subList((int) to, starts.size()).clear();
        marks.removeIf(moved -> moved.at() > to);
        mark = keptMark;
        while (used() > ring) mark++;
        sync();
    }

    Bytes record(long position) {
        return records.get((int) position - 1);
    }

    @Override
    public Bytes record(long position, long place) {
        return record(position);
    }

    /** The full fold of all records up to this position. */
    State fold(long to) {
        State state = new State(FIRST);
        for (long p = FIRST; p <= to; p++) state.apply(p, p, record(p));
        return state;
    }

    /** The fold of a member that comes late. */
    State bootstrap(long from, long to) {
        return bootstrap(from, to, to);
    }

    /** Pass 1 up to {@code found}, pass 2 up to {@code to}. */
    State bootstrap(long from, long found, long to) {
        Bootstrap late = new Bootstrap(FIRST);
        for (long p = from; p <= found; p++) if (!late.scan(p, record(p))) break;
        State state = late.state();
        for (long p = from; p <= to; p++) state.apply(p, p, record(p));
        return state;
    }
}
