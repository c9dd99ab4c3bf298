package dev.belfry.api;

/** The object is closed, or was while a publish waited; nothing was published. */
public class QueueClosedException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueClosedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
