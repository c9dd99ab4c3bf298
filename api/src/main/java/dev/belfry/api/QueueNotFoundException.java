package dev.belfry.api;

/** OPEN_EXISTING was asked for, and the queue does not exist. */
public class QueueNotFoundException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-106";

    private static final long serialVersionUID = 1;

    public QueueNotFoundException(String message) {
        this(CODE, message, null);
    }

    public QueueNotFoundException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueNotFoundException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
