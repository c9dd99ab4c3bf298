package dev.belfry.jakarta.wire;

import dev.belfry.spi.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks over the operations of one record. {@link #open} has checked all of it before the first is
 * read, so that a record is folded whole or not at all, and every member decides alike: by the
 * bytes and the position only. It copies the record first, and reads the copy only: others may write
 * over a record while a member is passed. The caller learns that later and gives up what it folded.
 */
public final class RecordReader {
    /** A member's decision about a record. */
    public enum Verdict {
        WHOLE,
        /** To be skipped and counted. */
        DAMAGED,
        /** Written by a newer version, and may not be skipped: the member ends. */
        NEWER
    }

    private static final int FEW = 512;

    private final RecordCheck check = new RecordCheck();
    private final Cursor fields = new Cursor();
    private final Cursor mids = new Cursor();
    private Bytes.Heap bytes = copyOf(FEW);
    private int ops;
    private int done;
    private int at;
    private int length;
    private int left;
    private long mid;

    /** Then {@link #next} goes to the first operation. */
    public Verdict open(Bytes record, long position) {
        ops = done = length = 0;
        at = Op.RECORD_HEAD;
        int size = record.length();
        if (size < Op.RECORD_HEAD) return Verdict.DAMAGED;
        copy(record, size);
        int format = bytes.getByte(0) & 0xff;
        if (format == 0 || format > Op.LAST_FORMAT) return Verdict.DAMAGED;
        if (format != Op.FORMAT || bytes.getByte(1) != 0) return Verdict.NEWER; // whatever the rest is
        if (bytes.getInt(4) != 0 || author() == 0) return Verdict.DAMAGED;
        try {
            check.check(bytes, position, size);
        } catch (Newer newer) {
            return Verdict.NEWER;
        } catch (Malformed damaged) {
            return Verdict.DAMAGED;
        }
        ops = bytes.getInt(0) >>> 16;
        return Verdict.WHOLE;
    }

    /** Whether these bytes, which may be anything, are one operation MESSAGE that this version knows. */
    public static boolean isMessage(byte[] operation) {
        try {
            return message(Bytes.of(ByteBuffer.wrap(operation)), 0, operation.length) == operation.length;
        } catch (Malformed | Newer other) {
            return false;
        }
    }

    /** Checks the MESSAGE that begins there, of bytes that may be anything, and returns its length. */
    public static int message(Bytes record, int at, int end) {
        return RecordCheck.message(record, at, end);
    }

    private void copy(Bytes record, int size) {
        if (bytes.buffer().capacity() < size) bytes = copyOf(size);
        ByteBuffer to = bytes.buffer().limit(size);
        record.get(0, to.array(), 0, size);
    }

    private static Bytes.Heap copyOf(int size) {
        return new Bytes.Heap(ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Whether the first operation is a CHECKPOINT; of a record that may be anything. */
    public static boolean mayBeCheckpoint(Bytes record) {
        return record.length() >= Op.RECORD_HEAD + Op.HEAD
                && (record.getInt(Op.RECORD_HEAD + 4) & 0xff) == Op.CHECKPOINT;
    }

    /** The copy, valid until the next {@link #open}. */
    public Bytes bytes() {
        return bytes;
    }

    public long author() {
        return bytes.getLong(Op.AUTHOR);
    }

    /** To the next operation, until there is none. */
    public boolean next() {
        if (done == ops) return false;
        done++;
        at += length;
        length = bytes.getInt(at);
        return true;
    }

    /** From 1: the index of which ids are made. */
    public int index() {
        return done;
    }

    /** Where the operation begins. */
    public int at() {
        return at;
    }

    public int length() {
        return length;
    }

    public int kind() {
        return bytes.getByte(at + 4) & 0xff;
    }

    public int a() {
        return bytes.getByte(at + 5) & 0xff;
    }

    public int b() {
        return bytes.getInt(at + 4) >>> 16;
    }

    /** One of {@link Op}'s places. */
    public long field(int place) {
        return bytes.getLong(at + place);
    }

    /** The fields from this place of the operation on. */
    public Cursor fields(int place) {
        return fields.over(bytes, at + place, at + length);
    }

    /** How many mids the operation names; {@link #nextMid} returns each once. */
    public int mids() {
        mids.over(bytes, at + (kind() == Op.RETURN ? Op.SECOND + 8 : Op.SECOND), at + length);
        left = mids.int32();
        mid = -1;
        return left;
    }

    public boolean hasMid() {
        return left > 0;
    }

    public long nextMid() {
        left--;
        mid = Mids.read(mids, mid);
        return mid;
    }
}
