package dev.belfry.shm.layout;

/**
 * The last 8 bytes of each record, but of a HOP, where the queue has trailers: see {@link Creation#hasTrailers}. The
 * publisher stores it before the commit. The process that copies the log into a file puts the checksum in. A flag in
 * each record would leave none plain: a poll would take 34 ns instead of 5.
 *
 * <pre>
 *   bit  0      more of its batch follows
 *   bits 1-31   bits 24-54 of its position: with the stamp it is whole
 *   bits 32-63  0 in the ring; in a file CRC32C over 32 bytes (the log's own id, offset and position of the record)
 *               and over the record up to here, its padding zeroed
 * </pre>
 */
public final class RecordTrailer {
    public static final int SIZE = 8;

    private static final int POSITION_SHIFT = Positions.STAMP_BITS - 1;
    private static final long POSITION = 0xFFFF_FFFEL;
    private static final long MORE = 1;

    private RecordTrailer() {}

    public static long of(long position, boolean more) {
        return position >>> POSITION_SHIFT & POSITION | (more ? MORE : 0);
    }

    /** As its publisher stored it, before any checksum. */
    public static boolean isOf(long trailer, long position) {
        return (trailer & ~MORE) == of(position, false);
    }

    /** The position of the record that begins with this word and ends in this trailer, sealed or not. */
    public static long position(long word, long trailer) {
        return (trailer & POSITION) << POSITION_SHIFT | RecordHeader.stamp(word);
    }

    public static boolean isMore(long trailer) {
        return (trailer & MORE) != 0;
    }
}
