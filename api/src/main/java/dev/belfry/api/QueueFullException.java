package dev.belfry.api;

/** No space, or another publisher held the lock, until the timeout; nothing was published. */
public class QueueFullException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueFullException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
