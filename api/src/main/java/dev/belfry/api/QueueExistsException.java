package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * CREATE_NEW was asked for, and the queue exists.
 * @since 0.1
 */
public class QueueExistsException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-107";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueExistsException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueExistsException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
