package dev.belfry.api;

/** The thread was interrupted while it waited. Its flag is still set; nothing was published or taken. */
public class InterruptedQueueException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-113";

    private static final long serialVersionUID = 1;

    public InterruptedQueueException(String message) {
        this(CODE, message, null);
    }

    public InterruptedQueueException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public InterruptedQueueException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
