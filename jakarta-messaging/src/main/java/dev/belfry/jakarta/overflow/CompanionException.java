package dev.belfry.jakarta.overflow;

/** The companion did not do it. The text has its path, the reason and the next step. */
public final class CompanionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What a caller may do about it. */
    public enum Why {
        /** No room: its maxSize, or its disk. Nothing was published. Later, when pages have left. */
        FULL,
        /** Its disk has not answered in time, or another thread or process stands in a step. Later. */
        HUNG,
        /** It was read, and is not what was written. Not before an operator has acted. */
        DAMAGED,
        /** It is not there: the directory, or this position. Not before an operator has acted. */
        GONE,
        /** This process cannot use it: permission, file system, another life, a later release. It may be whole. */
        NOT_ALLOWED
    }

    public final Why why;

    CompanionException(Why why, String message, Throwable cause) {
        super(message, cause);
        this.why = why;
    }
}
