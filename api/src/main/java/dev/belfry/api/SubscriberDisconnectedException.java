package dev.belfry.api;

/** The subscription was ended for being too slow; says position and lag. */
public class SubscriberDisconnectedException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public SubscriberDisconnectedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
