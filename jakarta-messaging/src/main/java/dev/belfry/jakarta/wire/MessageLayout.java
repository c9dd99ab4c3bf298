package dev.belfry.jakarta.wire;

/**
 * The bytes of the operation MESSAGE. Little-endian.
 *
 * <pre>
 *   +0  length       i32  of all of it, a multiple of 8
 *   +4  kind         u8   1
 *   +5  a            u8   priority 0 to 9, and × 16 the body's type:
 *                         0 none (Message), 1 Text, 2 Bytes, 3 Map, 4 Stream, 5 Object
 *   +6  flags        u16  see below
 *   +8  destination  i64
 *   +16 serial       i64
 *   +24 timestamp    i64  of the send
 *   then, if the flag is set:
 *     2 expiration i64
 *     4 delivery time i64; unset: that of the send
 *     8 origin: hash of the client id i64, connection i64
 *    16 correlation id: length i32, bytes
 *    32 type: length i32, UTF-8
 *    64 reply-to: kind u8, length i32, UTF-8
 *   properties  length i32, then of each: kind u8, length of the name i32, name, value
 *               (the package of messages numbers the kinds)
 *   body        length i32, bytes; not if 128 is set: no body, which differs from an empty one
 *   zeros       up to the length
 *   flags without fields: 1 persistent · 256 id disabled · 512 timestamp disabled
 * </pre>
 */
public final class MessageLayout {
    /** Before what the flags say. */
    public static final int HEAD = 32;

    private static final int FLAGS_AT = 6;

    public static final int PERSISTENT = 1;
    public static final int EXPIRY = 2;
    public static final int DELIVERY_TIME = 4;
    public static final int ORIGIN = 8;
    public static final int CORRELATION_ID = 16;
    public static final int TYPE = 32;
    public static final int REPLY_TO = 64;
    public static final int NO_BODY = 128;
    public static final int ID_DISABLED = 256;
    public static final int TIMESTAMP_DISABLED = 512;
    /** All of them. */
    public static final int FLAGS = 1023;

    public static final int ORIGIN_LENGTH = 16;
    public static final int TOP_PRIORITY = 9;

    private MessageLayout() {}

    /** Whether the operation that begins there is persistent. */
    public static boolean isPersistent(byte[] message) {
        return (message[FLAGS_AT] & PERSISTENT) != 0;
    }

    static void expectKnown(int has) {
        if ((has & ~FLAGS) != 0) throw new Newer("flags of a message");
    }

    /** Whether its fields end where it does; the cursor is at its destination and ends where it ends. */
    static void check(Cursor in, int priorityAndBody, int has) {
        expectKnown(has);
        if ((priorityAndBody & 15) > TOP_PRIORITY) throw new Malformed("priority");
        if (!DestinationId.is(in.int64())) throw new Malformed("no destination");
        in.skipBlock(HEAD - Op.SECOND);
        if ((has & EXPIRY) != 0) in.skipBlock(8);
        if ((has & DELIVERY_TIME) != 0) in.skipBlock(8);
        if ((has & ORIGIN) != 0) in.skipBlock(ORIGIN_LENGTH);
        if ((has & CORRELATION_ID) != 0) in.skipText();
        if ((has & TYPE) != 0) in.skipText();
        if ((has & REPLY_TO) != 0) {
            in.uint8();
            in.skipText();
        }
        in.skipText();
        if ((has & NO_BODY) == 0) in.skipText();
        in.expectEnd();
    }
}
