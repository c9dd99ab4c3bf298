package dev.belfry.api;

import java.nio.ByteBuffer;

/**
 * A message in place, valid until its handler returns. The object is used again for the next
 * message. If its queue is closed or found damaged meanwhile, the methods that read the message
 * throw that; a buffer that was taken before may then show zeros.
 */
public interface MessageView {
    /** The message's number, from 1; 0 on a transport without POSITIONS. */
    long position();

    /**
     * Milliseconds since 1970 by the publisher's clock; 0 if the publisher writes no timestamps.
     */
    long timestampMillis();

    /**
     * Each call returns a new read-only view: position 0, limit the body's length, BIG_ENDIAN. What
     * was done to an earlier view does not matter.
     */
    ByteBuffer buffer();

    /** The body in a new array. */
    byte[] bytes();

    /** As {@code new String(bytes(), UTF_8)}. */
    String text();

    MessageProperties properties();

    /** A hint: this subscription has probably received this message before. */
    boolean redelivered();

    /** A copy that stays valid after the handler has returned. */
    Message copy();
}
