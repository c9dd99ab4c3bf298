package dev.belfry.file;

import dev.belfry.api.IncompatibleVersionException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A few bytes of a file that are whole or do not count. All numbers are little-endian.
 *
 * <pre>
 *   +0   magic    eight letters
 *   +8   version  int32
 *   +12  length   int32, of all with the checksum
 *   +16  number   int64, of two blocks the higher one counts
 *   +24  log id   two int64: whose block it is
 *   +40  body
 *   last int32    CRC32C of all before it
 * </pre>
 */
final class Block {
    static final int BODY = 40;

    private static final int CHECKSUM = Integer.BYTES;

    private final String magic;
    private final int version;

    Block(String magic) {
        this(magic, 1);
    }

    /** Reads those of earlier versions, too. */
    Block(String magic, int version) {
        this.magic = magic;
        this.version = version;
    }

    /** For at most that many bytes of body, which begins at the buffer's position. */
    static ByteBuffer begin(int most) {
        return ByteBuffer.allocateDirect(BODY + most + CHECKSUM)
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(BODY);
    }

    /** The body ends at the buffer's position. The whole block remains in the buffer. */
    ByteBuffer seal(ByteBuffer block, long number, UUID logId) {
        int length = block.position() + CHECKSUM;
        block.put(0, magic.getBytes(StandardCharsets.US_ASCII));
        block.putInt(8, version).putInt(12, length).putLong(16, number);
        block.putLong(24, logId.getMostSignificantBits()).putLong(32, logId.getLeastSignificantBits());
        block.putInt(length - CHECKSUM, sum(block, length - CHECKSUM));
        return block.limit(length).position(0);
    }

    /**
     * The bytes read from a file, at the beginning of its body; null if it is not whole.
     *
     * @param name of the file, for messages
     */
    ByteBuffer open(ByteBuffer read, String name) {
        read.order(ByteOrder.LITTLE_ENDIAN);
        if (read.limit() < BODY + CHECKSUM || !hasMagic(read)) return null;
        int length = read.getInt(12);
        if (length < BODY + CHECKSUM || length > read.limit()) return null;
        if (read.getInt(length - CHECKSUM) != sum(read, length - CHECKSUM)) return null;
        int found = read.getInt(8);
        if (found < 1 || found > version)
            throw new IncompatibleVersionException(
                    name + " has version " + found + ", this library reads version " + version + ". Upgrade.");
        return read.limit(length - CHECKSUM).position(BODY);
    }

    private boolean hasMagic(ByteBuffer read) {
        byte[] found = new byte[Long.BYTES];
        read.get(0, found);
        return magic.equals(new String(found, StandardCharsets.US_ASCII));
    }

    static long number(ByteBuffer block) {
        return block.getLong(16);
    }

    static UUID logId(ByteBuffer block) {
        return new UUID(block.getLong(24), block.getLong(32));
    }

    private static int sum(ByteBuffer block, int length) {
        CRC32C sum = new CRC32C();
        sum.update(block.duplicate().limit(length).position(0));
        return (int) sum.getValue();
    }

    static void put(ByteBuffer block, UUID id) {
        block.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    static UUID id(ByteBuffer block) {
        return new UUID(block.getLong(), block.getLong());
    }
}
