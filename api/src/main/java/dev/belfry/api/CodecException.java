package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * A codec could not make a message of a value, so nothing was published; or no value of a message,
 * which then counts as not handed over. The text has no part of the body. The cause is what the codec
 * threw: if it is not Belfry's, its text may have one.
 * @since 0.1
 */
public class CodecException extends MessageQueueException {
    /** The code that {@link #code()} returns. */
    public static final String CODE = "BELFRY-116";

    private static final long serialVersionUID = 1;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public CodecException(String message) {
        super(CODE, message, null);
    }

    /** Creates it with the failure that led to it. */
    public CodecException(String message, @Nullable Throwable cause) {
        super(CODE, message, cause);
    }
}
