package dev.belfry.api;

/**
 * A codec could not make a message of a value, so nothing was published; or no value of a message,
 * which then counts as not handed over. The text has no part of the body. The cause is what the codec
 * threw: if it is not Belfry's, its text may have one.
 */
public class CodecException extends MessageQueueException {
    /** The code that {@link #code()} returns unless another one is given. */
    public static final String CODE = "BELFRY-116";

    private static final long serialVersionUID = 1;

    public CodecException(String message) {
        this(CODE, message, null);
    }

    public CodecException(String message, Throwable cause) {
        this(CODE, message, cause);
    }

    /** With a code of its own; the cause may be null. */
    public CodecException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
