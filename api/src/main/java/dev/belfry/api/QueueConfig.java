package dev.belfry.api;

import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a queue is created or opened. A value that is null or 0 is not given here. Then these decide, in this order: the
 * URI's parameter of that name ({@code maxCapacity=64m}), the system property {@code belfry.maxCapacity}, the
 * environment's {@code BELFRY_MAX_CAPACITY}, the default. If the queue exists, its own values are the defaults. A
 * different value, given in any of these ways, is an IncompatibleQueueException.
 * @since 0.1
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

    /** Nothing is given here: the URI, the environment and the defaults decide. */
    public static QueueConfig defaults() {
        return DEFAULTS;
    }

    /** Begins with nothing given. */
    public static Builder builder() {
        return new Builder();
    }

    /** The default is CREATE_OR_OPEN. */
    public @Nullable Create create() {
        return create;
    }

    /** Bytes at the start: 1 MiB, or maxCapacity if that is less. Rounded up to a power of two, 4 KiB to 1 GiB. */
    public long capacity() {
        return capacity;
    }

    /** Bytes up to which it grows: 64 MiB, or capacity if that is more. */
    public long maxCapacity() {
        return maxCapacity;
    }

    /** Permissions as "rw-------", the default, or "0600". Each class of users gets reading and writing, or neither. */
    public @Nullable String mode() {
        return mode;
    }

    /** The group that owns the queue. Default: the process's group. */
    public @Nullable String group() {
        return group;
    }

    /** If false, GATE_PUBLISHER is refused. Default true. */
    public @Nullable Boolean allowGating() {
        return allowGating;
    }

    /** How long one reader may hold a full queue before it is disconnected. Default: no limit. */
    public @Nullable Duration maxGateTime() {
        return maxGateTime;
    }

    /** Whether to delete the queue when the last open handle of any process closes. Default false. */
    public @Nullable Boolean deleteOnLastClose() {
        return deleteOnLastClose;
    }

    /** Values for this transport only, by name. */
    public Map<String, Object> attributes() {
        return attributes;
    }

    /**
     * One setter for each accessor, with the same name; null or 0 = not given. {@code build} checks
     * values and combinations. Not thread-safe.
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

        /** Whether the queue may be created, must be, or must be there. Default CREATE_OR_OPEN. */
        public Builder create(@Nullable Create create) {
            this.create = create;
            return this;
        }

        /** Bytes at the start, rounded up to a power of two from 4 KiB to 1 GiB. Default 1 MiB. */
        public Builder capacity(long capacity) {
            this.capacity = capacity;
            return this;
        }

        /** Bytes up to which the queue grows, rounded up likewise. Default 64 MiB. */
        public Builder maxCapacity(long maxCapacity) {
            this.maxCapacity = maxCapacity;
            return this;
        }

        /** Permissions, as {@code "rw-rw----"} or {@code "0660"}. Default {@code "rw-------"}. */
        public Builder mode(@Nullable String mode) {
            this.mode = mode;
            return this;
        }

        /** The group that owns a new queue, by name. Default: the process's group. */
        public Builder group(@Nullable String group) {
            this.group = group;
            return this;
        }

        /** If false, no subscriber may make publishers wait. Default true. */
        public Builder allowGating(@Nullable Boolean allowGating) {
            this.allowGating = allowGating;
            return this;
        }

        /** How long one reader may hold a full queue before it is disconnected. Default: no limit. */
        public Builder maxGateTime(@Nullable Duration maxGateTime) {
            this.maxGateTime = maxGateTime;
            return this;
        }

        /** If true, the last handle of any process that closes deletes the queue. Default false. */
        public Builder deleteOnLastClose(@Nullable Boolean deleteOnLastClose) {
            this.deleteOnLastClose = deleteOnLastClose;
            return this;
        }

        /** A value for this transport only, such as a ConnectionFactory. Unknown names are refused. */
        public Builder attribute(String name, Object value) {
            attributes.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Checks values and combinations.
         *
         * @throws IllegalArgumentException if maxCapacity is smaller than capacity, or the mode cannot be a queue's
         */
        public QueueConfig build() {
            long rounded = Units.capacity("capacity", capacity);
            long roundedMax = Units.capacity("maxCapacity", maxCapacity);
            if (roundedMax != 0 && roundedMax < rounded)
                throw new IllegalArgumentException("maxCapacity (" + Units.size(roundedMax)
                        + ") is smaller than capacity (" + Units.size(rounded) + ")");
            if (mode != null) Units.mode(mode); // throws if no queue can be created with it
            return new QueueConfig(this);
        }
    }
}
