package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * There is no usable transport for this scheme: none was found, two were found, or it does not work on this platform.
 * @since 0.1
 */
public class NoProviderException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-101";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public NoProviderException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public NoProviderException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
