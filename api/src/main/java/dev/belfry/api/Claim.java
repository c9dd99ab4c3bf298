package dev.belfry.api;

/**
 * Space in the queue, aligned to 8. The thread that claimed it fills it at once, by the methods of {@link
 * WritableBody}. After commit it is only closed. A closed one is not touched any more: a publisher uses the
 * object again for its next claim, and allocates none.
 * @since 0.1
 */
public interface Claim extends WritableBody, AutoCloseable {
    /** Publishes the whole claimed length, whatever the position of a buffer is. Returns the message's position. */
    long commit();

    /** Publishes only the first {@code length} bytes. */
    long commit(int length);

    /** Gives up the space if it was not committed: then nothing was published. */
    @Override
    void close();
}
