package dev.belfry.api;

/** The subscription was ended because it was too slow. The text says position and lag. */
public class SubscriberDisconnectedException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-112";

    private static final long serialVersionUID = 1;

    public SubscriberDisconnectedException(String message) {
        this(CODE, message, null);
    }

    public SubscriberDisconnectedException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public SubscriberDisconnectedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
