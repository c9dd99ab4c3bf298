package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * OPEN_EXISTING was asked for, and the queue does not exist.
 * @since 0.1
 */
public class QueueNotFoundException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-106";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueNotFoundException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueNotFoundException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
