package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The object is closed, or was closed while a publish waited; nothing was published.
 * @since 0.1
 */
public class QueueClosedException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-111";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueClosedException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueClosedException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
