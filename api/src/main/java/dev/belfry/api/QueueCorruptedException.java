package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The shared data cannot be right, or an error left a step of this handle half done; the text tells
 * which. This handle is unusable, and a publish in progress may or may not have happened.
 * @since 0.1
 */
public class QueueCorruptedException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-115";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueCorruptedException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueCorruptedException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
