package dev.belfry.api;

/** Interrupted while waiting; the flag is still set, nothing was published or taken. */
public class InterruptedQueueException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public InterruptedQueueException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
