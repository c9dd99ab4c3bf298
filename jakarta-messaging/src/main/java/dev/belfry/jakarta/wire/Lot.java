package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;

/**
 * The messages of a page, which are of one queue and priority. The expiry is the latest of them, 0 if one never
 * expires; the bytes are those that they had in the log.
 */
public record Lot(long queue, int priority, int messages, long expiry, long bytes) {
    static Lot read(Cursor in, int priority) {
        Lot lot = new Lot(in.int64(), priority, in.count(), in.varint(), in.varint());
        if (!DestinationId.isQueue(lot.queue) || DestinationId.isTemporary(lot.queue)) throw new Malformed("no queue");
        if (priority > MessageLayout.TOP_PRIORITY) throw new Malformed("priority");
        if (lot.messages > Op.MOST) throw new Malformed("messages");
        if (lot.bytes < 0) throw new Malformed("bytes");
        return lot;
    }

    void write(Out out) {
        out.int64(queue).varint(messages).varint(expiry).varint(bytes);
    }
}
