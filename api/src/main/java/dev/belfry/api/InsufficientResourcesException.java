package dev.belfry.api;

/**
 * There is no room, no descriptor, no address space, or no place for another subscriber. The text says how much is
 * needed, how much there is, and what to do.
 */
public class InsufficientResourcesException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-105";

    private static final long serialVersionUID = 1;

    public InsufficientResourcesException(String message) {
        this(CODE, message, null);
    }

    public InsufficientResourcesException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public InsufficientResourcesException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
