package dev.belfry.mem;

import dev.belfry.api.Batch;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.WritableBody;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Errors;
import dev.belfry.spi.WritableArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A batch in the hands of its thread. Its messages lie beside the log until commit: what is written later goes nowhere.
 */
final class MemBatch implements Batch {
    private final MemMembers.Sender publisher;
    private final MemLog log;
    private final long bytes;
    private final long timestampMillis;
    private final List<Added> messages = new ArrayList<>();
    private final OpenClaim open;
    private long left;

    /** A message of the batch. {@code claimed}: in whose hands; null if it was added. */
    private record Added(byte[] body, int length, MessageProperties properties, WritableArray claimed) {
        MemRecord at(long position, long place, long timestampMillis) {
            return new MemRecord(position, place, timestampMillis, Arrays.copyOf(body, length), properties);
        }
    }

    /** Called with the lock held and room reserved. */
    MemBatch(MemMembers.Sender publisher, MemLog log, int bytes, boolean timestamps) {
        this.publisher = publisher;
        this.log = log;
        this.bytes = bytes;
        left = bytes;
        timestampMillis = timestamps ? System.currentTimeMillis() : 0;
        open = new OpenClaim(publisher, true);
        log.claim(open);
    }

    @Override
    public void add(ByteBuffer body, MessageProperties properties) {
        requireOpen();
        int length = Objects.requireNonNull(body, "body").remaining();
        long size = sizeThatFits(length, properties);
        byte[] copy = new byte[length];
        body.duplicate().get(copy);
        messages.add(new Added(copy, length, properties, null));
        left -= size;
        body.position(body.limit());
    }

    @Override
    public WritableBody claim(int length) {
        requireOpen();
        Checks.length(length, Integer.MAX_VALUE);
        long size = sizeThatFits(length, MessageProperties.empty());
        byte[] body = new byte[length];
        WritableArray claimed = new WritableArray(body) {
            @Override
            protected void requireOpen() {
                MemBatch.this.requireOpen();
                if (messages.get(messages.size() - 1).claimed != this) throw Errors.anotherWasAdded(log.uri.toString());
            }
        };
        messages.add(new Added(body, length, MessageProperties.empty(), claimed));
        left -= size;
        return claimed;
    }

    private long sizeThatFits(int length, MessageProperties properties) {
        long size = size(length, properties);
        if (messages.size() == MAX_MESSAGES) throw Errors.batchHasMost(log.uri.toString());
        if (size > left) throw Errors.doesNotFitIntoBatch(log.uri.toString(), size, left, bytes);
        return size;
    }

    private static long size(long length, MessageProperties properties) {
        return MemRecord.cost(
                length + Objects.requireNonNull(properties, "properties").encodedLength());
    }

    @Override
    public void shorten(int length) {
        requireOpen();
        Added last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
        if (last == null || last.claimed == null)
            throw new IllegalStateException(
                    "The last of this batch on '" + log.uri + "' is no claimed message: only that can be shortened");
        Checks.length(length, last.length);
        long freed = MemRecord.cost(last.length) - MemRecord.cost(length);
        messages.set(messages.size() - 1, new Added(last.body, length, last.properties, last.claimed));
        last.claimed.cut(length);
        left += freed;
    }

    @Override
    public boolean fits(int length, MessageProperties properties) {
        requireOpen();
        Checks.length(length, Integer.MAX_VALUE);
        return size(length, properties) <= left && messages.size() < MAX_MESSAGES;
    }

    @Override
    public int count() {
        return messages.size();
    }

    @Override
    public long commit() {
        requireOpen();
        synchronized (log.monitor) {
            publisher.checkOpen();
            open.end();
            log.endClaim(open);
            long position = log.newest();
            MemRecord[] records = new MemRecord[messages.size()];
            long place = log.records.end();
            for (int i = 0; i < records.length; i++) {
                records[i] = messages.get(i).at(++position, place, timestampMillis);
                place += records[i].cost();
            }
            log.append(records);
            return position;
        }
    }

    @Override
    public void close() {
        if (!open.isMine()) return;
        synchronized (log.monitor) {
            open.end();
            log.endClaim(open);
        }
    }

    private void requireOpen() {
        open.requireOpen(log.uri);
    }
}
