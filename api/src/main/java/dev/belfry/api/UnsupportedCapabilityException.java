package dev.belfry.api;

/** This transport cannot do that; says what it can. */
public class UnsupportedCapabilityException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public UnsupportedCapabilityException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
