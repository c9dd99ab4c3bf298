package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * A living process holds that named subscription, or the right to publish.
 * @since 0.1
 */
public class InUseException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-110";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public InUseException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public InUseException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
