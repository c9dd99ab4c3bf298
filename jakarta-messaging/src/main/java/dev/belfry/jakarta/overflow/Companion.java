package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.wire.Paged;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * The companion of a domain, as one member uses it. It is opened at its first use, by the thread that uses it first, and
 * made if it is not there. Any thread, but each method may wait for a disk, unless it says otherwise: so none is called
 * under a claim, the fold lock, or any other lock that a close of the domain needs.
 *
 * <p>What is durable after {@link #awaitDurable} is there after a loss of power, whatever {@code sync} says. What was
 * published and is not durable yet may be cut off by such a loss, and its position given again: hence the binding, the
 * page and the mids in a chunk.
 *
 * <p>Each failure is a {@link CompanionException}; one that was refused may be called again at any time.
 */
public final class Companion implements AutoCloseable {
    /**
     * @param life the id of the domain's log as it is open now: a companion that another life has open is not allowed
     * @param maxCapacity of the domain
     */
    public Companion(Binding binding, UUID life, long maxCapacity) {
        throw new UnsupportedOperationException(binding + " " + life + " " + maxCapacity);
    }

    /** Waits for nothing. */
    public Binding binding() {
        throw new UnsupportedOperationException();
    }

    /**
     * Publishes the chunks, all or none, and returns the position of the first: the others follow it without a gap.
     * Waits for no room. For a daemon: it may be the one that opens.
     */
    public long publish(List<byte[]> chunks) {
        throw new UnsupportedOperationException("" + chunks);
    }

    /**
     * Returns when all up to this position outlives a loss of power. For a daemon: it is the disk that it waits for, and
     * a sync under way may take longer than the timeout.
     */
    public void awaitDurable(long position, Duration timeout) {
        throw new UnsupportedOperationException(position + " " + timeout);
    }

    /**
     * Reads the chunk of this page that has the index. It is of this page, and has as many messages as the page says; its
     * first ones may have left. The caller compares the mid at its index with what is next of the page.
     *
     * <p>Has at most a chunk in the heap. One thread reads at a time; another waits for that one, at most so long as the
     * disk is given. For a daemon or for a consumer's thread without any lock.
     */
    public ReadChunk read(Paged page, int index) {
        throw new UnsupportedOperationException(page + " " + index);
    }

    /** Tells the newest position that outlives a loss of power; 0: none. */
    public long durable() {
        throw new UnsupportedOperationException();
    }

    /** Tells the newest position; 0: nothing was published. */
    public long newest() {
        throw new UnsupportedOperationException();
    }

    /** Tells the place, below which nothing is needed: its files go. */
    public long place() {
        throw new UnsupportedOperationException();
    }

    /**
     * Moves the place to this position. It never moves back: then it does nothing and is true. False: another process is
     * attached to the subscription at this moment, so it is to be asked again.
     */
    public boolean seek(long position) {
        throw new UnsupportedOperationException("" + position);
    }

    /** Tells how many bytes may be published until it has its maxSize, or its disk is full: the smaller. */
    public long freeBytes() {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins to close, and waits at most so long until it is closed. A thread that the disk holds stays there, and the
     * files with it, until the disk is back.
     */
    public void close(Duration timeout) {
        throw new UnsupportedOperationException("" + timeout);
    }

    /** Closes, and waits for nothing. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
