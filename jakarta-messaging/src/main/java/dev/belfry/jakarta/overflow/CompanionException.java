package dev.belfry.jakarta.overflow;

/** The companion has not done it. The text has its path, the reason and the next step. */
public final class CompanionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Tells a caller what to do about it. */
    public enum Why {
        /** Has no room: by its maxSize, or its disk. Nothing was published. Try later, when pages have left. */
        FULL,
        /** Has not got it from its disk in time, or that has failed; or another process stands in a step. Try later. */
        HUNG,
        /** It was read, and is not what was written. Not before an operator has acted. */
        DAMAGED,
        /** It is not there: the directory, or this position. Not before an operator has acted. */
        GONE,
        /** This process cannot use it: permissions, settings, a later release, or it was closed. It may be whole. */
        NOT_ALLOWED
    }

    public final Why why;

    CompanionException(Why why, String message, Throwable cause) {
        super(message, cause);
        this.why = why;
    }
}
