package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The message is longer than maxMessageLength; nothing was published.
 * @since 0.1
 */
public class MessageTooLargeException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-103";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public MessageTooLargeException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public MessageTooLargeException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
