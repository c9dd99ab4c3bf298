package dev.belfry.api;

/** No usable transport for this scheme: none found, two found, or not on this platform. */
public class NoProviderException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public NoProviderException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
