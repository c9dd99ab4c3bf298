package dev.belfry.kafka;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Adds to a failure what the brokers that still run do and have printed. Registered by its service
 * file where JUnit searches for extensions.
 */
public final class BrokersReport implements TestExecutionExceptionHandler {
    /** For the JUnit platform. */
    public BrokersReport() {}

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (!(failure instanceof TestAbortedException)) Broker.reportTo(failure);
        throw failure;
    }
}
