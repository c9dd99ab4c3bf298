package dev.belfry.api;

/** OPEN_EXISTING, and there is none. */
public class QueueNotFoundException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueNotFoundException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
