package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * The disk has refused to keep what was written, or a sync has failed: the queue has ended for all processes. Messages
 * whose publish did not return may be lost or not. Open the queue again once all have closed it: it then has what can
 * be proven.
 * @since 0.1
 */
public class JournalFailedException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-117";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public JournalFailedException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public JournalFailedException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
