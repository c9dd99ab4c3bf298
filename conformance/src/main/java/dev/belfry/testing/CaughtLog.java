package dev.belfry.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The lines logged during a test: the binding of the tests writes to System.err. */
public final class CaughtLog implements BeforeEachCallback, AfterEachCallback {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private PrintStream err;

    /** To be registered as an extension. */
    public CaughtLog() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        err = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        System.setErr(err);
    }

    public String text() {
        return log.toString(StandardCharsets.UTF_8);
    }
}
