package dev.belfry.api;

import java.nio.ByteBuffer;

/** Space in the queue, to be filled at once by the thread that claimed it; not touched after commit or close. */
public interface Claim extends AutoCloseable {
    /** Position 0, limit the claimed length, BIG_ENDIAN, aligned to 8; what is not written is unspecified. */
    ByteBuffer buffer();

    /** Publishes the whole claimed length, wherever the buffer's position stands; returns the message's position. */
    long commit();

    /** Publishes the first {@code length} bytes only. */
    long commit(int length);

    /** Gives the space up unless committed: then nothing was published. */
    @Override
    void close();
}
