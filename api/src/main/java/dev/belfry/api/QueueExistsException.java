package dev.belfry.api;

/** CREATE_NEW was asked for, and the queue exists. */
public class QueueExistsException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-107";

    private static final long serialVersionUID = 1;

    public QueueExistsException(String message) {
        this(CODE, message, null);
    }

    public QueueExistsException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueExistsException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
