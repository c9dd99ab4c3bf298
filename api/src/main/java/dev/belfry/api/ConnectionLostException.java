package dev.belfry.api;

/** The transport has lost its peer for ever. A publish in progress may or may not have happened. */
public class ConnectionLostException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-114";

    private static final long serialVersionUID = 1;

    public ConnectionLostException(String message) {
        this(CODE, message, null);
    }

    public ConnectionLostException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public ConnectionLostException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
