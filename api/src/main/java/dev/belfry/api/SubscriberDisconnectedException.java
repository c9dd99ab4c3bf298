package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The subscription was ended because it was too slow. The text says position and lag.
 * @since 0.1
 */
public class SubscriberDisconnectedException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-112";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public SubscriberDisconnectedException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public SubscriberDisconnectedException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
