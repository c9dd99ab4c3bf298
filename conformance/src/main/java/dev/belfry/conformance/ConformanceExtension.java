package dev.belfry.conformance;

import dev.belfry.api.Capability;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Finds the fixture, skips tests of capabilities that the transport does not claim, and removes
 * what a test has opened.
 */
public final class ConformanceExtension implements BeforeEachCallback, AfterEachCallback {
    /** For JUnit. */
    public ConformanceExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        ConformanceSuite suite = suite(context);
        TransportFixture fixture = context.getRequiredTestInstances()
                .findInstance(TransportFixture.class)
                .orElseThrow(() -> new AssertionError(
                        "Neither " + suite.getClass().getName() + " nor a class around it is a TransportFixture"));
        Set<Capability> missing = needed(context.getTags());
        missing.removeAll(fixture.capabilities());
        if (!missing.isEmpty()) {
            String reason = "%s: does not declare %s, which '%s' needs"
                    .formatted(fixture.scheme(), names(missing), context.getDisplayName());
            System.out.println("skipped: " + reason);
            throw new TestAbortedException(reason);
        }
        suite.begin(fixture);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        suite(context).end(context.getExecutionException());
    }

    private static ConformanceSuite suite(ExtensionContext context) {
        return (ConformanceSuite) context.getRequiredTestInstance();
    }

    /** A tag that is no capability ("Cost") selects tests, it does not skip any. */
    private static Set<Capability> needed(Set<String> tags) {
        Set<Capability> needed = EnumSet.noneOf(Capability.class);
        Arrays.stream(Capability.values()).filter(c -> tags.contains(c.name())).forEach(needed::add);
        return needed;
    }

    private static List<String> names(Set<Capability> capabilities) {
        return capabilities.stream().map(Enum::name).collect(Collectors.toList());
    }
}
