package dev.belfry.shm;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the library from telling of each of ten thousand deaths. */
public final class Quiet implements AutoCloseable {
    public Quiet() {
        TestLog.SILENCED.incrementAndGet();
    }

    @Override
    public void close() {
        TestLog.SILENCED.decrementAndGet();
    }

    /** For a whole class of tests. */
    public static final class Always implements BeforeAllCallback, AfterAllCallback {
        private Quiet quiet;

        @Override
        public void beforeAll(ExtensionContext context) {
            quiet = new Quiet();
        }

        @Override
        public void afterAll(ExtensionContext context) {
            quiet.close();
        }
    }
}
