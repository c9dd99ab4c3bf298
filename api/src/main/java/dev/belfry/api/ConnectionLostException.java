package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The transport has lost its peer for ever. A publish in progress may or may not have happened.
 * @since 0.1
 */
public class ConnectionLostException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-114";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public ConnectionLostException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public ConnectionLostException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
