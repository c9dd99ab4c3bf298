package dev.belfry.tests;

import dev.belfry.testing.Patched;
import java.nio.file.Path;

/** The transport with something changed, to come before the right classes on a child's class path. */
final class PatchedTransport {
    private PatchedTransport() {}

    /**
     * No defect: a thread that publishes alone is favoured by the lock at once, again and again. In the hurry
     * of a soak that is rare.
     */
    static Patched favouringSoon(Path into) {
        return new Patched(into)
                .and("PublishLock", "if (patience < MOST_PATIENCE) patience <<= 2;", "")
                .and("Machine", "Membarrier.real(), PublishLock.PATIENCE", "Membarrier.real(), 3");
    }
}
