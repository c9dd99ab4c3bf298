package dev.belfry.shm.log;

import java.util.function.Supplier;

/** A domain's handle, as its marks and readers need it. */
public interface DomainCalls {
    /** Does it while the handle is open, and says what a failure is to its user. */
    <T> T translating(Supplier<T> step);
}
