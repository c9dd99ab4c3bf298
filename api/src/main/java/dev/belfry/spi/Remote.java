package dev.belfry.spi;

/**
 * A queue on another machine, which may be away for a while: {@code queue.unwrap(Remote.class)}. Its
 * subscribers and publishers outlive that. A bridge keeps them meanwhile, and says so.
 */
public interface Remote {
    /**
     * Why the queue has not answered for some seconds, as a sentence with the next step; null while
     * it answers. Never waits: it is asked in the background, for those that call this. Any thread.
     *
     * @throws dev.belfry.api.QueueClosedException if it was deleted
     */
    String outage();

    /** Which of several places has it: a name that is the same for all that reach it, such as a cluster's id. */
    String place();

    /**
     * Takes a named subscription from the process that is attached to it, which may have died without
     * a word. Its place stays, for the next process that attaches. False if none is attached.
     */
    boolean detach(String subscription);
}
