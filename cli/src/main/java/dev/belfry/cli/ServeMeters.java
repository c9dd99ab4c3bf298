package dev.belfry.cli;

import dev.belfry.api.QueueClosedException;
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
    }

    synchronized String scrape() {
        Map<String, QueueWatch.Look> readable = new HashMap<>();
        Set<String> damaged = new HashSet<>();
        for (QueueWatch.Look look : watch.now().looks().values())
            if (look.report() != null) readable.put(look.uri() + (look.isDomain() ? " domain" : ""), look);
            else if (!look.hidden().isNoProblem()) damaged.add(look.uri());
        // First what goes: a queue that is damaged now has the same meter of its health.
        unreadable
                .entrySet()
                .removeIf(one -> !damaged.contains(one.getKey()) && registry.remove(one.getValue()) != null);
        bound.entrySet().removeIf(one -> {
            boolean goes = !readable.containsKey(one.getKey());
            if (goes) one.getValue().close();
            return goes;
        });
        damaged.forEach(uri -> unreadable.computeIfAbsent(uri, this::stuck));
        readable.forEach((key, look) -> bound.computeIfAbsent(key, none -> bind(look.uri(), look.isDomain())));
        return registry.scrape();
    }

    private BelfryMetrics bind(String uri, boolean isDomain) {
        BelfryMetrics metrics = new BelfryMetrics(URI.create(uri), isDomain, () -> reading(uri));
        metrics.bindTo(registry);
        return metrics;
    }

    private BelfryMetrics.Reading reading(String uri) {
        QueueWatch.Look look = watch.now().looks().get(uri);
        if (look == null || look.report() == null) throw new QueueClosedException("'" + uri + "' has gone");
        return new BelfryMetrics.Reading(look.stats(), look.health(), look.ages(), look.domain());
    }

    /** Of one that cannot be read: all that is known. */
    private Meter stuck(String uri) {
        URI queue = URI.create(uri);
        return Gauge.builder("messaging.belfry.health", () -> 2)
                .tags(Tags.of(
                        "messaging.system",
                        "belfry",
                        "messaging.destination.name",
                        queue.getSchemeSpecificPart(),
                        "messaging.belfry.transport",
                        queue.getScheme()))
                .description("0 if it is OK, 1 if it lags, 2 if it is stuck")
                .register(registry);
    }
}
