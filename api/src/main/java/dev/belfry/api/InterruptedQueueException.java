package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The thread was interrupted while it waited. Its flag is still set; nothing was published or taken.
 * @since 0.1
 */
public class InterruptedQueueException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-113";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public InterruptedQueueException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public InterruptedQueueException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
