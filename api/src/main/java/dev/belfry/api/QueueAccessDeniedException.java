package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The access is not permitted. The text names the owner, the mode and the user of this process.
 * @since 0.1
 */
public class QueueAccessDeniedException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-108";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public QueueAccessDeniedException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public QueueAccessDeniedException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
