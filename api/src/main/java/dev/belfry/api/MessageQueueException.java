package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * Any failure of a queue. The subclasses are the cases that a program may want to tell apart.
 * @since 0.1
 */
public class MessageQueueException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String code;

    /** The cause may be null. */
    public MessageQueueException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Stable, such as BELFRY-101. For documentation and search. */
    public String code() {
        return code;
    }
}
