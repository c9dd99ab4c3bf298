package dev.belfry.api;

import java.nio.ByteBuffer;

/** A view that stays valid: a copy that belongs to its receiver. Any thread may use it. */
public interface Message extends MessageView {
    /**
     * Each call returns its own read-only buffer over the copy, from the start.
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
