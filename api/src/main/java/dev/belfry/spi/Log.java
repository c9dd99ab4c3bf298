package dev.belfry.spi;

import dev.belfry.api.Claim;
import dev.belfry.api.Publisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;

/**
 * A queue as a log, for a layer that keeps its own state in it: records that are appended whole or not at all, readers
 * that hold nothing back, and a {@link Mark} up to which everything may go. Reached by {@code queue.unwrap(Log.class)}
 * of a queue that was opened with the attribute {@link #KIND} = {@link #DOMAIN}; no other has one. Any thread.
 *
 * <p>A log <b>keeps</b> what the lowest mark or {@link LogReader#hold hold} needs: from there to its end is its used
 * part. Older records stay readable until an append needs their room.
 */
public interface Log {
    /** The attribute, or parameter of the URI, that says what a queue is for. */
    String KIND = "queueKind";

    /** A value of {@link #KIND}: a log. Without it a queue is for publishers and subscribers. */
    String DOMAIN = "domain";

    /** A feature for {@link #raise}: some of the log's records tell of what lies in a queue of files beside it. */
    long PAGES = 2;

    /** The result of {@link #append} if nothing was appended. */
    long REJECTED = Publisher.REJECTED;

    /**
     * How long an append or a claim waits at least for those of others that are under way, whatever
     * its timeout. They take microseconds; one that takes longer is of a process that stands still.
     */
    Duration OTHERS = Duration.ofMillis(500);

    /** New with each creation: positions compare only under one id. */
    UUID id();

    /** Position of the newest record; 0 before the first, which has position 1. */
    long newest();

    /** Bytes from the lowest mark or hold to the end. */
    long usedBytes();

    /** Bytes that the log has room for now. */
    long ringBytes();

    /** Bytes that it may grow to. No record may be longer than a quarter of it. */
    long maxRingBytes();

    /** This handle: never 0, never used again under this id. */
    long self();

    /** Whether that handle is open, in a process that lives. No clock is asked: a stopped process is alive. */
    boolean isAlive(long handle);

    /** That handle for people, such as "pid 812 (shop.Main, since 10:02:11)". */
    default String describe(long handle) {
        return "member " + handle;
    }

    /** The process that has that handle open; 0: it has ended, or that is not known. For people. */
    default long pid(long handle) {
        return 0;
    }

    /** Whether that process lives and is stopped by a signal. For people. */
    default boolean isStopped(long handle) {
        return false;
    }

    /** As {@link #describe}: the process that appends at this moment; empty: none, or that is not known. For people. */
    default String appending() {
        return "";
    }

    /** As {@link #describe}: the process that moves a mark or makes room at this moment; empty as there. For people. */
    default String makingRoom() {
        return "";
    }

    /**
     * Raises a feature for good, if each process that has this log open knows it: from then on one that does not is
     * refused when it opens. Waits for other steps and for a disk: without locks, and without a claim.
     *
     * @param feature such as {@link #PAGES}
     * @return false if {@link #unawareOf} names a process
     * @throws IllegalArgumentException if it is no feature that can be raised
     * @throws dev.belfry.api.InUseException if another process has been in such a step for long
     */
    default boolean raise(long feature) {
        return true;
    }

    /**
     * As {@link #describe}: a process that has this log open, and does not know that feature; empty: none is there. For
     * people.
     */
    default String unawareOf(long feature) {
        return "";
    }

    /**
     * Appends the buffer's remaining bytes as one record. A full log grows first, then waits. With a timeout of zero it
     * does neither, so that the caller may make room; but it waits for others, see {@link #OTHERS}, and an interrupt
     * does not end that. The buffer is left as it is if the record is rejected.
     *
     * @param bells the readers to be woken: those that wait for one of these bits
     * @param timeout how long to wait for room
     * @return its position, or {@link #REJECTED} if the time has passed
     */
    long append(ByteBuffer record, Reserve reserve, int bells, Duration timeout);

    /**
     * Room for a record, with the waits of an append. Until commit or close no other thread appends,
     * so {@link #newest} stands still. Its record wakes no reader.
     *
     * @return null if the time has passed
     */
    Claim claim(int length, Reserve reserve, Duration timeout);

    /** Why the disk has no room for more, if that is what an append lacks; empty: it is not. For people. */
    default String diskIsFull() {
        return "";
    }

    /**
     * Returns when all up to this record is on the disk, if the log promises that; else at once. Neither an interrupt
     * nor a time limit ends it, as the record is appended. Call it without locks: then many share one sync.
     *
     * @throws dev.belfry.api.JournalFailedException if the disk has failed; it may be there or not after that
     * @throws dev.belfry.api.QueueClosedException if this handle is closed meanwhile
     */
    default void awaitDurable(long position) {}

    /**
     * Waits until all up to this record is on the disk, also where {@link #awaitDurable} does not: for what can not be
     * taken back once it is done. True at once if the log has no disk. Call it without locks, as a disk may hang.
     *
     * @return false if the time has passed
     * @throws dev.belfry.api.JournalFailedException if the disk has failed
     * @throws dev.belfry.api.QueueClosedException if this handle is closed meanwhile
     */
    default boolean flush(long position, Duration timeout) {
        return true;
    }

    /** A reader that begins with the oldest record that is there. Closed with this handle. */
    LogReader reader();

    /** The mark of this name, with its first use at the oldest record that is there. It outlives the handle. */
    Mark mark(String name);
}
