package dev.belfry.spi;

/**
 * The place in a {@link Log} up to which nobody needs anything. It has no owner, and holds back what comes after it.
 * Any process that may open the log may move it, so it is moved only to where all of them agree. Any thread.
 */
public interface Mark {
    /** A record that is there, or the end of the log: its first byte's place, and its position. */
    record At(long place, long position) {}

    /** Place and position, read together. */
    At at();

    /**
     * Moves it on. A mark never goes back, and never to a place where no record begins: so a late advance, or two, do
     * no harm.
     *
     * @return false: it stays, as it is there or further on, or the record of this position is not at this place
     */
    boolean advance(At to);
}
