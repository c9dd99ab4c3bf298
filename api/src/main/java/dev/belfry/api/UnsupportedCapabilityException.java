package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * This transport does not support that. The text says what it supports.
 * @since 0.1
 */
public class UnsupportedCapabilityException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-102";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public UnsupportedCapabilityException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public UnsupportedCapabilityException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
