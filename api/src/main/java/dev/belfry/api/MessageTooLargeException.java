package dev.belfry.api;

/** Longer than maxMessageLength; nothing was published. */
public class MessageTooLargeException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public MessageTooLargeException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
