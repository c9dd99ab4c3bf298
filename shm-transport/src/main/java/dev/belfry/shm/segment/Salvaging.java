package dev.belfry.shm.segment;

import dev.belfry.api.MessageProperties;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.ring.Record;
import dev.belfry.shm.ring.RingSalvage;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.QueueInspector.Salvaged;
import java.nio.ByteBuffer;

/** Hands out copies of the records that a salvage finds. */
public record Salvaging(Salvaged to) implements RingSalvage.Found {
    /** Null: it cannot be one. */
    public static HeapMessage copyOf(Record record) {
        try {
            MessageProperties properties = MessageProperties.decode(ByteBuffer.wrap(record.copyProperties()));
            return new HeapMessage(record.position(), record.timestamp(), record.copyBody(), properties, false);
        } catch (CorruptSegmentException | IllegalArgumentException malformed) {
            return null;
        }
    }

    @Override
    public Runnable message(Record record) {
        HeapMessage message = copyOf(record);
        return message == null ? null : () -> to.message(message);
    }

    @Override
    public void gap(long first, long last, long offset, long bytes) {
        to.gap(first, last, offset, bytes);
    }
}
