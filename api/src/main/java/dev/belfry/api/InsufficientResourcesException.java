package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * There is no room, no descriptor, no address space, or no place for another subscriber. The text says how much is
 * needed, how much there is, and what to do.
 * @since 0.1
 */
public class InsufficientResourcesException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-105";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public InsufficientResourcesException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public InsufficientResourcesException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
