package dev.belfry.api;

/**
 * The disk has refused to keep what was written, or a sync has failed: the queue has ended for all processes. Messages
 * whose publish did not return may be lost or not. Open the queue again once all have closed it: it then has what can
 * be proven.
 */
public class JournalFailedException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-117";

    private static final long serialVersionUID = 1;

    public JournalFailedException(String message) {
        this(CODE, message, null);
    }

    public JournalFailedException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public JournalFailedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
