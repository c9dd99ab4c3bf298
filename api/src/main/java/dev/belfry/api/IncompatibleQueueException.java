package dev.belfry.api;

/** The queue has another layout, belongs to another program, or was created with other values than those asked for. */
public class IncompatibleQueueException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-109";

    private static final long serialVersionUID = 1;

    public IncompatibleQueueException(String message) {
        this(CODE, message, null);
    }

    public IncompatibleQueueException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public IncompatibleQueueException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
