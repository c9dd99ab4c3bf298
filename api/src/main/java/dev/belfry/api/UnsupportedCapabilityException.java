package dev.belfry.api;

/** This transport does not support that. The text says what it supports. */
public class UnsupportedCapabilityException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-102";

    private static final long serialVersionUID = 1;

    public UnsupportedCapabilityException(String message) {
        this(CODE, message, null);
    }

    public UnsupportedCapabilityException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public UnsupportedCapabilityException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
