package dev.belfry.api;

import java.nio.ByteBuffer;

/**
 * Space in the queue. The thread that claimed it fills it at once; it must not be used after commit
 * or close.
 */
public interface Claim extends AutoCloseable {
    /**
     * Position 0, limit the claimed length, BIG_ENDIAN, aligned to 8. Bytes that are not written
     * are unspecified.
     */
    ByteBuffer buffer();

    /**
     * Publishes the whole claimed length, whatever the buffer's position is. Returns the message's
     * position.
     */
    long commit();

    /** Publishes only the first {@code length} bytes. */
    long commit(int length);

    /** Gives up the space if it was not committed: then nothing was published. */
    @Override
    void close();
}
