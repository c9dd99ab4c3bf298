package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import dev.belfry.jakarta.wire.Cursor;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Malformed;
import dev.belfry.jakarta.wire.Newer;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

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
 *
 * The queue that holds it proves its bytes by a checksum. So this notices other messages, not single bits.
 */
public final class ChunkLayout {
    /** Counts the bytes of a message beside its MESSAGE. */
    public static final int BESIDE = 16;

    private static final int MAGIC = 'B' | 'L' << 8 | 'F' << 16 | 'C' << 24;
    private static final int VERSION = 1;
    private static final int QUEUE = 52;

    private ChunkLayout() {}

    /** Tells how long a head is. */
    public static int length(String queue) {
        return QUEUE + Integer.BYTES + Text.bytes(queue).length + 7 & -8;
    }

    static byte[] write(ChunkHead head, List<PagedMessage> messages) {
        int length = length(head.queue());
        for (PagedMessage each : messages) length += BESIDE + each.bytes().length;
        Out out = new Out(length);
        out.int32(MAGIC).int32(VERSION).uuid(head.binding()).uuid(head.page());
        out.int32(head.number()).int32(head.first()).int32(messages.size());
        out.text(head.queue()).align(0);
        for (PagedMessage each : messages)
            out.int64(each.mid()).int64(each.author()).raw(each.bytes());
        return out.array();
    }

    /**
     * Reads a stranger's bytes.
     *
     * @throws Malformed if they are no chunk
     * @throws Newer if a later release has written them
     */
    public static ReadChunk read(byte[] chunk) {
        Bytes bytes = Bytes.of(ByteBuffer.wrap(chunk));
        Cursor in = new Cursor().over(bytes, 0, chunk.length);
        if (in.int32() != MAGIC) throw new Malformed("no chunk");
        if (in.int32() != VERSION) throw new Newer("version of a chunk");
        return read(bytes, in);
    }

    private static ReadChunk read(Bytes bytes, Cursor in) {
        UUID binding = in.uuid();
        UUID page = in.uuid();
        int number = in.int32();
        int first = in.int32();
        int count = in.int32();
        if (number < 0 || first < 0 || count < 1 || count > in.remaining() / BESIDE) throw new Malformed("numbers");
        ChunkHead head = new ChunkHead(binding, page, number, first, in.textNotNull());
        in.align();
        long queue = DestinationId.of(DestinationId.QUEUE, head.queue());
        List<PagedMessage> messages = new ArrayList<>(count);
        for (long last = -1;
                messages.size() < count;
                last = messages.get(messages.size() - 1).mid()) messages.add(message(bytes, in, queue, last));
        if (in.remaining() != 0) throw new Malformed("bytes after the last message");
        return new ReadChunk(head, List.copyOf(messages));
    }

    private static PagedMessage message(Bytes bytes, Cursor in, long queue, long last) {
        long mid = in.int64();
        long author = in.int64();
        if (mid <= last || author == 0) throw new Malformed("mid or author");
        int length = RecordReader.message(bytes, in.at(), in.at() + in.remaining());
        if (bytes.getLong(in.at() + Op.ID) != queue) throw new Malformed("message of another queue");
        return new PagedMessage(mid, author, in.array(length));
    }
}
