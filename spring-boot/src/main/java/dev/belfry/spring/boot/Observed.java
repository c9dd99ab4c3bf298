package dev.belfry.spring.boot;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
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
    private static final Convention<BelfryReceiverContext> PROCESSING = new Convention<>(
            PROCESS,
            "process",
            BelfryReceiverContext.class,
            BelfryReceiverContext::place,
            context -> keys("process", context.place())
                    .and("messaging.destination.subscription.name", subscription(context)),
            context -> context.getCarrier().position());
    private static final Convention<BelfrySenderContext> PUBLISHING = new Convention<>(
            PUBLISH,
            "publish",
            BelfrySenderContext.class,
            BelfrySenderContext::place,
            context -> keys("send", context.place()),
            BelfrySenderContext::position);

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
                null, PROCESSING, () -> new BelfryReceiverContext(queue, subscription, message), registry);
        observe(observation, method);
    }

    /** As observeChecked, but a handler of observations that throws costs the observation, and no message. */
    static <E extends Exception> void observe(Observation observation, Observation.CheckedRunnable<E> work) throws E {
        Observation one = kept(observation::start, Observation.NOOP, "A message has no observation");
        Observation.Scope scope = kept(one::openScope, Observation.Scope.NOOP, "An observation has no scope");
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

    private static <T> T kept(Supplier<T> step, T otherwise, String what) {
        try {
            return step.get();
        } catch (Throwable e) {
            LOG.warn("{}: a handler of observations has thrown", what, e);
            return otherwise;
        }
    }

    private static void keeping(Runnable end) {
        Supplier<Void> step = () -> {
            end.run();
            return null;
        };
        kept(step, null, "An observation did not end");
    }

    static Observation publish(ObservationRegistry registry, BelfrySenderContext context) {
        return Observation.createNotStarted(null, PUBLISHING, () -> context, registry);
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

    private static String subscription(BelfryReceiverContext context) {
        return context.subscription() == null ? "none" : context.subscription();
    }

    private record Convention<C extends Observation.Context>(
            String name,
            String operation,
            Class<C> type,
            Function<C, ObservedPlace> place,
            Function<C, KeyValues> keys,
            ToLongFunction<C> position)
            implements ObservationConvention<C> {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getContextualName(C context) {
            return place.apply(context).uri().getSchemeSpecificPart() + " " + operation;
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(C context) {
            return keys.apply(context);
        }

        @Override
        public KeyValues getHighCardinalityKeyValues(C context) {
            long at = position.applyAsLong(context);
            return at > 0 ? KeyValues.of("messaging.message.id", Long.toString(at)) : KeyValues.empty();
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return type.isInstance(context);
        }
    }
}
