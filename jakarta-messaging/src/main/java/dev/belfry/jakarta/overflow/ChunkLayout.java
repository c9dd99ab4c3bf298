package dev.belfry.jakarta.overflow;

import java.util.List;

/**
 * The bytes of a chunk, which is one message of the companion. Little-endian, as in the records of a domain.
 *
 * <pre>
 *   +0  magic     u32  "BLFC"
 *   +4  version   u8   1
 *   +5  zeros     3 bytes
 *   +8  binding   uuid of the companion
 *   +24 page      uuid
 *   +40 number    u32  of the chunk in its page, from 0
 *   +44 first     u32  index of its first message in its page
 *   +48 messages  u32  at least 1
 *   +52 queue     string: length u32, UTF-8; zeros, up to a multiple of 8
 *   of each message, whose mids ascend:
 *       mid       u64
 *       author    u64
 *       MESSAGE        as in a record: its length u32, a multiple of 8, comes first
 * </pre>
 */
public final class ChunkLayout {
    /** Of a message, beside its MESSAGE. */
    public static final int BESIDE = 16;

    private ChunkLayout() {}

    /** Tells how long a head is. */
    public static int length(String queue) {
        throw new UnsupportedOperationException(queue);
    }

    public static byte[] write(ChunkHead head, List<PagedMessage> messages) {
        throw new UnsupportedOperationException(head + " " + messages);
    }

    /**
     * Reads a stranger's bytes.
     *
     * @throws dev.belfry.jakarta.wire.Malformed if they are no chunk
     * @throws dev.belfry.jakarta.wire.Newer if a later release has written them
     */
    public static ReadChunk read(byte[] bytes) {
        throw new UnsupportedOperationException(bytes.length + " bytes");
    }
}
