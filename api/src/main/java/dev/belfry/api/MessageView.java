package dev.belfry.api;

import java.nio.ByteBuffer;

/** A message in place, valid until its handler returns; the object is reused. */
public interface MessageView {
    /** 0 on a transport without POSITIONS. */
    long position();

    /** Milliseconds since 1970 by the publisher's clock; 0 if the publisher writes none. */
    long timestampMillis();

    /**
     * Each call gives a fresh view from the start: read-only; position 0, limit the body's length,
     * BIG_ENDIAN, whatever was done to an earlier one.
     */
    ByteBuffer buffer();

    /** A new array. */
    byte[] bytes();

    /** As {@code new String(bytes(), UTF_8)}. */
    String text();

    MessageProperties properties();

    /** A hint: this subscription has probably been given this message before. */
    boolean redelivered();

    /** Keeps it beyond the handler. */
    Message copy();
}
