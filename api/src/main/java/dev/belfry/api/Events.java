package dev.belfry.api;

import java.util.UUID;

/**
 * Verdicts for the JDK's flight recorder. This class does nothing itself, for runtimes without a recorder (module
 * {@code jdk.jfr}): no class of that module may be named here; QueueHealth decides.
 */
class Events {
    /** False: nothing records it. Throws nothing, at the end of the memory either. */
    final boolean changed(UUID queue, String status, String reasons) {
        try {
            return record(queue, status, reasons);
        } catch (Throwable lost) {
            return false;
        }
    }

    boolean record(UUID queue, String status, String reasons) {
        return false;
    }
}
