package dev.belfry.api;

import java.util.UUID;

/**
 * Verdicts for the JDK's flight recorder. This class does nothing itself, for runtimes without a recorder (module
 * {@code jdk.jfr}): no class of that module may be named here; QueueHealth decides.
 */
class Events {
    /** False: nothing records it. */
    boolean changed(UUID queue, String status, String reasons) {
        return false;
    }
}
