package dev.belfry.micrometer;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.spi.StoppedSubscribers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * A queue's figures, of all processes that use it:
 * {@code new BelfryMetrics(queue).bindTo(registry)}. Names and attributes follow the OpenTelemetry
 * conventions for messaging; figures without a name there are {@code messaging.belfry.*}. The queue
 * is read at most once a second, when a meter is read. After it was closed the last figures stay.
 */
public final class BelfryMetrics implements MeterBinder {
    private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The figures of each subscription. */
    private static final Map<String, ToDoubleFunction<SubscriberStats>> PER_SUBSCRIPTION = new LinkedHashMap<>();

    static {
        PER_SUBSCRIPTION.put("messaging.client.consumed.messages", s -> counter(s, "received"));
        PER_SUBSCRIPTION.put("messaging.belfry.subscription.lag", SubscriberStats::lag);
        PER_SUBSCRIPTION.put("messaging.belfry.subscription.lost", SubscriberStats::lostCount);
        PER_SUBSCRIPTION.put("messaging.belfry.subscription.sleeps", s -> counter(s, "sleeps"));
        PER_SUBSCRIPTION.put("messaging.belfry.subscription.attached", s -> s.attached() ? 1 : 0);
        PER_SUBSCRIPTION.put(
                "messaging.belfry.subscription.stopped", s -> counter(s, StoppedSubscribers.STOPPED) != 0 ? 1 : 0);
    }

    private record PerSubscription(MultiGauge gauge, ToDoubleFunction<SubscriberStats> figure) {}

    /** The queue's answer, and the tags of its subscriptions and of the publishers that wait. */
    private record Look(QueueStats stats, Map<Tags, SubscriberStats> subscriptions, Map<Tags, Waiting> waiting) {}

    private final MessageQueue queue;
    private final Tags tags;
    private final List<PerSubscription> perSubscription = new CopyOnWriteArrayList<>(); // of all registries
    private final List<MultiGauge> waitingTimes = new CopyOnWriteArrayList<>(); // of all registries
    private Look look;
    private long askedNanos;

    /** {@code queue} is kept and not closed. */
    public BelfryMetrics(MessageQueue queue) {
        this.queue = Objects.requireNonNull(queue, "queue");
        this.tags = Tags.of(
                "messaging.system",
                "belfry",
                "messaging.destination.name",
                queue.uri().getSchemeSpecificPart());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        sum(registry, "messaging.client.sent.messages", s -> s.newestPosition());
        sum(registry, "messaging.belfry.bytes", "bytes", s -> counter(s, "bytes"));
        sum(registry, "messaging.belfry.grows", s -> counter(s, "grows"));
        sum(registry, "messaging.belfry.full_waits", s -> counter(s, "fullWaits"));
        sum(registry, "messaging.belfry.wake_ups", s -> counter(s, "wakeUps"));
        sum(registry, "messaging.belfry.repairs", s -> counter(s, "repairs"));
        sum(registry, "messaging.belfry.evictions", s -> counter(s, "ended"));
        sum(registry, "messaging.belfry.stops", s -> counter(s, "stopped"));
        sum(registry, "messaging.belfry.full_wait.time", "seconds", s -> counter(s, "fullWaitNanos") / 1e9);
        sum(registry, "messaging.belfry.lock_waits", s -> counter(s, "lockWaits"));
        sum(registry, "messaging.belfry.lock_wait.time", "seconds", s -> counter(s, "lockWaitNanos") / 1e9);
        gauge(registry, "messaging.belfry.capacity", "bytes", QueueStats::capacity);
        gauge(registry, "messaging.belfry.capacity.max", "bytes", QueueStats::maxCapacity);
        gauge(registry, "messaging.belfry.use", "bytes", s -> counter(s, "inUse"));
        gauge(registry, "messaging.belfry.use.max", "bytes", s -> counter(s, "highWater"));
        gauge(registry, "messaging.belfry.publishers", QueueStats::publishers);
        gauge(registry, "messaging.belfry.subscriptions", s -> s.subscribers().size());
        gauge(registry, "messaging.belfry.publishers.waiting", s -> s.waiting().size());
        gauge(registry, "messaging.belfry.unlinked", s -> counter(s, "unlinked"));
        waitingTimes.add(MultiGauge.builder("messaging.belfry.publisher.waiting.time")
                .tags(tags)
                .baseUnit("seconds")
                .register(registry));
        PER_SUBSCRIPTION.forEach((name, figure) -> perSubscription.add(
                new PerSubscription(MultiGauge.builder(name).tags(tags).register(registry), figure)));
        rows(ask());
    }

    // A registry refers weakly to the object of a meter, and strongly to its function: so the
    // functions hold this object.

    // A number of things has no unit: a registry may make its braces part of a name.

    private void sum(MeterRegistry registry, String name, ToDoubleFunction<QueueStats> figure) {
        sum(registry, name, null, figure);
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<QueueStats> figure) {
        gauge(registry, name, null, figure);
    }

    private void sum(MeterRegistry registry, String name, String unit, ToDoubleFunction<QueueStats> figure) {
        FunctionCounter.builder(name, this, m -> figure.applyAsDouble(current().stats))
                .tags(tags)
                .baseUnit(unit)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String unit, ToDoubleFunction<QueueStats> figure) {
        Gauge.builder(name, this, m -> figure.applyAsDouble(current().stats))
                .tags(tags)
                .baseUnit(unit)
                .register(registry);
    }

    private Look current() {
        Look now;
        synchronized (this) {
            if (look != null && System.nanoTime() - askedNanos < MAX_AGE_NANOS) return look;
            now = ask();
        }
        rows(now);
        return now;
    }

    private synchronized Look ask() {
        askedNanos = System.nanoTime();
        try {
            QueueStats stats = queue.stats();
            look = new Look(stats, byTags(stats.subscribers()), waitingByTags(stats.waiting()));
        } catch (MessageQueueException closedOrDamaged) {
            if (look == null) throw closedOrDamaged;
        }
        return look;
    }

    /**
     * A subscription may have the name {@code anonymous-1}: so a tag says whether it has a name.
     */
    private static Map<Tags, SubscriberStats> byTags(List<SubscriberStats> subscribers) {
        Map<Tags, SubscriberStats> all = new LinkedHashMap<>();
        for (SubscriberStats s : subscribers) {
            boolean named = s.name() != null;
            String name = named ? s.name() : "anonymous-" + number(s, all.size());
            all.put(
                    Tags.of(
                            "messaging.destination.subscription.name",
                            name,
                            "messaging.belfry.subscription.named",
                            Boolean.toString(named)),
                    s);
        }
        return all;
    }

    /** One that has stopped has no slot any more. */
    private static String number(SubscriberStats s, int index) {
        Long slot = s.counters().get("slot");
        if (slot != null) return slot.toString();
        return (counter(s, StoppedSubscribers.STOPPED) != 0 ? "stopped-" : "") + index;
    }

    /** The publishers that wait, what they wait for, and the process that they wait for. */
    private static Map<Tags, Waiting> waitingByTags(List<Waiting> waiting) {
        Map<Tags, Waiting> all = new LinkedHashMap<>();
        for (Waiting w : waiting) {
            Waiting.Because because = w.because();
            String subscription = because == null || w.what() == Waiting.What.LOCK
                    ? ""
                    : because.subscription() != null ? because.subscription() : "anonymous-" + because.slot();
            all.put(
                    Tags.of(
                            "messaging.belfry.waiting.process",
                            process(w.pid(), w.process()),
                            "messaging.belfry.waiting.for",
                            w.what().name().toLowerCase(Locale.ROOT),
                            "messaging.destination.subscription.name",
                            subscription,
                            "messaging.belfry.waiting.because",
                            because == null || because.pid() == 0 ? "" : process(because.pid(), because.process())),
                    w);
        }
        return all;
    }

    private static String process(long pid, String name) {
        return name == null ? "" + pid : pid + " (" + name + ")";
    }

    /**
     * Adds new rows and removes old ones. Not under the lock: a registry has one of its own, under
     * which it may read meters. If a thread is late with an older reading, the next call corrects
     * it.
     */
    private void rows(Look now) {
        for (PerSubscription meter : perSubscription) {
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            for (Tags who : now.subscriptions.keySet())
                rows.add(MultiGauge.Row.of(who, this, m -> m.figure(who, meter.figure)));
            meter.gauge.register(rows);
        }
        for (MultiGauge gauge : waitingTimes) {
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            for (Tags who : now.waiting.keySet()) rows.add(MultiGauge.Row.of(who, this, m -> m.waitedSeconds(who)));
            gauge.register(rows);
        }
    }

    /** NaN if it does not wait any more. */
    private double waitedSeconds(Tags who) {
        Waiting waiting = current().waiting.get(who);
        return waiting == null
                ? Double.NaN
                : Duration.between(waiting.since(), Instant.now()).toMillis() / 1e3;
    }

    /** NaN if the subscription has left. */
    private double figure(Tags who, ToDoubleFunction<SubscriberStats> figure) {
        SubscriberStats subscription = current().subscriptions.get(who);
        return subscription == null ? Double.NaN : figure.applyAsDouble(subscription);
    }

    private static double counter(QueueStats stats, String name) {
        return stats.counters().getOrDefault(name, 0L);
    }

    private static double counter(SubscriberStats stats, String name) {
        return stats.counters().getOrDefault(name, 0L);
    }
}
