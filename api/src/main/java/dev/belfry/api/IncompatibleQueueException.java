package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The queue belongs to another program, was created with other values than those asked for, or is of another version.
 * @since 0.1
 */
public class IncompatibleQueueException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-109";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public IncompatibleQueueException(String message) {
        super(CODE, message, null);
    }

    /** Gives it a number of its own. */
    IncompatibleQueueException(String code, String message) {
        super(code, message, null);
    }

    /** Creates it with the failure that led to it. */
    public IncompatibleQueueException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
