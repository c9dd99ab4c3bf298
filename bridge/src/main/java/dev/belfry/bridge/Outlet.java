package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import java.nio.ByteBuffer;
import java.time.Duration;

/** How messages get into the target, in order. One thread. */
interface Outlet extends AutoCloseable {
    /** False: there was no room within the time, and nothing happened. */
    boolean send(ByteBuffer body, MessageProperties properties, long sourcePosition, Duration timeout);

    /** Whether something that was sent is not known to be in the target yet. */
    boolean isBusy();

    /** Up to where the source may be acknowledged, if everything up to {@code read} was sent or need not be. */
    long settled(long read);

    /** Waits until everything is in the target, at most this long: false if it is not. */
    boolean flush(Duration timeout);

    int maxMessageLength();

    @Override
    void close();
}
