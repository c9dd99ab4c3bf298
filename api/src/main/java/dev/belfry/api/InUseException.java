package dev.belfry.api;

/** A living process holds that named subscription, or the right to publish. */
public class InUseException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-110";

    private static final long serialVersionUID = 1;

    public InUseException(String message) {
        this(CODE, message, null);
    }

    public InUseException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public InUseException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
