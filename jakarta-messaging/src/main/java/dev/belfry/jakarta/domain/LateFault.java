package dev.belfry.jakarta.domain;

import dev.belfry.api.QueueCorruptedException;

/**
 * A fault of memory that the JVM tells late, by an InternalError in whatever runs then: a domain's
 * file was cut short. The transport translates only faults that come up inside of it.
 */
public final class LateFault {
    private LateFault() {}

    public static boolean is(Throwable e) {
        return e instanceof InternalError
                && e.getMessage() != null
                && e.getMessage().contains("unsafe memory access");
    }

    /** The exception that it means; another InternalError is thrown again. */
    public static QueueCorruptedException of(InternalError error) {
        if (!is(error)) throw error;
        return new QueueCorruptedException(
                "Memory of a domain was cut short while in use; what was in it is lost. Close the connections to it,"
                        + " and run 'belfry doctor'.",
                error);
    }
}
