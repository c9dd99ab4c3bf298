package dev.belfry.shm.journal;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Record;
import dev.belfry.shm.segment.Salvaging;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.QueueInspector.Salvaged;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Hands out what is proven of a log, behind damage, too, and tells each gap. One thread, once. */
public final class LogSalvage {
    private static final int WINDOW = 1 << 16;

    private final ProvenRecords records;
    private final Salvaged found;
    private final Record record = new Record();
    private final List<HeapMessage> batch = new ArrayList<>(); // whose end was not read yet
    private SharedBytes window = SharedBytes.own(WINDOW);

    public LogSalvage(ProvenRecords records, Salvaged found) {
        this.records = records;
        this.found = found;
    }

    /** From there to the end; all before {@code bound} was on the disk. {@code told} gets how far it is. */
    public void run(Places.At begin, Places.At bound, long end, LongConsumer told) {
        LogPlace at = new LogPlace(begin.offset(), begin.position());
        while (at.offset() < end) {
            told.accept(at.offset());
            int whole = records.read(at.offset(), at.position(), end, window);
            if (whole > 0) at = handOut(at, whole);
            else {
                long most = at.position() + (end - at.offset()) / ProvenRecords.SHORTEST;
                LogPlace next =
                        records.firstFrom(whole == 0 ? at.offset() : at.offset() + RecordHeader.SIZE, end, most);
                if (next == null) break;
                if (next.equals(at)) window = SharedBytes.own(2 * (int) window.length); // proven, and longer than it
                else gap(at, next.offset(), next.position());
                at = next;
            }
        }
        // Else the last batch has no end: nobody has seen it.
        if (at.offset() < bound.offset()) gap(at, bound.offset(), bound.position());
    }

    private LogPlace handOut(LogPlace from, int whole) {
        long position = from.position();
        for (int at = 0; at < whole; ) {
            long word = window.getLong(at);
            boolean isHop = RecordHeader.type(word) == RecordHeader.HOP;
            int size = isHop
                    ? RecordHeader.SIZE
                    : (int) RecordHeader.size(RecordHeader.frameLength(word), RecordHeader.pad(true));
            if (RecordHeader.type(word) == RecordHeader.DATA) {
                HeapMessage message = copied(at, word, position);
                if (message != null) batch.add(message);
                else gap(new LogPlace(from.offset() + at, position), from.offset() + at + size, position + 1);
                position++;
            }
            if (!isHop && !RecordTrailer.isMore(window.getLong(at + size - RecordTrailer.SIZE))) handOutBatch();
            at += size;
        }
        return new LogPlace(from.offset() + whole, position);
    }

    /** Null: it cannot be one, or a later release has written it. */
    private HeapMessage copied(int at, long word, long position) {
        if (!RecordHeader.hasKnownFlags(word)) return null;
        record.inWindow(window, at, word, position);
        return Salvaging.copyOf(record);
    }

    private void handOutBatch() {
        batch.forEach(found::message);
        batch.clear();
    }

    private void gap(LogPlace from, long offset, long position) {
        handOutBatch();
        found.gap(from.position(), position - 1, from.offset(), offset - from.offset());
    }
}
