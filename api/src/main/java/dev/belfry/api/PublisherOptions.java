package dev.belfry.api;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one publisher.
 * @since 0.1
 */
public final class PublisherOptions {
    private static final PublisherOptions DEFAULTS = builder().build();
    private final boolean exclusive;
    private final Duration timeout;
    private final Duration spin;
    private final boolean timestamps;

    private PublisherOptions(Builder b) {
        if (b.timeout.isNegative())
            throw new IllegalArgumentException(
                    "timeout must be 0 or more, was " + b.timeout + ". With 0 a full queue is refused at once.");
        exclusive = b.exclusive;
        timeout = b.timeout;
        spin = b.spin;
        timestamps = b.timestamps;
    }

    /** Waits for ever in a full queue, shares it with other publishers, and writes no timestamps. */
    public static PublisherOptions defaults() {
        return DEFAULTS;
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Whether it is the only publisher of the queue: an InUseException if there is another, and another is refused
     * while it is open. It publishes like any other one, for any number of threads. Default false.
     */
    public boolean exclusive() {
        return exclusive;
    }

    /** How long publish and claim wait before QueueFullException. Default: for ever; ZERO fails at once. */
    public Duration timeout() {
        return timeout;
    }

    /**
     * How long a publisher that waits for space spins before it sleeps. Null = the transport
     * decides, ZERO = sleep at once, FOREVER = never sleep. A hint.
     */
    public @Nullable Duration spin() {
        return spin;
    }

    /** Whether each message carries the time; it does in a queue that keeps its history for an age. Default false. */
    public boolean timestamps() {
        return timestamps;
    }

    /**
     * One setter for each accessor, with the same name. {@code build} checks values and combinations. Not thread-safe.
     */
    public static final class Builder {
        private boolean exclusive;
        private Duration timeout = ChronoUnit.FOREVER.getDuration();
        private Duration spin;
        private boolean timestamps;

        private Builder() {}

        /** If true, no other publisher of this queue may be open. Default false. */
        public Builder exclusive(boolean exclusive) {
            this.exclusive = exclusive;
            return this;
        }

        /** How long publish and claim wait in a full queue; ZERO fails at once. Default: for ever. */
        public Builder timeout(Duration timeout) {
            this.timeout = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /** If null, the transport decides. */
        public Builder spin(@Nullable Duration spin) {
            this.spin = spin;
            return this;
        }

        /** Each message says when it was published. {@link StartAt#time} needs it. Default: false. */
        public Builder timestamps(boolean timestamps) {
            this.timestamps = timestamps;
            return this;
        }

        /**
         * Checks values and combinations.
         *
         * @throws IllegalArgumentException if the timeout is negative
         */
        public PublisherOptions build() {
            return new PublisherOptions(this);
        }
    }
}
