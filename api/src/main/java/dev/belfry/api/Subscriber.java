package dev.belfry.api;

import java.time.Duration;

/** Reads every message from its start on. One thread at a time, unless a method says otherwise. */
public interface Subscriber extends AutoCloseable {
    /** The subscription's name, or null if anonymous. */
    String name();

    /** Waits for the next message; null if closed meanwhile. */
    Message receive();

    /** Null if the time passed first, or if closed meanwhile. */
    Message receive(Duration timeout);

    default Message receiveNoWait() {
        return receive(Duration.ZERO);
    }

    default int poll(MessageHandler handler, int limit) {
        return poll(handler, limit, Duration.ZERO);
    }

    /**
     * Hands over what is there, up to {@code limit}, waiting only for the first; returns how many,
     * 0 on timeout or close.
     */
    int poll(MessageHandler handler, int limit, Duration timeout);

    /**
     * Once: from now on a thread of this subscriber calls the listener, and receive and poll throw
     * IllegalStateException.
     */
    void setListener(MessageListener listener);

    /**
     * CLIENT: acknowledges all handed over so far, as {@code acknowledge(position())}; otherwise
     * does nothing. Any thread.
     */
    void acknowledge();

    /**
     * CLIENT: acknowledges all up to and including it; never goes back. Any thread; what a handler
     * has in its hands just then counts when that returns. A handler that acknowledges its own
     * message is done with its view. With POSITIONS.
     */
    void acknowledge(long position);

    /**
     * CLIENT: continues at the first unacknowledged message; otherwise does nothing. What is
     * acknowledged behind it does not come again.
     */
    void recover();

    /** Of the message handed over last; before the first, one less than where it starts. Any thread. */
    long position();

    /** How many messages it is behind: the newest position less position(); -1 without POSITIONS. Any thread. */
    long lag();

    /** How many messages it will never see, since it was created. Any thread. */
    long lostCount();

    /**
     * Any thread, handler and listener too; wakes who waits, lets a handler end (5 s). A named
     * subscription keeps its place.
     */
    @Override
    void close();
}
