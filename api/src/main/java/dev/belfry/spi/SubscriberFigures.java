package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a transport tells of a subscription. As {@link QueueFigures}.
 * @since 0.1
 */
public record SubscriberFigures(
        @Nullable String name,
        long pid,
        long position,
        long acknowledgedPosition,
        long lag,
        long lostCount,
        AckMode ackMode,
        SlowSubscriber slowSubscriber,
        boolean attached,
        Map<String, Long> counters)
        implements SubscriberStats {
    public SubscriberFigures {
        counters = Map.copyOf(counters);
    }

    /** Calls it by the name that users know. */
    @Override
    public String toString() {
        return "SubscriberStats[" + (name == null ? "without a name" : "'" + name + "'")
                + (attached ? ", attached" : ", not attached") + (pid == 0 ? "" : " by pid " + pid) + ", position "
                + position + ", acknowledged " + acknowledgedPosition + ", lag " + lag + ", lost " + lostCount + ", "
                + ackMode + ", " + slowSubscriber + ", counters " + counters + "]";
    }
}
