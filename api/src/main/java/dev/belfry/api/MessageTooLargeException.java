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

    public MessageTooLargeException(String message) {
        super(CODE, message, null);
    }

    public MessageTooLargeException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
