package dev.belfry.api;

/** No room, slot, descriptor or address space; says need, have and remedy. */
public class InsufficientResourcesException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public InsufficientResourcesException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
