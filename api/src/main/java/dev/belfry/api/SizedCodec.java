package dev.belfry.api;

import dev.belfry.spi.WritableArray;
import java.util.Arrays;

/**
 * A codec that knows how long a body becomes. On a transport with CLAIM, {@code publish} lets it
 * write into the queue itself, without an object. Other publishers wait meanwhile, so it must not
 * wait for anything. A message with properties is encoded into an array first.
 * @since 0.1
 */
public interface SizedCodec<T> extends Codec<T> {
    /** How many bytes {@link #encode(Object, WritableBody)} needs, at most. */
    int length(T value);

    /**
     * Writes the value from index 0 on, and returns how many bytes it has. It writes each of them once: one that is
     * left out would be an older message's. So a publisher refuses what has fewer bytes written, unless the codec asks
     * for a {@link WritableBody#buffer} or {@link WritableBody#as}. The body is not to be used after this returns.
     */
    int encode(T value, WritableBody body);

    @Override
    default byte[] encode(T value) {
        byte[] body = new byte[length(value)];
        return Arrays.copyOf(body, encode(value, new WritableArray(body)));
    }
}
