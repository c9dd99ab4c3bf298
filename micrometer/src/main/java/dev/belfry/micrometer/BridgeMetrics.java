package dev.belfry.micrometer;

import dev.belfry.bridge.Bridge;
import dev.belfry.bridge.BridgeStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A bridge's figures: {@code new BridgeMetrics(bridge, "orders").bindTo(registry)}. Needs
 * belfry-bridge.
 */
public final class BridgeMetrics implements MeterBinder {
    private final Bridge bridge;
    private final Tags tags;

    /** {@code bridge} is kept and not closed; {@code name} is what its meters are told apart by. */
    public BridgeMetrics(Bridge bridge, String name) {
        this.bridge = Objects.requireNonNull(bridge, "bridge");
        this.tags = Tags.of("messaging.system", "belfry", "messaging.belfry.bridge", name);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        sum(registry, "forwarded", null, BridgeStats::forwarded);
        sum(registry, "bytes", "bytes", BridgeStats::bytes);
        sum(registry, "duplicates", null, BridgeStats::duplicates);
        sum(registry, "echoes", null, BridgeStats::echoes);
        sum(registry, "already_there", null, BridgeStats::alreadyThere);
        sum(registry, "lost", null, BridgeStats::lost);
        sum(registry, "retries", null, BridgeStats::retries);
        sum(registry, "full_waits", null, BridgeStats::roomWaits);
        sum(registry, "full_wait.time", "seconds", s -> s.roomWaitNanos() / 1e9);
        gauge(registry, "lag", null, s -> s.lag() < 0 ? Double.NaN : s.lag());
        gauge(registry, "in_flight", null, BridgeStats::inFlight);
        gauge(registry, "forwarding", null, s -> s.state() == BridgeStats.State.FORWARDING ? 1 : 0);
    }

    // A registry refers weakly to the object of a meter, and strongly to its function: so the
    // functions hold this object.

    private void sum(MeterRegistry registry, String name, String unit, ToDoubleFunction<BridgeStats> figure) {
        FunctionCounter.builder("messaging.belfry.bridge." + name, this, m -> figure.applyAsDouble(bridge.stats()))
                .tags(tags)
                .baseUnit(unit)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String unit, ToDoubleFunction<BridgeStats> figure) {
        Gauge.builder("messaging.belfry.bridge." + name, this, m -> figure.applyAsDouble(bridge.stats()))
                .tags(tags)
                .baseUnit(unit)
                .register(registry);
    }
}
