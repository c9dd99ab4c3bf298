package dev.belfry.api;

/** That named subscription, or the right to publish, is held by a living process. */
public class InUseException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public InUseException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
