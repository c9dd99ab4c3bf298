package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * There was no space, or another publisher held the lock, until the timeout; nothing was published.
 * @since 0.1
 */
public class QueueFullException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-104";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueFullException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueFullException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
