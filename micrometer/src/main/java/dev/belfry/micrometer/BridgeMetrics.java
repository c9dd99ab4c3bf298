package dev.belfry.micrometer;

import dev.belfry.bridge.Bridge;
import dev.belfry.bridge.BridgeStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Shows a bridge's figures as meters: {@code new BridgeMetrics(bridge, "orders").bindTo(registry)}. Needs
 * belfry-bridge. They stay when the bridge ends, so that it is seen, and go with {@link #close}. If
 * several are bound to a registry with one name, the last has the meters.
 * @since 0.1
 */
public final class BridgeMetrics implements MeterBinder, AutoCloseable {
    private static final Object BINDING = new Object();

    private final Bridge bridge;
    private final Tags tags;
    private final List<Shown> shown = new ArrayList<>(); // guarded by BINDING
    private volatile double lag;

    private record Shown(MeterRegistry registry, Meter meter) {}

    /** {@code bridge} is kept and not closed; {@code name} is what its meters are told apart by. */
    public BridgeMetrics(Bridge bridge, String name) {
        this.bridge = Objects.requireNonNull(bridge, "bridge");
        this.tags = Tags.of("messaging.system", "belfry", "messaging.belfry.bridge", name);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        synchronized (BINDING) {
            show(registry);
        }
    }

    /** Removes its meters from each registry. The bridge goes on. */
    @Override
    public void close() {
        synchronized (BINDING) {
            for (Shown one : shown)
                if (find(one.registry, one.meter.getId().getName()) == one.meter) one.registry.remove(one.meter);
            shown.clear();
        }
    }

    private Meter find(MeterRegistry registry, String name) {
        return registry.find(name).tags(tags).meter();
    }

    private void show(MeterRegistry registry) {
        sum(registry, "forwarded", null, "Messages that are in the target", BridgeStats::forwarded);
        sum(registry, "bytes", "bytes", "Their bodies", BridgeStats::bytes);
        sum(registry, "duplicates", null, "Messages that were twice in the source", BridgeStats::duplicates);
        sum(registry, "echoes", null, "Messages that had come from the target", BridgeStats::echoes);
        sum(registry, "already_there", null, "Messages that the target had already", BridgeStats::alreadyThere);
        sum(registry, "left_out", null, "Messages filtered, or too long", s -> s.filtered() + s.tooLong());
        sum(registry, "lost", null, "Messages gone from the source before it read them", BridgeStats::lost);
        sum(registry, "retries", null, "How often it lost one of the queues", BridgeStats::retries);
        sum(registry, "full_waits", null, "Waits for room in the target", BridgeStats::roomWaits);
        sum(registry, "full_wait.time", "seconds", "How long in all", s -> s.roomWaitNanos() / 1e9);
        gauge(registry, "lag", "Messages of the source before it", this::lag);
        gauge(registry, "in_flight", "Messages sent and not confirmed", BridgeStats::inFlight);
        gauge(registry, "forwarding", "1 if it forwards", s -> s.state() == BridgeStats.State.FORWARDING ? 1 : 0);
    }

    /** Tells it as it was last known: it cannot be told while the source is away. */
    private double lag(BridgeStats stats) {
        if (stats.lag() >= 0) lag = stats.lag();
        return lag;
    }

    // A registry refers weakly to the object of a meter, and strongly to its function: so the
    // functions hold this object.

    private void sum(
            MeterRegistry registry, String name, String unit, String help, ToDoubleFunction<BridgeStats> figure) {
        String whole = leaves(registry, name);
        shown.add(new Shown(
                registry,
                FunctionCounter.builder(whole, this, m -> figure.applyAsDouble(bridge.stats()))
                        .tags(tags)
                        .baseUnit(unit)
                        .description(help)
                        .register(registry)));
    }

    private void gauge(MeterRegistry registry, String name, String help, ToDoubleFunction<BridgeStats> figure) {
        String whole = leaves(registry, name);
        shown.add(new Shown(
                registry,
                Gauge.builder(whole, this, m -> figure.applyAsDouble(bridge.stats()))
                        .tags(tags)
                        .description(help)
                        .register(registry)));
    }

    /** The meter of a bridge before it, which a registry would return instead of a new one. */
    private String leaves(MeterRegistry registry, String name) {
        String whole = "messaging.belfry.bridge." + name;
        Meter before = find(registry, whole);
        if (before != null) registry.remove(before);
        return whole;
    }
}
