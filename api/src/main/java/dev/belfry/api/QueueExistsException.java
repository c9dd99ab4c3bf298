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

    public QueueExistsException(String message) {
        super(CODE, message, null);
    }

    public QueueExistsException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
