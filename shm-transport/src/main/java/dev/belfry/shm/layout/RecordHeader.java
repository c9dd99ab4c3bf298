package dev.belfry.shm.layout;

/**
 * The 8-byte word before each payload, written in one release store: the commit.
 *
 * <pre>
 *   bits  0-31  frame length: 8 + payload; 0 = nothing yet
 *   bits 32-35  type: DATA, HOP (0-7 must be understood, 8-15 may be skipped)
 *   bits 36-39  flags: properties, system block; others are of later releases, see {@link NewerRecordException}
 *   bits 40-63  stamp: DATA its position's low 24 bits; HOP and an empty word those of the next record
 *
 *   payload     [system block, 32 bytes: timestamp int64, expiry int64, delivery time int64, priority int32,
 *               free int32]
 *               [properties: encoded length int32, free int32, encoded bytes, padded to 8]
 *               body
 * </pre>
 *
 * <p>A record takes 8 bytes and its payload, up to a multiple of 8, and a {@link RecordTrailer} where
 * the queue has them. {@code pad} is what is added for both, so that no reader or writer has to ask.
 */
public final class RecordHeader {
    public static final int SIZE = 8;
    public static final int DATA = 1;
    public static final int HOP = 2;
    private static final int FIRST_SKIPPABLE = 8;
    public static final int PROPERTIES = 1;
    public static final int SYSTEM_BLOCK = 2;

    private static final int KNOWN_FLAGS = PROPERTIES | SYSTEM_BLOCK;

    public static final int SYSTEM_BLOCK_SIZE = 32;
    public static final int PROPERTIES_PREFIX = 8;

    private static final int NO_TRAILER = 7;

    private RecordHeader() {}

    public static long data(int frameLength, int flags, long position) {
        return word(frameLength, DATA, flags, position);
    }

    public static long hop(long nextPosition) {
        return word(SIZE, HOP, 0, nextPosition);
    }

    /** "Nothing yet": {@code nextPosition} will be here. */
    public static long empty(long nextPosition) {
        return word(0, 0, 0, nextPosition);
    }

    private static long word(int length, int type, int flags, long position) {
        return (length & 0xFFFF_FFFFL)
                | (long) type << 32
                | (long) flags << 36
                | (long) Positions.stamp(position) << 40;
    }

    /** The message of this position, with any length and flags. */
    public static boolean isData(long word, long position) {
        return ((int) (word >>> 32) & ~0xF0) == (DATA | Positions.stamp(position) << 8);
    }

    /** The message of this position, with a body and nothing else. */
    public static boolean isPlain(long word, long position) {
        return (int) (word >>> 32) == (DATA | (int) position << 8); // the shift leaves the stamp's 24 bits
    }

    public static boolean isEmpty(long word) {
        return (int) word == 0;
    }

    public static int frameLength(long word) {
        return (int) word;
    }

    public static int type(long word) {
        return (int) (word >>> 32) & 0xF;
    }

    public static int flags(long word) {
        return (int) (word >>> 36) & 0xF;
    }

    /** Else a later release has written it, and where its body begins is not known. */
    public static boolean hasKnownFlags(long word) {
        return (flags(word) & ~KNOWN_FLAGS) == 0;
    }

    public static int stamp(long word) {
        return (int) (word >>> 40);
    }

    public static long align(long length) {
        return length + 7 & ~7L;
    }

    public static int pad(boolean trailers) {
        return trailers ? NO_TRAILER + RecordTrailer.SIZE : NO_TRAILER;
    }

    public static boolean hasTrailer(int pad) {
        return pad != NO_TRAILER;
    }

    /** Bytes of the log that a record takes. */
    public static long size(long frameLength, int pad) {
        return frameLength + pad & ~7L;
    }

    /** In a ring of this capacity: there is an empty word after each record. */
    public static long longestFrame(long capacity, int pad) {
        return capacity - 1 - pad;
    }

    /** From a later version, and not needed to understand the rest. */
    public static boolean isSkippable(long word) {
        return type(word) >= FIRST_SKIPPABLE;
    }

    /** How far the log advances over this word; checked against the ring that it is in. */
    public static long advance(long word, long capacity, int pad) {
        int length = frameLength(word);
        int type = type(word);
        if (type == HOP && length == SIZE) return SIZE;
        if (type != DATA && !isSkippable(word) || length < SIZE || length > longestFrame(capacity, pad))
            throw new CorruptSegmentException(
                    "record of type " + type + " and length " + length + " in a ring of " + capacity);
        return size(length, pad);
    }
}
