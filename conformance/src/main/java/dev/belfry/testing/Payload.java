package dev.belfry.testing;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** A body with its sender and its number, in which each wrong byte is noticed. */
public record Payload(int publisher, long serial) {
    private static final int HEAD = 4 + 8 + 8;

    /** {@code filler} bytes longer than the shortest. */
    public byte[] bytes(int filler) {
        ByteBuffer body = ByteBuffer.allocate(HEAD + filler).putInt(publisher).putLong(serial);
        for (int i = HEAD; i < HEAD + filler; i++) body.put(i, (byte) (serial * 31 + i));
        return body.putLong(checksum(body.array())).array();
    }

    /** The length varies with the serial, so that records begin at many different places. */
    public byte[] bytes() {
        return bytes((int) (serial * 7 % 61));
    }

    public static Payload of(byte[] bytes) {
        if (bytes.length < HEAD) throw new MessageViolation("A torn message: only " + bytes.length + " bytes");
        ByteBuffer body = ByteBuffer.wrap(bytes);
        Payload payload = new Payload(body.getInt(), body.getLong());
        if (body.getLong() != checksum(bytes)) throw new MessageViolation("A torn message: it claims to be " + payload);
        return payload;
    }

    private static long checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, 12);
        crc.update(bytes, HEAD, bytes.length - HEAD);
        return crc.getValue() << 8 ^ bytes.length;
    }
}
