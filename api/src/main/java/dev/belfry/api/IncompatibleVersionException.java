package dev.belfry.api;

/**
 * The queue is intact, but only another version of the library can read its layout, or one message of it.
 * @since 0.1
 */
public class IncompatibleVersionException extends IncompatibleQueueException {
    /** The code that {@link #code()} returns: it is not its superclass's. */
    public static final String CODE = "BELFRY-118";

    private static final long serialVersionUID = 1;

    private final long position;

    /** Creates it; the message has the subject, what is so, and what to do. */
    public IncompatibleVersionException(String message) {
        this(message, 0);
    }

    /** {@code position}: of the message that it concerns; the others can be read. */
    public IncompatibleVersionException(String message, long position) {
        super(CODE, message);
        this.position = position;
    }

    /** Returns the position of the message that it concerns, 0 where it is the whole queue. */
    public long position() {
        return position;
    }
}
