package dev.belfry.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Reports a test that came near its time-out, with the time that it waited: more than half of it
 * was used. A time-out is ten times what a test takes, so such a test, or the machine, has changed.
 * Registered by its service file where JUnit searches for extensions.
 */
public final class NearTimeOut implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(NearTimeOut.class);
    private static final Pattern LIMIT = Pattern.compile("(\\d+) ?(ns|μs|ms|s|m|h|d)?");

    /** For the JUnit platform. */
    public NearTimeOut() {}

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        context.getStore(HERE).put("began", System.nanoTime());
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        Duration took =
                Duration.ofNanos(System.nanoTime() - context.getStore(HERE).get("began", Long.class));
        limit(context)
                .filter(limit -> took.multipliedBy(2).compareTo(limit) > 0)
                .ifPresent(limit -> System.out.printf(
                        "NEAR ITS TIME-OUT: %s %s took %,d ms of %,d ms%n",
                        context.getRequiredTestClass().getSimpleName(),
                        context.getDisplayName(),
                        took.toMillis(),
                        limit.toMillis()));
    }

    /** The nearest annotation's, or the default of the configuration. */
    private static Optional<Duration> limit(ExtensionContext context) {
        Optional<Timeout> own = AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Timeout.class);
        for (Class<?> type = context.getRequiredTestClass();
                own.isEmpty() && type != null;
                type = type.getEnclosingClass()) own = AnnotationSupport.findAnnotation(type, Timeout.class);
        if (own.isPresent())
            return own.map(limit -> Duration.of(limit.value(), limit.unit().toChronoUnit()));
        return context.getConfigurationParameter("junit.jupiter.execution.timeout.default")
                .map(LIMIT::matcher)
                .filter(Matcher::matches)
                .map(NearTimeOut::parsed);
    }

    private static Duration parsed(Matcher text) {
        long value = Long.parseLong(text.group(1));
        if (text.group(2) == null) return Duration.ofSeconds(value);
        return switch (text.group(2)) {
            case "ns" -> Duration.ofNanos(value);
            case "μs" -> Duration.ofNanos(1_000 * value);
            case "ms" -> Duration.ofMillis(value);
            case "m" -> Duration.ofMinutes(value);
            case "h" -> Duration.ofHours(value);
            case "d" -> Duration.ofDays(value);
            default -> Duration.ofSeconds(value);
        };
    }
}
