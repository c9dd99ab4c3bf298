package dev.belfry.jakarta.domain;

/** Brings back what of a queue is first in line and lies in a page. */
interface InLine {
    /**
     * A consumer waits for the next message of this queue's pages: it gets none of those behind that. Called with the
     * fold lock, once a slice while it waits; what comes back is told with the queue's bell.
     */
    void wanted(long queue);
}
