package dev.belfry.api;

/** Not permitted; says owner, mode and who asks. */
public class QueueAccessDeniedException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public QueueAccessDeniedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
