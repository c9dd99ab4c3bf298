package dev.belfry.tests;

import dev.belfry.testing.MessageViolation;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * A message that can be checked: CRC, publisher, sequence, own length, then bytes that follow from
 * those. Checked over a copy on the heap, never over the mapping. Not thread-safe.
 */
final class Sample {
    static final int HEADER = 24;
    private static final byte[] FILL = new byte[1 << 17];

    static {
        new Random(42).nextBytes(FILL);
    }

    private final CRC32C crc = new CRC32C();
    private final byte[] copy = new byte[(1 << 16) + HEADER];
    private final ByteBuffer bytes = ByteBuffer.wrap(copy);

    // Of the one checked last.
    int publisher;
    long sequence;

    /** Ready to be published. */
    ByteBuffer make(int publisher, long sequence, int payload) {
        int length = HEADER + payload;
        bytes.clear()
                .putInt(4, publisher)
                .putLong(8, sequence)
                .putInt(16, length)
                .putInt(20, 0)
                .limit(length);
        System.arraycopy(FILL, (int) (sequence * 31 & 0xFFFF), copy, HEADER, payload);
        return bytes.putInt(0, crc(length));
    }

    /** Payload lengths from 0 to 4 KiB, the same ones in every run. */
    static int length(int publisher, long sequence) {
        long x = (sequence + 1) * 0x9E3779B97F4A7C15L + publisher * 0xC2B2AE3D27D4EB4FL;
        return (int) ((x ^ x >>> 29) >>> 8 & 0x7FFFFFFF) % 4097;
    }

    /** Throws if it is not whole. */
    void check(ByteBuffer body) {
        int length = body.remaining();
        if (length < HEADER || length > copy.length) throw new MessageViolation("a message of " + length + " bytes");
        body.get(copy, 0, length);
        publisher = bytes.getInt(4);
        sequence = bytes.getLong(8);
        if (bytes.getInt(16) != length || bytes.getInt(0) != crc(length))
            throw new MessageViolation("torn: " + length + " bytes, claims to be " + bytes.getInt(16)
                    + " bytes, number " + sequence + " of publisher " + publisher);
    }

    private int crc(int length) {
        crc.reset();
        crc.update(copy, 4, length - 4);
        return (int) crc.getValue();
    }
}
