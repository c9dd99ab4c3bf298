package dev.belfry.testing;

import dev.belfry.spi.Units;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.TestWatcher;

/** The invocations of a method that is {@link Seeded}. */
public final class Seeds implements TestTemplateInvocationContextProvider {
    /** For JUnit. */
    public Seeds() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(Seeded.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Long wanted = Long.getLong(Seeded.SEED);
        if (wanted != null) return Stream.of(new Invocation(wanted, new Progress()));
        if (Depth.chosen() == Depth.LUCK) return fresh(context);
        return LongStream.of(context.getRequiredTestMethod()
                        .getAnnotation(Seeded.class)
                        .value())
                .mapToObj(seed -> new Invocation(seed, new Progress()));
    }

    /** JUnit asks for the next one when the one before has ended. */
    private static Stream<TestTemplateInvocationContext> fresh(ExtensionContext context) {
        Progress progress = new Progress();
        return Stream.generate(() -> ThreadLocalRandom.current().nextLong(Long.MAX_VALUE))
                .takeWhile(seed -> progress.goesOn())
                .peek(seed -> System.out.printf(
                        "%s.%s: -D%s=%d%n",
                        context.getRequiredTestClass().getName(),
                        context.getRequiredTestMethod().getName(),
                        Seeded.SEED,
                        seed))
                .map(seed -> new Invocation(seed, progress));
    }

    /** For one method: the deadline, and whether one run did not succeed. */
    private static final class Progress {
        private final long began = System.nanoTime();
        private final long nanos =
                Units.parseDuration(System.getProperty(Seeded.TIME, "30s")).toNanos();
        private boolean hasBegun;
        private volatile boolean ended;

        /** One at least, however slow the machine is. */
        private boolean goesOn() {
            boolean isFirst = !hasBegun;
            hasBegun = true;
            return isFirst || !ended && System.nanoTime() - began < nanos;
        }
    }

    private record Invocation(long seed, Progress progress)
            implements TestTemplateInvocationContext, ParameterResolver, TestWatcher {
        @Override
        public String getDisplayName(int index) {
            return "seed " + seed;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == long.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return seed;
        }

        @Override
        public void testFailed(ExtensionContext context, Throwable cause) {
            progress.ended = true;
        }

        @Override
        public void testAborted(ExtensionContext context, Throwable cause) {
            progress.ended = true;
        }
    }
}
