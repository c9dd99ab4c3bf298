package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Text;
import dev.belfry.spi.Bytes;
import java.util.UUID;

/** Reads one field after the other, never beyond its limit: then it throws {@link Malformed}. */
public final class Cursor {
    private Bytes bytes;
    private int at;
    private int limit;

    /** From {@code from}, which is in the record, to {@code to}. */
    public Cursor over(Bytes source, int from, int to) {
        bytes = source;
        at = from;
        limit = Math.min(to, source.length());
        return this;
    }

    public int at() {
        return at;
    }

    public int remaining() {
        return limit - at;
    }

    public int uint8() {
        return bytes.getByte(advance(1)) & 0xff;
    }

    public int int32() {
        return bytes.getInt(advance(4));
    }

    public long int64() {
        return bytes.getLong(advance(8));
    }

    public UUID uuid() {
        return new UUID(int64(), int64());
    }

    /** Seven bits a byte, the low ones first; ten bytes at most. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte one = bytes.getByte(advance(1));
            value |= (long) (one & 0x7f) << shift;
            if (one >= 0) return value;
        }
        throw new Malformed("varint of more than ten bytes");
    }

    /** A varint that is an int and not negative. */
    public int count() {
        long value = varint();
        if (value < 0 || value > Integer.MAX_VALUE) throw new Malformed("count " + value);
        return (int) value;
    }

    /** A varint that may not be zero: 0 is no member and no view. */
    long id() {
        long value = varint();
        if (value == 0) throw new Malformed("id 0");
        return value;
    }

    /** Null if none was written. */
    public String text() {
        int length = int32();
        if (length == -1) return null;
        byte[] bytes = array(length);
        return Text.string(bytes, 0, bytes.length);
    }

    public String textNotNull() {
        String text = text();
        if (text == null) throw new Malformed("no text");
        return text;
    }

    void skipText() {
        skipBlock(int32());
    }

    public byte[] array(int length) {
        int from = skipBlock(length);
        byte[] to = new byte[length];
        bytes.get(from, to, 0, length);
        return to;
    }

    /** Where they were. */
    int skipBlock(int length) {
        if (length < 0) throw new Malformed("length " + length);
        return advance(length);
    }

    /** To the next multiple of 8. */
    public void align() {
        advance(-at & 7);
    }

    void expectEnd() {
        if (remaining() > 7) throw new Malformed(remaining() + " bytes after the last field");
    }

    private int advance(int length) {
        if (length > limit - at) throw new Malformed("field ends beyond its operation");
        int from = at;
        at += length;
        return from;
    }
}
