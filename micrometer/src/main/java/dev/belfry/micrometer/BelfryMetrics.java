package dev.belfry.micrometer;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.judgement.Ages;
import dev.belfry.judgement.Reading;
import dev.belfry.judgement.Readings;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueCounter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue's figures, of all processes that use it: {@code new BelfryMetrics(queue).bindTo(registry)}. Names and
 * attributes follow the OpenTelemetry conventions for messaging; figures without a name there are {@code
 * messaging.belfry.*}. The queue is read at most once a second, when a meter is read. Its meters go with {@link
 * #close}. They also go when the queue is found closed: as a meter is read, or as another queue is bound.
 *
 * <p>Bind a queue once to a registry: of several that are bound there for one queue, the last has the meters.
 * @since 0.1
 */
public final class BelfryMetrics implements MeterBinder, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BelfryMetrics.class);
    private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Which one has the meters of these tags. Both refer weakly: a registry holds what has meters there. */
    private static final Map<MeterRegistry, Map<Tags, WeakReference<BelfryMetrics>>> OWNERS = new WeakHashMap<>();

    /** For all, as a meter is of the one that registers it first. Waited for where no lock of a registry is held. */
    private static final ReentrantLock SHOWING = new ReentrantLock();

    private static final Figure<QueueStats> SENT =
            sum("client.sent.messages", "Messages published since the queue was created", QueueStats::newestPosition);

    private static final List<Figure<QueueStats>> OF_THE_QUEUE = List.of(
            sum("belfry.bytes", "bytes", "Bytes of the log, with headers and padding", QueueCounter.BYTES::of),
            sum("belfry.grows", "Growths of the ring", QueueCounter.GROWS::of),
            sum("belfry.full_waits", "Waits of publishers for room", QueueCounter.FULL_WAITS::of),
            seconds("belfry.full_wait.time", "How long they waited for room", QueueCounter.FULL_WAIT_NANOS),
            sum("belfry.lock_waits", "Waits of publishers for a lock, 20 ms or longer", QueueCounter.LOCK_WAITS::of),
            seconds("belfry.lock_wait.time", "How long they waited for a lock", QueueCounter.LOCK_WAIT_NANOS),
            sum("belfry.wake_ups", "Subscribers woken", QueueCounter.WAKE_UPS::of),
            sum("belfry.repairs", "Locks taken over from publishers that died", QueueCounter.REPAIRS::of),
            sum("belfry.evictions", "Subscriptions disconnected, as too slow", QueueCounter.ENDED::of),
            sum("belfry.stops", "Subscribers whose listener failed", QueueCounter.STOPPED::of),
            gauge("belfry.capacity", "bytes", "The ring", QueueStats::capacity),
            gauge("belfry.capacity.max", "bytes", "How far the ring may grow", QueueStats::maxCapacity),
            gauge("belfry.use", "bytes", "What a gating subscription still needs", QueueCounter.IN_USE::of),
            gauge("belfry.use.max", "bytes", "The most of that so far in the ring", QueueCounter.HIGH_WATER::of),
            gauge("belfry.publishers", null, "Open publishers", QueueStats::publisherCount),
            gauge("belfry.subscriptions", null, "Subscriptions", s -> s.subscribers()
                    .size()),
            gauge("belfry.publishers.waiting", null, "Publishers that wait now", s -> s.waiting()
                    .size()),
            gauge("belfry.unlinked", null, "1 if the queue's name was removed", QueueCounter.UNLINKED::of));

    /** The figures of a queue whose log lies in files, too. */
    private static final List<Figure<QueueStats>> OF_FILES = List.of(
            gauge(
                    "belfry.journal.lag",
                    "bytes",
                    "What is published and not yet on the disk",
                    QueueCounter.DURABLE_LAG::of),
            gauge("belfry.history.size", "bytes", "What its files have of the log", QueueCounter.HISTORY_BYTES::of),
            gauge("belfry.history.readers", null, "Subscribers that read in them", QueueCounter.READERS_IN_FILES::of),
            sum("belfry.journal.syncs", "Syncs of the disk", QueueCounter.SYNCS::of),
            seconds("belfry.journal.sync.time", "How long they took", QueueCounter.SYNC_NANOS));

    private static final Figure<Ages> LAST_PUBLISH =
            age("belfry.publish.age", "Since the last publish; 0 if it is not known", Ages::lastPublish);

    private static final List<Figure<Subscription>> OF_A_SUBSCRIPTION = List.of(
            sum("client.consumed.messages", "Messages handed over", s -> QueueCounter.RECEIVED.of(s.stats)),
            sum("belfry.subscription.lost", "Messages that it will never see", s -> s.stats.lostCount()),
            sum("belfry.subscription.sleeps", "How often it went to sleep", s -> QueueCounter.SLEEPS.of(s.stats)),
            gauge("belfry.subscription.lag", null, "Messages before it", s -> s.stats.lag()),
            age(
                    "belfry.subscription.oldest.age",
                    "How old at least the oldest message is that it has not acknowledged",
                    s -> s.ages.oldest(s.stats)),
            age("belfry.subscription.alone.time", "For how long no process has read it", s -> s.ages.alone(s.stats)),
            gauge("belfry.subscription.attached", null, "1 if a process reads it", s -> s.stats.attached() ? 1 : 0),
            gauge(
                    "belfry.subscription.stopped",
                    null,
                    "1 if its listener failed",
                    s -> QueueCounter.STOPPED.of(s.stats) != 0 ? 1 : 0));

    private static final List<Figure<Contents>> OF_A_DOMAIN = List.of(
            gauge("belfry.domain.messages", null, "Messages that nobody has acknowledged", Contents::messages),
            gauge("belfry.domain.held", null, "Those of them that a consumer has in its hands", Contents::held),
            gauge("belfry.domain.dead_letters", null, "Messages that were given up", Contents::deadLetters),
            gauge("belfry.domain.size", "bytes", "What these messages take of the log, roughly", Contents::bytes),
            gauge("belfry.domain.size.max", "bytes", "How much of it senders may fill", Contents::mostBytes),
            gauge("belfry.domain.overflow.messages", null, "Those of them that are on the disk", Contents::onDisk),
            gauge("belfry.domain.overflow.size", "bytes", "What these took of the log, roughly", Contents::diskBytes),
            gauge("belfry.domain.queues", null, "Queues with messages or consumers", Contents::queues),
            gauge("belfry.domain.consumers", null, "Processes that consume", Contents::consumers));

    private static final Figure<long[]> OF_A_PLACE =
            gauge("belfry.domain.depth", null, "Messages of a queue, or for a subscription", depth -> depth[0]);

    private static final Figure<Waiting> OF_A_WAIT = gauge(
            "belfry.publisher.waiting.time",
            "seconds",
            "For how long it has waited",
            w -> Duration.between(w.since(), Instant.now()).toMillis() / 1e3);

    private static final Figure<QueueHealth.Report> HEALTH = gauge(
            "belfry.health", null, "0 if it is OK, 1 if it lags, 2 if it is stuck", report -> switch (report.status()) {
                case OK -> 0;
                case LAGGING -> 1;
                case STUCK -> 2;
            });

    /** A number of things has no unit: a registry may make its braces part of a name. */
    private record Figure<T>(String name, String unit, String help, boolean sums, ToDoubleFunction<T> value) {}

    private static <T> Figure<T> sum(String name, String help, ToDoubleFunction<T> value) {
        return sum(name, null, help, value);
    }

    private static <T> Figure<T> sum(String name, String unit, String help, ToDoubleFunction<T> value) {
        return new Figure<>("messaging." + name, unit, help, true, value);
    }

    private static Figure<QueueStats> seconds(String name, String help, QueueCounter nanos) {
        return sum(name, "seconds", help, stats -> nanos.of(stats) / 1e9);
    }

    private static <T> Figure<T> age(String name, String help, ToLongFunction<T> nanos) {
        return gauge(name, "seconds", help, of -> Math.max(0, nanos.applyAsLong(of)) / 1e9);
    }

    private static <T> Figure<T> gauge(String name, String unit, String help, ToDoubleFunction<T> value) {
        return new Figure<>("messaging." + name, unit, help, false, value);
    }

    /** With the ages of its queue. */
    private record Subscription(SubscriberStats stats, Ages ages) {}

    /** The queue's answer, and the tags of its subscriptions and of the publishers that wait. */
    private record Look(
            QueueStats stats,
            QueueHealth.Report health,
            Ages ages,
            Map<Tags, Subscription> subscriptions,
            Map<Tags, Waiting> waiting,
            Contents domain,
            Map<Tags, long[]> depths) {}

    private final URI queue;
    private final boolean isDomain;
    private final boolean hasContents; // false: it is no domain, or this program has no tools for one
    private final Supplier<Reading> source;
    private final Runnable end;
    private final Tags tags;
    private final List<Rows<?>> rows = new CopyOnWriteArrayList<>(); // of all registries
    private Look look;
    private long askedNanos;

    /**
     * {@code queue} is kept and not closed. It may be a domain of Jakarta Messaging that was opened as what it is,
     * {@code shm:shop?queueKind=domain}: then this also keeps what it knows of each message there.
     */
    public BelfryMetrics(MessageQueue queue) {
        this(Objects.requireNonNull(queue, "queue"), log(queue));
    }

    private BelfryMetrics(MessageQueue queue, Log log) {
        this(queue, log != null, new Opened(queue, log));
    }

    private BelfryMetrics(MessageQueue queue, boolean isDomain, Opened opened) {
        this(queue.uri(), isDomain, opened.domain != null, opened, opened::close);
    }

    /**
     * Makes the meters of a queue that the command {@code belfry} reads without opening it. It is for that command
     * alone: no release promises it. {@code source} is asked at most once a second; a {@link QueueClosedException} of
     * it says that there is no such queue any more.
     */
    @SuppressWarnings("exports")
    public BelfryMetrics(URI queue, boolean isDomain, Supplier<Reading> source) {
        this(queue, isDomain, isDomain, Objects.requireNonNull(source, "source"), () -> {});
    }

    private BelfryMetrics(URI queue, boolean isDomain, boolean hasContents, Supplier<Reading> source, Runnable end) {
        this.queue = queue;
        this.isDomain = isDomain;
        this.hasContents = hasContents;
        this.source = source;
        this.end = end;
        this.tags = Tags.of(
                "messaging.system",
                "belfry",
                "messaging.destination.name",
                queue.getSchemeSpecificPart(),
                "messaging.belfry.transport",
                queue.getScheme());
    }

    /** A queue that is open here. */
    private static final class Opened implements Supplier<Reading> {
        private final MessageQueue queue;
        private final DomainTools.Watch domain; // null: it is none, or this program has no tools for one
        private final Readings readings = new Readings();

        Opened(MessageQueue queue, Log log) {
            this.queue = queue;
            this.domain = log == null
                    ? null
                    : DomainTools.find()
                            .map(tools -> tools.watch(queue.uri().toString(), log))
                            .orElse(null);
        }

        @Override
        public Reading get() {
            QueueStats stats = queue.stats();
            return domain == null ? readings.of(stats) : readings.of(stats, domain.contents());
        }

        void close() {
            if (domain != null) domain.close();
        }
    }

    /** Null: it is no domain. */
    private static Log log(MessageQueue queue) {
        try {
            return queue.unwrap(Log.class);
        } catch (IllegalArgumentException ordinary) {
            return null;
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Look first = ask();
        SHOWING.lock(); // none shows what is no more its own
        try {
            own(registry);
            bind(registry, QueueCounter.DURABLE_LAG.isToldBy(first.stats));
            show(first);
        } finally {
            SHOWING.unlock();
        }
    }

    private void bind(MeterRegistry registry, boolean inFiles) {
        if (!isDomain) one(registry, SENT, Look::stats); // a domain has records
        for (Figure<QueueStats> figure : OF_THE_QUEUE) one(registry, figure, Look::stats);
        if (inFiles) for (Figure<QueueStats> figure : OF_FILES) one(registry, figure, Look::stats);
        one(registry, HEALTH, Look::health);
        one(registry, LAST_PUBLISH, Look::ages);
        for (Figure<Subscription> figure : OF_A_SUBSCRIPTION)
            rows.add(new Rows<>(registry, figure, Look::subscriptions));
        rows.add(new Rows<>(registry, OF_A_WAIT, Look::waiting));
        if (hasContents) {
            for (Figure<Contents> figure : OF_A_DOMAIN) one(registry, figure, Look::domain);
            rows.add(new Rows<>(registry, OF_A_PLACE, Look::depths));
        }
    }

    /**
     * Takes the place of the one before, also if that is this one: to bind twice is as once. The others
     * check whether their queues are open, as nobody may ever read them again.
     */
    private void own(MeterRegistry registry) {
        List<BelfryMetrics> all;
        synchronized (OWNERS) {
            all = OWNERS.getOrDefault(registry, Map.of()).values().stream()
                    .map(WeakReference::get)
                    .filter(Objects::nonNull)
                    .toList();
        }
        for (BelfryMetrics one : all) {
            if (one.tags.equals(tags)) one.leave(registry);
            else one.tryCurrent();
        }
        synchronized (OWNERS) {
            OWNERS.computeIfAbsent(registry, none -> new HashMap<>()).put(tags, new WeakReference<>(this));
        }
    }

    /** A fault of its queue is none of another queue's business. */
    private void tryCurrent() {
        try {
            current();
        } catch (RuntimeException e) {
            LOG.warn("Queue '{}' could not be read for its meters", queue, e);
        }
    }

    private <T> void one(MeterRegistry registry, Figure<T> figure, Function<Look, T> of) {
        rows.add(new Rows<>(registry, figure, look -> {
            T value = of.apply(look);
            return value == null ? Map.of() : Map.of(Tags.empty(), value);
        }));
    }

    /** Removes its meters from each registry. The queue stays open. */
    @Override
    public void close() {
        for (Rows<?> each : rows) leave(each.registry);
        synchronized (this) {
            end.run();
        }
    }

    private void leave(MeterRegistry registry) {
        for (Rows<?> each : rows) if (each.registry == registry && rows.remove(each)) each.remove();
        synchronized (OWNERS) {
            Map<Tags, WeakReference<BelfryMetrics>> owners = OWNERS.getOrDefault(registry, Map.of());
            if (owners.containsKey(tags) && owners.get(tags).refersTo(this)) owners.remove(tags);
        }
    }

    /**
     * A registry refers weakly to the object of a meter, and strongly to its function: so the function
     * holds this object.
     */
    private <T> Meter meter(MeterRegistry registry, Figure<T> figure, Tags more, Function<Look, T> of) {
        // A subscription that has left has a last row: a sum as it was, all else 0.
        double[] last = new double[1];
        ToDoubleFunction<BelfryMetrics> value = m -> {
            T now = of.apply(current());
            if (now != null) last[0] = figure.value.applyAsDouble(now);
            return now != null || figure.sums ? last[0] : 0;
        };
        return figure.sums
                ? FunctionCounter.builder(figure.name, this, value)
                        .tags(tags.and(more))
                        .baseUnit(figure.unit)
                        .description(figure.help)
                        .register(registry)
                : Gauge.builder(figure.name, this, value)
                        .tags(tags.and(more))
                        .baseUnit(figure.unit)
                        .description(figure.help)
                        .register(registry);
    }

    private Look current() {
        Look now;
        try {
            synchronized (this) {
                if (System.nanoTime() - askedNanos < MAX_AGE_NANOS) return look;
                now = ask();
            }
        } catch (QueueClosedException e) {
            close();
            return look;
        }
        show(now);
        return now;
    }

    private synchronized Look ask() {
        askedNanos = System.nanoTime();
        try {
            Reading now = source.get();
            look = new Look(
                    now.stats(),
                    now.health(),
                    now.ages(),
                    byTags(now.stats().subscribers(), now.ages()),
                    waitingByTags(now.stats().waiting()),
                    now.domain(),
                    now.domain() == null ? Map.of() : depthsByTags(now.domain()));
        } catch (MessageQueueException damaged) {
            if (look == null || damaged instanceof QueueClosedException) throw damaged;
            QueueHealth.Report stuck =
                    new QueueHealth.Report(QueueHealth.Status.STUCK, List.of(String.valueOf(damaged.getMessage())));
            look = new Look(look.stats, stuck, look.ages, look.subscriptions, look.waiting, look.domain, look.depths);
        }
        return look;
    }

    /** A subscription may have the name {@code anonymous-1}: so a tag says whether it has a name. */
    private static Map<Tags, Subscription> byTags(List<SubscriberStats> subscribers, Ages ages) {
        Map<Tags, Subscription> all = new LinkedHashMap<>();
        for (SubscriberStats s : subscribers) {
            boolean named = s.name() != null;
            String name = named ? s.name() : "anonymous-" + number(s, all.size());
            all.put(
                    Tags.of(
                            "messaging.destination.subscription.name",
                            name,
                            "messaging.belfry.subscription.named",
                            Boolean.toString(named)),
                    new Subscription(s, ages));
        }
        return all;
    }

    /** Temporary ones, which come and go, are in the sum only. Those without a name, or a client id, are one. */
    private static Map<Tags, long[]> depthsByTags(Contents contents) {
        Map<Tags, long[]> all = new LinkedHashMap<>();
        for (DomainTools.Place one : contents.places()) {
            if (one.kind().startsWith("temporary")) continue;
            Tags tags = Tags.of(
                    "messaging.belfry.domain.destination",
                    one.destination() == null ? "" : one.destination(),
                    "messaging.belfry.domain.kind",
                    one.kind(),
                    "messaging.destination.subscription.name",
                    one.subscription() == null ? "" : one.subscription(),
                    "messaging.client.id",
                    one.clientId() == null ? "" : one.clientId());
            all.computeIfAbsent(tags, none -> new long[1])[0] += one.messages() - one.expired();
        }
        return all;
    }

    /** One that has stopped has no slot any more. */
    private static String number(SubscriberStats s, int index) {
        if (QueueCounter.SLOT.isToldBy(s)) return "" + QueueCounter.SLOT.of(s);
        return (QueueCounter.STOPPED.of(s) != 0 ? "stopped-" : "") + index;
    }

    /**
     * The publishers that wait, what they wait for, and the process that they wait for. If several
     * wait in one process, the one that has waited longest.
     */
    private static Map<Tags, Waiting> waitingByTags(List<Waiting> waiting) {
        Map<Tags, Waiting> all = new LinkedHashMap<>();
        for (Waiting w : waiting) {
            Waiting.Cause cause = w.cause();
            String subscription = cause == null || w.kind() == Waiting.Kind.LOCK
                    ? ""
                    : cause.subscription() != null ? cause.subscription() : "anonymous-" + cause.number();
            all.merge(
                    Tags.of(
                            "messaging.belfry.waiting.process",
                            process(w.pid(), w.process()),
                            "messaging.belfry.waiting.for",
                            w.kind().name().toLowerCase(Locale.ROOT),
                            "messaging.destination.subscription.name",
                            subscription,
                            "messaging.belfry.waiting.because",
                            cause == null || cause.pid() == 0 ? "" : process(cause.pid(), cause.process())),
                    w,
                    (one, other) -> one.since().isAfter(other.since()) ? other : one);
        }
        return all;
    }

    private static String process(long pid, String name) {
        return name == null ? "" + pid : pid + " (" + name + ")";
    }

    /** If another one does, the next reading corrects it. */
    private void show(Look now) {
        if (!SHOWING.tryLock()) return;
        try {
            for (Rows<?> each : rows) each.show(now);
        } finally {
            SHOWING.unlock();
        }
    }

    /**
     * A meter for each subscription, say, or for each publisher that waits, that there is now. Under no lock that a
     * reading waits for: a registry has one of its own, under which it may read meters. If a thread is late with an
     * older reading, the next one corrects it.
     */
    private final class Rows<T> {
        private final MeterRegistry registry;
        private final Figure<T> figure;
        private final Function<Look, Map<Tags, T>> all;
        private final Map<Tags, Meter> shown = new ConcurrentHashMap<>();
        private volatile boolean gone;

        Rows(MeterRegistry registry, Figure<T> figure, Function<Look, Map<Tags, T>> all) {
            this.registry = registry;
            this.figure = figure;
            this.all = all;
        }

        void show(Look now) {
            Map<Tags, T> there = all.apply(now);
            shown.forEach((who, meter) -> {
                if (!there.containsKey(who) && shown.remove(who, meter)) registry.remove(meter);
            });
            for (Tags who : there.keySet())
                if (!shown.containsKey(who))
                    shown.put(who, meter(registry, figure, who, look -> all.apply(look)
                            .get(who)));
            if (gone) remove();
        }

        /** A thread that shows its last rows at this time removes them itself. */
        void remove() {
            gone = true;
            shown.forEach((who, meter) -> {
                if (shown.remove(who, meter)) registry.remove(meter);
            });
        }
    }
}
