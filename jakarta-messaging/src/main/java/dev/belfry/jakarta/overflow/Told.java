package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Bytes;
import dev.belfry.spi.LogReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** A page as it was told at a position: so while that is its statement its chunks lie where they did. */
record Told(UUID id, UUID binding, long statement, long place, int at, int length, Rest rest) {
    static Told of(Page page) {
        return new Told(
                page.id(), page.binding(), page.statement(), page.place(), page.at(), page.length(), page.rest());
    }

    /** Whether this says where its chunks lie still. */
    boolean isOf(Page now) {
        return now != null && now.statement() == statement;
    }

    /** Reads the statement; null: it has been passed, as the page was told again. */
    Paged read(LogReader log) {
        byte[] bytes = new byte[length];
        if (!log.read(place, statement, at, bytes, 0, length)) return null;
        return Paged.read(Bytes.of(ByteBuffer.wrap(bytes)), 0);
    }

    /** Which chunk has the message with this index. */
    static int chunkOf(List<Chunk> chunks, int index) {
        int at = 0;
        while (at + 1 < chunks.size() && chunks.get(at + 1).first() <= index) at++;
        return at;
    }
}
