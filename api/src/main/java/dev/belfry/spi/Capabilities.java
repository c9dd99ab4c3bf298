package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.UnsupportedCapabilityException;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Refuses what a transport does not support, before anything is changed. Each method throws
 * UnsupportedCapabilityException.
 * @since 0.1
 */
public final class Capabilities {
    private Capabilities() {}

    /** {@code wantedBy} is the option or method that needs it. */
    public static void require(String scheme, Set<Capability> has, Capability wanted, String wantedBy) {
        if (has.contains(wanted)) return;
        String can = has.isEmpty()
                ? "nothing beyond publish and receive"
                : EnumSet.copyOf(has).stream().map(Capability::name).collect(Collectors.joining(", "));
        throw new UnsupportedCapabilityException(
                scheme + ": cannot do " + wanted + " (wanted by " + wantedBy + "). It can: " + can + instead(wanted));
    }

    /** The next step, where there is one. */
    private static String instead(Capability wanted) {
        return switch (wanted) {
            case GATING -> ". Leave maxGateTime out: no reader holds up a publisher";
            case DISCONNECT -> ". Use OVERRUN or GATE_PUBLISHER";
            case HISTORY_BY_TIME -> ". Use a position, or OLDEST_RETAINED";
            case CLAIM -> ". Use publish";
            case EXCLUSIVE -> ". Use a shared publisher";
            case MEMBERS -> ". Delete the queue by MessageQueues.delete";
            default -> "";
        };
    }

    /** Refuses a method of the API that is newer than the transport, and that it does not implement. */
    public static UnsupportedCapabilityException refused(Capability wanted, String wantedBy) {
        return new UnsupportedCapabilityException("This transport cannot do " + wanted + " (wanted by " + wantedBy
                + "). It can: see capabilities() of the queue");
    }

    /**
     * Refuses a configuration that asks for more than the transport has. MessageQueues calls this
     * before the provider's open.
     */
    public static void require(String scheme, Set<Capability> has, QueueConfig config) {
        if (config.maxGateTime() != null) require(scheme, has, Capability.GATING, "maxGateTime");
        if (Boolean.TRUE.equals(config.deleteOnLastClose()))
            require(scheme, has, Capability.MEMBERS, "deleteOnLastClose");
    }

    public static void require(String scheme, Set<Capability> has, PublisherOptions options) {
        if (options.exclusive()) require(scheme, has, Capability.EXCLUSIVE, "exclusive");
        if (Deadlines.nanos(options.timeout()) < Deadlines.FOREVER_NANOS)
            require(scheme, has, Capability.TIME_LIMITS, "timeout");
    }

    public static void require(String scheme, Set<Capability> has, SubscriberOptions options) {
        if (options.name() != null) require(scheme, has, Capability.NAMED, "name");
        if (options.startAt().timeMillis().isPresent()) require(scheme, has, Capability.HISTORY_BY_TIME, "startAt");
        if (!options.startAt().equals(StartAt.NOW)) require(scheme, has, Capability.HISTORY, "startAt");
        if (options.startAt().position().isPresent()) require(scheme, has, Capability.POSITIONS, "startAt");
        if (options.ackMode() == AckMode.CLIENT) require(scheme, has, Capability.CLIENT_ACK, "ackMode");
        if (options.slowSubscriber() == SlowSubscriber.OVERRUN)
            require(scheme, has, Capability.OVERRUN, "slowSubscriber");
        if (options.slowSubscriber() == SlowSubscriber.DISCONNECT)
            require(scheme, has, Capability.DISCONNECT, "slowSubscriber");
    }
}
