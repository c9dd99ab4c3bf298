package dev.belfry.api;

/**
 * A message in place, valid until its handler returns. The object is used again for the next message, and throws an
 * IllegalStateException after poll has returned. Its body is read by the methods of {@link ReadableBody}, or whole by
 * those here. If its queue is closed or found damaged meanwhile, those here throw that; what is read by index, or by a
 * buffer that was taken before, may be zeros then. If the disk of a {@code file:} queue fails, or its directory is
 * removed, poll throws a {@link JournalFailedException} after that handler.
 * @since 0.1
 */
public interface MessageView extends ReadableBody {
    /** The message's number, from 1; 0 on a transport without POSITIONS. */
    long position();

    /** Milliseconds since 1970 by the publisher's clock; 0 if the publisher writes no timestamps. */
    long timestampMillis();

    /** The body in a new array. */
    byte[] bytes();

    /** Decodes the body as {@code new String(bytes(), UTF_8)} does. */
    String text();

    /** The named values beside the body; empty if there are none. */
    MessageProperties properties();

    /** A hint: this subscription has probably received this message before. */
    boolean redelivered();

    /** A copy that stays valid after the handler has returned. */
    Message copy();
}
