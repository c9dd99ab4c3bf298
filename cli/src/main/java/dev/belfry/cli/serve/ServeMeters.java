package dev.belfry.cli.serve;

import dev.belfry.api.QueueHealth;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.judgement.Reading;
import dev.belfry.micrometer.BelfryMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.File;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The last reading of all queues as meters of Prometheus: those of {@link BelfryMetrics}, and of /dev/shm. */
final class ServeMeters {
    private static final File SHM = new File("/dev/shm");

    private final ServeWatch watch;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, BelfryMetrics> bound = new HashMap<>(); // by URI and kind
    private final Map<String, Meter> unreadable = new HashMap<>(); // by URI
    private final Map<String, Meter> unlinked = new HashMap<>(); // the same
    private ServeWatch.Known known; // of one scrape: a queue that goes meanwhile goes with the next one

    ServeMeters(ServeWatch watch) {
        this.watch = watch;
        Gauge.builder("messaging.belfry.shm", SHM, File::getTotalSpace)
                .baseUnit("bytes")
                .description("Size of /dev/shm")
                .register(registry);
        Gauge.builder("messaging.belfry.shm.free", SHM, File::getUsableSpace)
                .baseUnit("bytes")
                .description("What is free there")
                .register(registry);
        Gauge.builder(
                        "messaging.belfry.reading.age",
                        this,
                        meters -> meters.known.age().toMillis() / 1e3)
                .baseUnit("seconds")
                .description("Age of what is told of the queues: more than some seconds if a disk does not answer")
                .register(registry);
    }

    String scrape() {
        return scrape(watch.now()); // which may take a second: not under the monitor
    }

    private synchronized String scrape(ServeWatch.Known now) {
        known = now;
        Map<String, QueueWatch.Look> readable = new HashMap<>();
        Set<String> damaged = new HashSet<>();
        Set<String> removed = new HashSet<>();
        for (QueueWatch.Look look : known.looks().values())
            if (look.report() != null) readable.put(look.uri() + (look.isDomain() ? " domain" : ""), look);
            else if (status(look) == QueueHealth.Status.STUCK) damaged.add(look.uri());
        for (Verdict verdict : Verdict.removed(known.looks().keySet(), known.found())) removed.add(verdict.uri());
        // First what goes: a queue that is damaged now has the same meter of its health.
        keep(unreadable, damaged);
        keep(unlinked, removed);
        bound.entrySet().removeIf(one -> {
            boolean goes = !readable.containsKey(one.getKey());
            if (goes) one.getValue().close();
            return goes;
        });
        for (String uri : damaged)
            unreadable.computeIfAbsent(
                    uri,
                    none -> gauge(uri, "messaging.belfry.health", 2, "0 if it is OK, 1 if it lags, 2 if it is stuck"));
        for (String uri : removed)
            unlinked.computeIfAbsent(
                    uri, none -> gauge(uri, "messaging.belfry.unlinked", 1, "1 if the queue's name was removed"));
        readable.forEach((key, look) -> bound.computeIfAbsent(key, none -> bind(look.uri(), look.isDomain())));
        return registry.scrape();
    }

    private BelfryMetrics bind(String uri, boolean isDomain) {
        BelfryMetrics metrics = new BelfryMetrics(URI.create(uri), isDomain, () -> reading(uri));
        metrics.bindTo(registry);
        return metrics;
    }

    private Reading reading(String uri) {
        QueueWatch.Look look = known.looks().get(uri);
        Reading its = look.reading();
        QueueHealth.Report health = new QueueHealth.Report(
                status(look), its.health().reasons(), its.health().checks());
        return new Reading(its.stats(), its.domain(), its.messages(), its.bytes(), its.reasons(), health, its.ages());
    }

    /** As /health judges. */
    private QueueHealth.Status status(QueueWatch.Look look) {
        return switch (known.verdict(look).level()) {
            case CRITICAL -> QueueHealth.Status.STUCK;
            case WARNING -> QueueHealth.Status.LAGGING;
            case OK, UNKNOWN -> QueueHealth.Status.OK;
        };
    }

    private void keep(Map<String, Meter> meters, Set<String> still) {
        meters.entrySet().removeIf(one -> {
            boolean goes = !still.contains(one.getKey());
            if (goes) registry.remove(one.getValue());
            return goes;
        });
    }

    /** The one meter of a queue that is not read: nothing else is known of it. */
    private Meter gauge(String uri, String name, int value, String help) {
        URI queue = URI.create(uri);
        return Gauge.builder(name, () -> value)
                .tags(Tags.of(
                        "messaging.system",
                        "belfry",
                        "messaging.destination.name",
                        queue.getSchemeSpecificPart(),
                        "messaging.belfry.transport",
                        queue.getScheme()))
                .description(help)
                .register(registry);
    }
}
