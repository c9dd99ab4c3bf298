package dev.belfry.tests;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Messages of any length from one byte on, and the fingerprint by which whoever sees one knows
 * whose it is, and that it is whole. Not thread-safe.
 */
final class Content {
    private static final int IDENTITY = 16;
    private static final byte[] FILL = new byte[1 << 18];

    static {
        new Random(42).nextBytes(FILL);
    }

    private final CRC32 crc = new CRC32();
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

    /** Ready to be published: as much of sequence and publisher as fits, then bytes that follow from those. */
    ByteBuffer make(long publisher, long sequence, int length) {
        room(length);
        bytes.clear().limit(length);
        int from = (int) (sequence * 31 + publisher & 0xFFFF);
        for (int at = 0; at < length; ) {
            int n = Math.min(length - at, FILL.length - from);
            System.arraycopy(FILL, from, bytes.array(), at, n);
            at += n;
            from = 0;
        }
        for (int i = 0; i < Math.min(length, IDENTITY); i++)
            bytes.put(i, (byte) ((i < 8 ? sequence : publisher) >>> 8 * (i & 7)));
        return bytes.position(0);
    }

    /** Of a copy: never over the mapping. */
    long fingerprint(ByteBuffer body) {
        int length = body.remaining();
        room(length);
        body.duplicate().get(bytes.array(), 0, length);
        return fingerprint(bytes.array(), length);
    }

    long fingerprint(byte[] body, int length) {
        crc.reset();
        crc.update(body, 0, length);
        long identity = length;
        for (int i = 0; i < Math.min(length, IDENTITY); i++)
            identity = (identity ^ body[i] & 0xFF) * 0x9E3779B97F4A7C15L;
        return identity ^ crc.getValue();
    }

    private void room(int length) {
        if (length <= bytes.capacity()) return;
        bytes = ByteBuffer.allocate(Math.max(length, 2 * bytes.capacity())).order(ByteOrder.LITTLE_ENDIAN);
    }
}
