package dev.belfry.api;

/** The message is longer than maxMessageLength; nothing was published. */
public class MessageTooLargeException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-103";

    private static final long serialVersionUID = 1;

    public MessageTooLargeException(String message) {
        this(CODE, message, null);
    }

    public MessageTooLargeException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public MessageTooLargeException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
