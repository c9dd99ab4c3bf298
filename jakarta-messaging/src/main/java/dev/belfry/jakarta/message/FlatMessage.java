package dev.belfry.jakarta.message;

import dev.belfry.jakarta.wire.MessageLayout;
import dev.belfry.jakarta.wire.Op;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message as it lies in the log, read where it lies: the operation MESSAGE, which
 * {@link MessageCodec} wrote, or what a stranger put there.
 *
 * To be used again and again; one thread at a time.
 */
public final class FlatMessage implements MessageFields {
    private static final int ENTRY_HEAD = 5;
    private static final byte[] IS_PERSISTENT = "PERSISTENT".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] IS_NOT_PERSISTENT = "NON_PERSISTENT".getBytes(StandardCharsets.US_ASCII);

    private final String domain;
    private long author;

    private byte[] message;
    private int start;
    private int end;
    private int flags;
    /** Where fields begin (-1: not there), and where properties and body begin and end. */
    private int expiration;

    private int deliveryTime;
    private int origin;
    private int optional;
    private int correlation;
    private int type;
    private int properties;
    private int propertiesEnd;
    private int body;
    private int bodyEnd;

    /** The input of its parts, one after the other. */
    private final Input input = new Input();

    /** See {@link #hasHiddenProperty}. */
    private boolean hidden;

    /** The value found last. */
    private long bits;

    private byte[] array;
    private int offset;
    private int length;

    /** {@code domain}: for {@link MessageId}. */
    public FlatMessage(String domain) {
        this.domain = domain;
    }

    /**
     * From now on the message at this place. False if it is damaged: then nothing else may be
     * called. {@code author}: for {@link MessageId}.
     */
    public boolean wrap(byte[] bytes, int from, int count, long author) {
        this.author = author;
        message = bytes;
        hidden = false;
        start = from;
        end = from + count;
        if (count < MessageLayout.HEAD || Input.i32(bytes, from) > count || Input.i32(bytes, from) < MessageLayout.HEAD)
            return false;
        end = from + Input.i32(bytes, from);
        flags = Short.toUnsignedInt(Input.i16(bytes, from + 6));
        if (bytes[from + 4] != Op.MESSAGE
                || priority() > MessageLayout.TOP_PRIORITY
                || (flags & ~MessageLayout.FLAGS) != 0) return false;
        int at = from + MessageLayout.HEAD;
        expiration = has(MessageLayout.EXPIRY) ? at : -1;
        at = skip(at, has(MessageLayout.EXPIRY) ? 8 : 0);
        deliveryTime = has(MessageLayout.DELIVERY_TIME) ? at : -1;
        at = skip(at, has(MessageLayout.DELIVERY_TIME) ? 8 : 0);
        origin = has(MessageLayout.ORIGIN) ? at : -1;
        at = skip(at, has(MessageLayout.ORIGIN) ? MessageLayout.ORIGIN_LENGTH : 0);
        optional = at;
        correlation = has(MessageLayout.CORRELATION_ID) ? at : -1;
        at = has(MessageLayout.CORRELATION_ID) ? skipSized(at) : at;
        type = has(MessageLayout.TYPE) ? at : -1;
        at = has(MessageLayout.TYPE) ? skipSized(at) : at;
        at = has(MessageLayout.REPLY_TO) ? skipSized(skip(at, 1)) : at;
        properties = at + 4;
        propertiesEnd = skipSized(at);
        body = has(MessageLayout.NO_BODY) ? propertiesEnd : propertiesEnd + 4;
        bodyEnd = has(MessageLayout.NO_BODY) ? propertiesEnd : skipSized(propertiesEnd);
        return bodyEnd >= 0;
    }

    private int skip(int at, int count) {
        return at < 0 || count < 0 || count > end - at ? -1 : at + count;
    }

    private int skipSized(int at) {
        return skip(at, 4) < 0 ? -1 : skip(at + 4, Input.i32(message, at));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public int priority() {
        return message[start + 5] & 15;
    }

    /** The number of a {@link BodyType}, or of one that a newer version has. */
    int bodyType() {
        return (message[start + 5] & 0xFF) >> 4;
    }

    /** Whether a property was asked for, and not found after one of a kind that a newer version has. */
    public boolean hasHiddenProperty() {
        return hidden;
    }

    /** 0 if the sender has disabled it. */
    public long timestamp() {
        return has(MessageLayout.TIMESTAMP_DISABLED) ? 0 : sentAt();
    }

    private long sentAt() {
        return Input.i64(message, start + 24);
    }

    /** 0: never. */
    public long expiration() {
        return expiration < 0 ? 0 : Input.i64(message, expiration);
    }

    public long deliveryTime() {
        return deliveryTime < 0 ? sentAt() : Input.i64(message, deliveryTime);
    }

    /** The member that sent it. */
    public long author() {
        return author;
    }

    /** The client id of its connection as a number; 0: not known. */
    public long client() {
        return origin < 0 ? 0 : Input.i64(message, origin);
    }

    /** The number of its connection in the member; 0: not known. */
    public int connection() {
        return origin < 0 ? 0 : (int) Input.i64(message, origin + 8);
    }

    /** Correlation id, type and reply-to, as far as they are there. Valid until another part is asked for. */
    Input optionalFields() {
        return input.over(message, optional, end);
    }

    public int bodyLength() {
        return bodyEnd - body;
    }

    Input properties() {
        return input.over(message, properties, propertiesEnd);
    }

    Input body() {
        return input.over(message, body, bodyEnd);
    }

    void messageIdTo(HeaderFields message) {
        if (!has(MessageLayout.ID_DISABLED)) message.messageId(domain, author, Input.i64(this.message, start + 16));
    }

    /** Null if the sender has disabled it. */
    public String messageId() {
        return has(MessageLayout.ID_DISABLED) ? null : MessageId.text(domain, author, Input.i64(message, start + 16));
    }

    @Override
    public byte header(Header header) {
        return switch (header) {
            case JMSDeliveryMode -> found(has(MessageLayout.PERSISTENT) ? IS_PERSISTENT : IS_NOT_PERSISTENT);
            case JMSPriority -> found(INT, priority());
            case JMSTimestamp -> found(LONG, timestamp());
            case JMSCorrelationID -> found(correlation);
            case JMSType -> found(type);
            case JMSMessageID ->
                has(MessageLayout.ID_DISABLED) ? NULL : found(messageId().getBytes(StandardCharsets.UTF_8));
        };
    }

    /** A block that is damaged has no properties after the damage. */
    @Override
    public byte property(byte[] name) {
        int at = properties;
        while (propertiesEnd - at >= ENTRY_HEAD) {
            byte kind = message[at];
            int nameAt = at + ENTRY_HEAD;
            int nameLength = Input.i32(message, at + 1);
            if (nameLength < 0 || nameLength > propertiesEnd - nameAt) return NULL;
            int valueAt = nameAt + nameLength;
            int size = size(kind, valueAt);
            hidden |= (kind & 0xFF) > STRING;
            if (size < 0 || size > propertiesEnd - valueAt) return NULL;
            if (nameLength == name.length && Arrays.equals(message, nameAt, valueAt, name, 0, nameLength))
                return value(kind, valueAt);
            at = valueAt + size;
        }
        return NULL;
    }

    private int size(byte kind, int valueAt) {
        return switch (kind) {
            case NULL -> 0;
            case BOOLEAN, BYTE -> 1;
            case SHORT -> 2;
            case INT, FLOAT -> 4;
            case LONG, DOUBLE -> 8;
            case STRING -> sizeOfText(valueAt);
            default -> -1;
        };
    }

    /** -1 if it is damaged. */
    private int sizeOfText(int at) {
        if (propertiesEnd - at < 4) return -1;
        int said = Input.i32(message, at);
        return said < 0 || said > propertiesEnd - at - 4 ? -1 : 4 + said;
    }

    private byte value(byte kind, int at) {
        return switch (kind) {
            case BOOLEAN, BYTE -> found(kind, message[at]);
            case SHORT -> found(kind, Input.i16(message, at));
            case INT, FLOAT -> found(kind, Input.i32(message, at));
            case LONG, DOUBLE -> found(kind, Input.i64(message, at));
            case STRING -> found(at);
            default -> NULL;
        };
    }

    private byte found(byte kind, long value) {
        bits = value;
        return kind;
    }

    private byte found(byte[] text) {
        array = text;
        offset = 0;
        length = text.length;
        return STRING;
    }

    /** A text with its length before it. */
    private byte found(int at) {
        if (at < 0) return NULL;
        array = message;
        offset = at + 4;
        length = Input.i32(message, at);
        return STRING;
    }

    @Override
    public long bits() {
        return bits;
    }

    @Override
    public byte[] array() {
        return array;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }
}
