package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import dev.belfry.jakarta.wire.MessageLayout;
import java.util.Arrays;
import java.util.Map;

/**
 * A message as a dead letter: its bytes as they are, but for another destination and serial, without
 * an expiry, and with properties that say where it comes from.
 */
public final class DeadLetter {
    /** Properties that say where it comes from, and why. */
    public static final String QUEUE = "JMS_BELFRY_Queue";

    public static final String TOPIC = "JMS_BELFRY_Topic";
    public static final String REASON = "JMS_BELFRY_Reason";

    private static final byte[] QUEUE_KEY = MessageFields.bytes(QUEUE);
    private static final byte[] REASON_KEY = MessageFields.bytes(REASON);

    private DeadLetter() {}

    /**
     * Where a dead letter comes from; empty: from a topic. Null if it is none, or one that was sent back to its queue.
     *
     * @param queue that it is in
     */
    public static String originOf(MessageFields message, String queue) {
        if (message.property(REASON_KEY) != MessageFields.STRING) return null;
        if (message.property(QUEUE_KEY) != MessageFields.STRING) return "";
        String origin = Text.string(message.array(), message.offset(), message.length());
        return origin.equals(queue) ? null : origin;
    }

    /**
     * {@code message}: an operation that was found whole; its properties and its body may be damaged.
     * {@code origin}: properties, which come after its own and win over those.
     */
    public static byte[] of(byte[] message, long destination, long serial, Map<String, ?> origin) {
        int flags = Short.toUnsignedInt(Input.i16(message, 6));
        int fields = MessageLayout.HEAD + (has(flags, MessageLayout.EXPIRY) ? 8 : 0);
        int at = fields + (has(flags, MessageLayout.DELIVERY_TIME) ? 8 : 0);
        at += has(flags, MessageLayout.ORIGIN) ? MessageLayout.ORIGIN_LENGTH : 0;
        at = has(flags, MessageLayout.CORRELATION_ID) ? afterSized(message, at) : at;
        at = has(flags, MessageLayout.TYPE) ? afterSized(message, at) : at;
        at = has(flags, MessageLayout.REPLY_TO) ? afterSized(message, at + 1) : at;
        int body = afterSized(message, at);
        int end = has(flags, MessageLayout.NO_BODY) ? body : afterSized(message, body);

        Out out = new Out(256);
        out.int32(0).int8(message[4]).int8(message[5]).int16(flags & ~MessageLayout.EXPIRY);
        out.int64(destination).int64(serial).int64(Input.i64(message, 24));
        out.raw(Arrays.copyOfRange(message, fields, at));
        int properties = out.int32(0).length();
        out.raw(Arrays.copyOfRange(message, at + 4, body));
        origin.forEach((name, value) -> Values.write(out, name, value));
        out.setInt32(properties - 4, out.length() - properties);
        out.raw(Arrays.copyOfRange(message, body, end));
        out.align(0);
        out.setInt32(0, out.length());
        return Arrays.copyOf(out.array(), out.length());
    }

    private static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }

    private static int afterSized(byte[] message, int at) {
        return at + 4 + Input.i32(message, at);
    }
}
