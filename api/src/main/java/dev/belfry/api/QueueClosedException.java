package dev.belfry.api;

/** The object is closed, or was closed while a publish waited; nothing was published. */
public class QueueClosedException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-111";

    private static final long serialVersionUID = 1;

    public QueueClosedException(String message) {
        this(CODE, message, null);
    }

    public QueueClosedException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueClosedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
