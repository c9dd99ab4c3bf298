package dev.belfry.api;

import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How a queue is created or opened. Null or 0 = not given: then the URI's parameter of that name
 * decides ({@code maxCapacity=64m}), then the system property {@code belfry.maxCapacity}, then the
 * environment's {@code BELFRY_MAX_CAPACITY}, then the default. For a queue that exists already its
 * own values are the default, and a different one given in any of these ways is an
 * IncompatibleQueueException.
 */
public final class QueueConfig {
    private static final QueueConfig DEFAULTS = builder().build();
    private final Create create;
    private final long capacity;
    private final long maxCapacity;
    private final String mode;
    private final String group;
    private final Boolean allowGating;
    private final Duration maxGateTime;
    private final Boolean deleteOnLastClose;
    private final Map<String, Object> attributes;

    private QueueConfig(Builder b) {
        create = b.create;
        capacity = b.capacity;
        maxCapacity = b.maxCapacity;
        mode = b.mode;
        group = b.group;
        allowGating = b.allowGating;
        maxGateTime = b.maxGateTime;
        deleteOnLastClose = b.deleteOnLastClose;
        attributes = Map.copyOf(b.attributes);
    }

    public static QueueConfig defaults() {
        return DEFAULTS;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Default CREATE_OR_OPEN. */
    public Create create() {
        return create;
    }

    /** Bytes at the start: 1 MiB, or maxCapacity if that is less; rounded up to a power of two, 4 KiB to 1 GiB. */
    public long capacity() {
        return capacity;
    }

    /** Bytes up to which it grows: 64 MiB, or capacity if that is more. */
    public long maxCapacity() {
        return maxCapacity;
    }

    /** Permissions as "rw-------", the default, or "0600": for each class of users reading and writing, or neither. */
    public String mode() {
        return mode;
    }

    /** Group that owns it; default: the process's. */
    public String group() {
        return group;
    }

    /** False: GATE_PUBLISHER is refused. Default true. */
    public Boolean allowGating() {
        return allowGating;
    }

    /** How long one reader may hold a full queue before it is disconnected. Default: for ever. */
    public Duration maxGateTime() {
        return maxGateTime;
    }

    /** Delete when the last open handle of any process closes. Default false. */
    public Boolean deleteOnLastClose() {
        return deleteOnLastClose;
    }

    /** Values for this transport only, by name. */
    public Map<String, Object> attributes() {
        return attributes;
    }

    /**
     * One setter per accessor, of the same name, null or 0 = not given; build checks values and
     * combinations. Not thread-safe.
     */
    public static final class Builder {
        private Create create;
        private long capacity;
        private long maxCapacity;
        private String mode;
        private String group;
        private Boolean allowGating;
        private Duration maxGateTime;
        private Boolean deleteOnLastClose;
        private final Map<String, Object> attributes = new HashMap<>();

        private Builder() {}

        public Builder create(Create create) {
            this.create = create;
            return this;
        }

        public Builder capacity(long capacity) {
            this.capacity = capacity;
            return this;
        }

        public Builder maxCapacity(long maxCapacity) {
            this.maxCapacity = maxCapacity;
            return this;
        }

        public Builder mode(String mode) {
            this.mode = mode;
            return this;
        }

        public Builder group(String group) {
            this.group = group;
            return this;
        }

        public Builder allowGating(Boolean allowGating) {
            this.allowGating = allowGating;
            return this;
        }

        public Builder maxGateTime(Duration maxGateTime) {
            this.maxGateTime = maxGateTime;
            return this;
        }

        public Builder deleteOnLastClose(Boolean deleteOnLastClose) {
            this.deleteOnLastClose = deleteOnLastClose;
            return this;
        }

        /** A value for this transport only, such as a ConnectionFactory; unknown names are refused. */
        public Builder attribute(String name, Object value) {
            attributes.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        public QueueConfig build() {
            long rounded = Units.capacity("capacity", capacity);
            long roundedMax = Units.capacity("maxCapacity", maxCapacity);
            if (roundedMax != 0 && roundedMax < rounded)
                throw new IllegalArgumentException("maxCapacity (" + Units.size(roundedMax)
                        + ") is smaller than capacity (" + Units.size(rounded) + ")");
            if (mode != null) Units.mode(mode); // throws for what no queue can be created with
            return new QueueConfig(this);
        }
    }
}
