package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.wire.Chunk;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The messages of a page, cut into chunks: a chunk is a message of the companion, of up to 64 KiB, and a longer message
 * is a chunk alone. A chunk goes out whole or stays in memory whole, so that a reader finds a message by its index.
 */
public final class Chunks {
    /** Of a chunk with more than one message. */
    public static final int MOST_BYTES = 64 << 10;

    private Chunks() {}

    /** Cuts messages of one queue and priority, whose mids ascend. */
    public static Chunks cut(UUID binding, UUID page, String queue, List<PagedMessage> messages) {
        throw new UnsupportedOperationException(binding + " " + page + " " + queue + " " + messages);
    }

    /** Encodes them, in their order: what {@link Companion#publish} takes. */
    public List<byte[]> encoded() {
        throw new UnsupportedOperationException();
    }

    /**
     * Leaves those out of which a message is not to go any more. Encoded they are the same: what was published of those
     * that stay is garbage.
     */
    public Chunks whole(Predicate<PagedMessage> goes) {
        throw new UnsupportedOperationException(goes.toString());
    }

    /** Lists them for a PAGE: the first of those that were cut has this position, and the others follow. */
    public List<Chunk> at(long first) {
        throw new UnsupportedOperationException("" + first);
    }

    /** Of all chunks that go, in order: what a PAGE tells. */
    public List<PagedMessage> messages() {
        throw new UnsupportedOperationException();
    }
}
