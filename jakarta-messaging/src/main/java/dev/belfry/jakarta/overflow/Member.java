package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.State;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** The member of a domain whose threads page. None of its methods is called with a lock. */
public interface Member {
    /** Returned by {@link #append} if nothing was decided. */
    long NOTHING = 0;

    Log log();

    /** Reads of any record what has its place. */
    LogReader reader();

    /** Asks the state as of the log's end. It is asked with the fold lock, so the question waits for no disk. */
    <T> T ask(Function<State, T> question);

    /**
     * Appends the record that is decided under the publish lock, of the state as of the log's end: so no member comes
     * between. The decision waits for no disk; null: none.
     *
     * @param most so long is the record at most
     * @return its position, {@link #NOTHING}, or {@link Log#REJECTED}: there is no room
     */
    long append(int most, Reserve reserve, Function<State, ByteBuffer> decision);

    /**
     * Names a process in the domain that knows nothing of pages; empty: there is none, and none can come any more. May
     * wait for a disk.
     */
    String unawareOfPages();

    /** Makes room, if that can be. */
    void makeRoom();

    /** The consumers of this queue are to hear that its next message cannot be read. False: it has none here. */
    boolean isHeard(long queue);

    /** It is no member any more. */
    boolean hasFailed();

    /** The bell of a queue's consumers. */
    int bell(long queue);
}
