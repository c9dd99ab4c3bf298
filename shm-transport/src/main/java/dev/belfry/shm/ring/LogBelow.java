package dev.belfry.shm.ring;

import dev.belfry.shm.layout.SharedBytes;
import java.util.function.Predicate;

/** The log in the files of a queue: all that the gate has passed, as far down as the floor. Any thread. */
public interface LogBelow {
    /** The answer of {@link #read} where the floor has passed that offset meanwhile. */
    int BELOW_FLOOR = -1;

    /**
     * Copies the log from this offset on, where the record with this position begins, proven: whole records, as many as
     * {@code into} takes. Returns their bytes; 0: the first one is longer.
     *
     * @throws RuntimeException what is there cannot be read, or is not what was written; the next call tries again
     */
    int read(long offset, long position, SharedBytes into);

    /**
     * Begins the same in a thread of its own, as a disk may hang, and waits for a moment. {@code wakes}: a reader that
     * has found it under way.
     */
    FilesRead begin(long offset, long position, SharedBytes into, Runnable wakes);

    /** Says which position the record there has: its own, {@code known} if damaged, or {@link #BELOW_FLOOR}. */
    long positionAt(long offset, long known);

    /**
     * The first record that begins at or after this offset, found by trying each word, so over damage and missing
     * files, too: a record proves its place. Null: it is gone, or there is none yet.
     */
    LogPlace firstFrom(long offset);

    /** The first record behind the damage that {@link #read} has told there; null: none. Throws anything else again. */
    LogPlace behind(RuntimeException damaged, long offset);

    /** {@code from}, or the last first record of a file after it that is accepted: no later one may be. */
    LogPlace nearest(LogPlace from, Predicate<LogPlace> accepts);

    /** {@code from}, or the first record of a file before which all was published before that time. */
    LogPlace notBefore(LogPlace from, long millis);

    /** Nobody reads any more. */
    void close();
}
