package dev.belfry.spring;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;

/**
 * Calls of listeners and publishes as observations of Micrometer: Boot makes timers of them, and spans. A
 * message carries its publisher's {@code traceparent} among its properties. Names queues as their meters do.
 */
final class Observed {
    static final String PROCESS = "belfry.message.process";
    static final String PUBLISH = "belfry.message.publish";

    private static final Logger LOG = LoggerFactory.getLogger(Observed.class);

    private Observed() {}

    /** None where BelfryTracing makes the spans. */
    static ObservationRegistry registry(BeanFactory beans, MessageQueue queue) {
        if (queue.getClass().getPackageName().equals("dev.belfry.opentelemetry")) return ObservationRegistry.NOOP;
        return beans.getBeanProvider(ObservationRegistry.class).getIfUnique(() -> ObservationRegistry.NOOP);
    }

    /** Its exception is thrown here, too, and is part of the observation. */
    static void call(
            ObservationRegistry registry,
            ObservedPlace queue,
            String subscription,
            Message message,
            Observation.CheckedRunnable<Exception> method)
            throws Exception {
        if (registry.isNoop()) {
            method.run();
            return;
        }
        Observation observation = Observation.createNotStarted(
                null, Processing.CONVENTION, () -> new BelfryReceiverContext(queue, subscription, message), registry);
        observe(observation, method);
    }

    /** As observeChecked, but a handler of observations that throws costs the observation, and no message. */
    static <E extends Exception> void observe(Observation observation, Observation.CheckedRunnable<E> work) throws E {
        Observation one = started(observation);
        Observation.Scope scope = opened(one);
        try {
            work.run();
        } catch (Throwable failure) {
            keeping(() -> one.error(failure));
            throw failure;
        } finally {
            keeping(scope::close);
            keeping(one::stop);
        }
    }

    private static Observation started(Observation observation) {
        try {
            return observation.start();
        } catch (RuntimeException | Error e) {
            LOG.warn("A message has no observation: a handler of observations has thrown", e);
            return Observation.NOOP;
        }
    }

    private static Observation.Scope opened(Observation one) {
        try {
            return one.openScope();
        } catch (RuntimeException | Error e) {
            LOG.warn("An observation has no scope: a handler of observations has thrown", e);
            return Observation.Scope.NOOP;
        }
    }

    private static void keeping(Runnable end) {
        try {
            end.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("An observation did not end: a handler of observations has thrown", e);
        }
    }

    static Observation publish(ObservationRegistry registry, BelfrySenderContext context) {
        return Observation.createNotStarted(null, Publishing.CONVENTION, () -> context, registry);
    }

    private static KeyValues keys(String operation, ObservedPlace place) {
        URI queue = place.uri();
        return KeyValues.of(
                "messaging.system",
                "belfry",
                "messaging.operation.type",
                operation,
                "messaging.belfry.transport",
                queue.getScheme(),
                "messaging.destination.name",
                queue.getSchemeSpecificPart(),
                "messaging.belfry.queue",
                place.name());
    }

    private static KeyValues id(long position) {
        return position > 0 ? KeyValues.of("messaging.message.id", Long.toString(position)) : KeyValues.empty();
    }

    private static final class Processing implements ObservationConvention<BelfryReceiverContext> {
        static final Processing CONVENTION = new Processing();

        @Override
        public String getName() {
            return PROCESS;
        }

        @Override
        public String getContextualName(BelfryReceiverContext context) {
            return context.queue().getSchemeSpecificPart() + " process";
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(BelfryReceiverContext context) {
            String name = context.subscription();
            return keys("process", context.place())
                    .and("messaging.destination.subscription.name", name == null ? "none" : name);
        }

        @Override
        public KeyValues getHighCardinalityKeyValues(BelfryReceiverContext context) {
            return id(context.getCarrier().position());
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof BelfryReceiverContext;
        }
    }

    private static final class Publishing implements ObservationConvention<BelfrySenderContext> {
        static final Publishing CONVENTION = new Publishing();

        @Override
        public String getName() {
            return PUBLISH;
        }

        @Override
        public String getContextualName(BelfrySenderContext context) {
            return context.queue().getSchemeSpecificPart() + " publish";
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(BelfrySenderContext context) {
            return keys("send", context.place());
        }

        @Override
        public KeyValues getHighCardinalityKeyValues(BelfrySenderContext context) {
            return id(context.position());
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof BelfrySenderContext;
        }
    }
}
