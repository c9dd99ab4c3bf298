package dev.belfry.api;

/**
 * The shared data cannot be right, or an error left a step of this handle half done; the text tells
 * which. This handle is unusable, and a publish in progress may or may not have happened.
 */
public class QueueCorruptedException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-115";

    private static final long serialVersionUID = 1;

    public QueueCorruptedException(String message) {
        this(CODE, message, null);
    }

    public QueueCorruptedException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueCorruptedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
