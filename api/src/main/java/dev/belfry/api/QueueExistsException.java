package dev.belfry.api;

/** CREATE_NEW, and there is one. */
public class QueueExistsException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueExistsException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
