package dev.belfry.spi;

/**
 * Reads a {@link Log} from a place on and holds nothing back: an append that needs the room passes it. The bytes are of
 * the record that it is at, and anything once that is passed. One thread at a time, but for {@link #read} and {@link
 * #wake}, which are for any thread, and for {@link #await}: one thread may wait while others call the rest under a lock
 * of theirs.
 */
public interface LogReader extends Bytes, AutoCloseable {
    enum Step {
        /** To the next record, which the methods below now read. */
        RECORD,
        /** This was the newest one. */
        NOTHING,
        /** The next record is gone. It stays so until {@link #moveTo}. */
        PASSED
    }

    Step next();

    long position();

    /** The place of this record's first byte; grows with the position. */
    long place();

    /** Whether this record is still there: then what was read of it is what was written. */
    boolean intact();

    /**
     * Copies a part of any record, which begins at this place.
     *
     * @return false: it is gone, or another record is there
     * @throws IndexOutOfBoundsException if the record is there and shorter
     */
    boolean read(long place, long position, int at, byte[] to, int from, int length);

    /** The next record is this one: of a mark, or of a record that was read. PASSED if it is gone. */
    void moveTo(Mark.At to);

    /**
     * From now on the log keeps all that is there, as for a slow subscriber, until it is told not to, or this reader is
     * closed. Publishers may have to wait meanwhile.
     */
    void hold(boolean gating);

    /**
     * Waits until a record rings one of these bells. Returns at once if there is a record that
     * {@link #next} has not shown when it begins to wait, and may return early for no reason.
     *
     * @return false if the deadline, of {@link Deadlines}, has passed
     */
    boolean await(int bells, long deadline);

    /** Ends the await that is under way, or the next one. */
    void wake();

    @Override
    void close();
}
