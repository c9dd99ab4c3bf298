package dev.belfry.api;

/** The shared data cannot be right; this handle is unusable, and a publish in progress may or may not have happened. */
public class QueueCorruptedException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueCorruptedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
