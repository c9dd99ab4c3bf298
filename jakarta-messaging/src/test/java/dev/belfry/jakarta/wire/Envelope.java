package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import dev.belfry.spi.Bytes;

/**
 * A MESSAGE as its fields. Properties and body are bytes that only the message's own code
 * understands.
 */
public final class Envelope {
    public long destination;
    public long serial;
    public long timestamp;
    /**
     * {@code Op#PERSISTENT}, {@code Op#ID_DISABLED}, {@code Op#TIMESTAMP_DISABLED}; the others
     * follow from the fields.
     */
    public int flags;

    public int priority = 4;
    public int bodyType;
    /** 0: never. */
    public long expiry;
    /** 0: at once. */
    public long deliveryTime;
    /** Topics only: the sender's client id as a hash, and its connection; 0: not said. */
    public long clientHash;

    public int connection;
    public String correlationId;
    public String type;
    public int replyKind;
    public String replyTo;
    public byte[] properties = {};
    /** Null: a message without body, which is not the same as an empty one. */
    public byte[] body;

    private int allFlags() {
        return flags & (MessageLayout.PERSISTENT | MessageLayout.ID_DISABLED | MessageLayout.TIMESTAMP_DISABLED)
                | (expiry != 0 ? MessageLayout.EXPIRY : 0)
                | (deliveryTime != 0 ? MessageLayout.DELIVERY_TIME : 0)
                | (clientHash != 0 || connection != 0 ? MessageLayout.ORIGIN : 0)
                | (correlationId != null ? MessageLayout.CORRELATION_ID : 0)
                | (type != null ? MessageLayout.TYPE : 0)
                | (replyTo != null ? MessageLayout.REPLY_TO : 0)
                | (body == null ? MessageLayout.NO_BODY : 0);
    }

    /** For {@link RecordWriter#message}. */
    public byte[] bytes() {
        Out out = new Out(64);
        int has = allFlags();
        out.int32(0).int8(Op.MESSAGE).int8(priority | bodyType << 4).int16(has);
        out.int64(destination).int64(serial).int64(timestamp);
        if (expiry != 0) out.int64(expiry);
        if (deliveryTime != 0) out.int64(deliveryTime);
        if ((has & MessageLayout.ORIGIN) != 0)
            out.int64(clientHash).int32(connection).int32(0);
        if (correlationId != null) out.text(correlationId);
        if (type != null) out.text(type);
        if (replyTo != null) out.int8(replyKind).text(replyTo);
        out.block(properties);
        if (body != null) out.block(body);
        out.align(0).setInt32(0, out.length());
        byte[] bytes = new byte[out.length()];
        out.written().get(bytes);
        return bytes;
    }

    /** Reads the MESSAGE at this place of a record that was found whole. */
    public static Envelope read(Bytes record, int at) {
        Envelope e = new Envelope();
        Cursor in = new Cursor().over(record, at + Op.ID, at + record.getInt(at));
        int a = record.getByte(at + 5);
        e.priority = a & 15;
        e.bodyType = a >> 4 & 15;
        int has = record.getInt(at + 4) >>> 16;
        e.flags = has & (MessageLayout.PERSISTENT | MessageLayout.ID_DISABLED | MessageLayout.TIMESTAMP_DISABLED);
        e.destination = in.int64();
        e.serial = in.int64();
        e.timestamp = in.int64();
        if ((has & MessageLayout.EXPIRY) != 0) e.expiry = in.int64();
        if ((has & MessageLayout.DELIVERY_TIME) != 0) e.deliveryTime = in.int64();
        if ((has & MessageLayout.ORIGIN) != 0) {
            e.clientHash = in.int64();
            e.connection = (int) in.int64();
        }
        if ((has & MessageLayout.CORRELATION_ID) != 0) e.correlationId = in.text();
        if ((has & MessageLayout.TYPE) != 0) e.type = in.text();
        if ((has & MessageLayout.REPLY_TO) != 0) {
            e.replyKind = in.uint8();
            e.replyTo = in.text();
        }
        e.properties = in.array(in.int32());
        e.body = (has & MessageLayout.NO_BODY) != 0 ? null : in.array(in.int32());
        return e;
    }
}
