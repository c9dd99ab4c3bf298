package dev.belfry.api;

/** There was no space, or another publisher held the lock, until the timeout; nothing was published. */
public class QueueFullException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-104";

    private static final long serialVersionUID = 1;

    public QueueFullException(String message) {
        this(CODE, message, null);
    }

    public QueueFullException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueFullException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
