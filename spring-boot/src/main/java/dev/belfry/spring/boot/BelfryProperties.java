package dev.belfry.spring.boot;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of an application. A setting that is not given has the default of the api. Components may be added, here
 * and in each part.
 *
 * @param queues The queues, each by the name that beans and listeners call it.
 * @param listeners The methods that listen.
 * @param health When a queue is not well.
 * @param jms Jakarta Messaging, where its provider is on the class path.
 * @param json Values as JSON, where belfry-jackson is on the class path.
 * @since 0.1
 */
@ConfigurationProperties("belfry")
public record BelfryProperties(
        @DefaultValue Map<String, Queue> queues,
        @DefaultValue Listeners listeners,
        @DefaultValue Health health,
        @DefaultValue Jms jms,
        @DefaultValue Json json) {
    public BelfryProperties {
        queues = Collections.unmodifiableMap(
                new LinkedHashMap<>(queues)); // Spring closes them from the last to the first
    }

    /** The name of a queue's bean is that of its properties, which failures show. */
    static String beanOf(String queue) {
        return "belfry.queues." + queue;
    }

    /**
     * One queue. Boot describes by itself nothing to editors that is below a map.
     *
     * @param uri Where it is, such as shm:orders. Its parameters are settings of the queue.
     * @param answers The queue of the answers to its messages, by its name here: then a Requester can be injected.
     * @param publisher The options of each publisher that is injected, and of the answers that listeners publish here.
     * @param subscriber The options of each listener; those in its annotation win.
     */
    @ConfigurationPropertiesSource
    public record Queue(
            String uri,
            @Nullable String answers,
            @DefaultValue Publisher publisher,
            @DefaultValue Subscriber subscriber) {}

    /**
     * As PublisherOptions.
     *
     * @param exclusive Whether it is the only publisher of the queue: another is refused.
     * @param timeout How long a publish waits for room. Default: for ever.
     * @param spin How long it spins before it sleeps, when it waits.
     * @param timestamps Whether each message carries the time.
     */
    public record Publisher(
            @Nullable Boolean exclusive,
            @Nullable Duration timeout,
            @Nullable Duration spin,
            @Nullable Boolean timestamps) {
        PublisherOptions options() {
            PublisherOptions.Builder options = PublisherOptions.builder();
            give(exclusive, options::exclusive);
            give(timeout, options::timeout);
            give(spin, options::spin);
            give(timestamps, options::timestamps);
            return options.build();
        }
    }

    /**
     * As SubscriberOptions.
     *
     * @param name The name of the subscription, which goes on where it stopped. Without a name each start is a new one.
     * @param startAt Where a new subscription begins.
     * @param ackMode How a message is marked as done.
     * @param slowSubscriber How it is treated when it is slow.
     * @param afterOverrun With OVERRUN: where it goes on after it has lost messages.
     * @param spin How long it spins before it sleeps.
     * @param maxRedeliveries How often a message comes again to a listener that throws.
     * @param retryDelay How long a message waits before it comes again; doubled each time.
     * @param onFailure The fate of the message then: stop, skip, or moveTo(URI).
     */
    public record Subscriber(
            @Nullable String name,
            @Nullable Start startAt,
            @Nullable AckMode ackMode,
            @Nullable SlowSubscriber slowSubscriber,
            @Nullable AfterOverrun afterOverrun,
            @Nullable Duration spin,
            @Nullable Integer maxRedeliveries,
            @Nullable Duration retryDelay,
            @Nullable String onFailure) {
        static final Subscriber NONE = new Subscriber(null, null, null, null, null, null, null, null, null);

        SubscriberOptions.Builder options() {
            SubscriberOptions.Builder options = SubscriberOptions.builder();
            give(name, options::name);
            give(startAt, start -> options.startAt(start.value));
            give(ackMode, options::ackMode);
            give(slowSubscriber, options::slowSubscriber);
            give(afterOverrun, options::afterOverrun);
            give(spin, options::spin);
            give(maxRedeliveries, options::maxRedeliveries);
            give(retryDelay, options::retryDelay);
            return options;
        }
    }

    /**
     * Methods that listen.
     *
     * @param virtualThreads Whether each has a virtual thread, from Java 21 on. While one waits it
     *     takes a platform thread, too.
     */
    public record Listeners(@DefaultValue("false") boolean virtualThreads) {}

    /**
     * As QueueHealth.
     *
     * @param maxLag A subscription with more unread messages lags.
     * @param stuckAfter A subscription or publisher that has not moved for so long, although it should, is stuck:
     *     then the health is DOWN.
     */
    public record Health(
            @DefaultValue("100000") long maxLag,
            @DefaultValue("30s") Duration stuckAfter) {
        public Health {
            if (maxLag < 0)
                throw new BelfryConfigurationException(
                        "'belfry.health.max-lag' is " + maxLag + ".", "Give a number of messages, 0 or more.");
            if (stuckAfter.isNegative() || stuckAfter.isZero())
                throw new BelfryConfigurationException(
                        "'belfry.health.stuck-after' is " + stuckAfter.toMillis() + " ms.",
                        "Give a time above 0, as in 30s: what moves now and then would be stuck in between.");
        }
    }

    /**
     * Jakarta Messaging.
     *
     * @param domain Where its queues are, such as shm:work. Its parameters are settings of the connection factory.
     */
    public record Jms(@Nullable String domain) {}

    /**
     * Values as JSON.
     *
     * @param mapper Which one writes and reads them. Boot's has the settings below spring.jackson: all
     *     programs of a queue need the same.
     */
    public record Json(@DefaultValue("own") Mapper mapper) {}

    /** A mapper of Jackson. Constants may be added: a switch needs a default, which means OWN. */
    public enum Mapper {
        /** The mapper that belfry-jackson makes. */
        OWN,
        /** The mapper that is a bean of the application. */
        BOOT
    }

    /** As StartAt, without positions. Constants may be added: a switch needs a default, which means NOW. */
    public enum Start {
        /** After the newest message. */
        NOW(StartAt.NOW),
        /** At the oldest message that is retained. */
        OLDEST_RETAINED(StartAt.OLDEST_RETAINED);

        private final StartAt value;

        Start(StartAt value) {
            this.value = value;
        }
    }

    private static <T> void give(T value, Consumer<T> setter) {
        if (value != null) setter.accept(value);
    }
}
