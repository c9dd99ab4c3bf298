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
        Patched patched = new Patched(into);
        change(patched, "sync/PublishLock.java", "if (patience < MOST_PATIENCE) patience <<= 2;", "");
        return change(
                patched, "segment/Machine.java", "Membarrier.real(), PublishLock.PATIENCE", "Membarrier.real(), 3");
    }

    /** The one occurrence of {@code right} is replaced. */
    static Patched change(Patched patched, String source, String right, String wrong) {
        return patched.and("dev.belfry.shm." + source.replace('/', '.').replace(".java", ""), right, wrong);
    }
}
