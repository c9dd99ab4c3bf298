package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.wire.MessageLayout;
import java.util.Arrays;

/**
 * A message on its way: the first {@code length} of {@code bytes} are the operation MESSAGE. {@code name}: of the
 * destination.
 */
public record Sent(long destination, String name, byte[] bytes, int length) {
    public Sent(long destination, String name, byte[] bytes) {
        this(destination, name, bytes, bytes.length);
    }

    boolean isPersistent() {
        return MessageLayout.isPersistent(bytes);
    }

    /** The same message, with bytes that nobody writes over. */
    public Sent kept() {
        return new Sent(destination, name, Arrays.copyOf(bytes, length));
    }
}
