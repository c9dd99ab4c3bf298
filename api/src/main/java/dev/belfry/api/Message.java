package dev.belfry.api;

import java.nio.ByteBuffer;

/** A view that stays valid: a copy that belongs to its receiver. Any thread. */
public interface Message extends MessageView {
    /**
     * Each call gives a buffer of its own over the copy: read-only, from the start.
     * {@code m.buffer().getInt(); m.buffer().getInt();} reads the first number twice.
     */
    @Override
    ByteBuffer buffer();

    /** The copy's own array, not a new one. */
    @Override
    byte[] bytes();

    @Override
    default Message copy() {
        return this;
    }
}
