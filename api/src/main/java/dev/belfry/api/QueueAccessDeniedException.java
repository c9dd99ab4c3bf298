package dev.belfry.api;

/** The access is not permitted. The text names the owner, the mode and the user of this process. */
public class QueueAccessDeniedException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-108";

    private static final long serialVersionUID = 1;

    public QueueAccessDeniedException(String message) {
        this(CODE, message, null);
    }

    public QueueAccessDeniedException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public QueueAccessDeniedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
