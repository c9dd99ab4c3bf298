package dev.belfry.spi;

/**
 * The place in a {@link Log} up to which nobody needs anything. It has no owner, and holds back what comes after it.
 * Any process that may open the log may move it, so it is moved only to where all of them agree. Any thread.
 */
public interface Mark {
    /** A record that is there, or the end of the log: its first byte's place, and its position. */
    record At(long place, long position) {}

    /** The answer of {@link #advance}. */
    enum Advance {
        MOVED,
        /** It is there or further on, or the record of this position is not at this place. */
        STAYED,
        /** Another process is in the middle of such a step, perhaps a stopped one: it is not waited for. */
        BUSY
    }

    /** Place and position, read together. */
    At at();

    /**
     * Moves it on. A mark never goes back, and never to a place where no record begins: so a late advance, or two, do
     * no harm. It waits for others for some milliseconds at most: callers try again, and have locks that others need.
     */
    Advance advance(At to);
}
