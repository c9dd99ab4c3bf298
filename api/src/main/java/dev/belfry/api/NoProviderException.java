package dev.belfry.api;

/**
 * There is no usable transport for this scheme: none was found, two were found, or it does not work on this platform.
 */
public class NoProviderException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-101";

    private static final long serialVersionUID = 1;

    public NoProviderException(String message) {
        this(CODE, message, null);
    }

    public NoProviderException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public NoProviderException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
