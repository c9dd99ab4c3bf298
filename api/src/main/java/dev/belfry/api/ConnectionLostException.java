package dev.belfry.api;

/** The transport lost its peer for good; a publish in progress may or may not have happened. */
public class ConnectionLostException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public ConnectionLostException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
