package dev.belfry.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Immutable named values beside the body: boolean, byte, short, int, long, float, double, String. */
public final class MessageProperties {
    private static final MessageProperties EMPTY = new MessageProperties(Map.of());
    private final Map<String, Object> values;

    private MessageProperties(Map<String, Object> values) {
        this.values = values;
    }

    public static MessageProperties empty() {
        return EMPTY;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** In the order in which they were put. */
    public Set<String> names() {
        return values.keySet();
    }

    /** The value as it was put, or null if absent. */
    public Object get(String name) {
        return values.get(name);
    }

    /** Typed getters: {@code otherwise} if absent; numbers widen as in Java; any other type is an IllegalArgumentException. */
    public String getString(String name, String otherwise) {
        return values.get(name) instanceof String s ? s : otherwise(name, otherwise, "String");
    }

    public boolean getBoolean(String name, boolean otherwise) {
        return values.get(name) instanceof Boolean b ? b : otherwise(name, otherwise, "boolean");
    }

    public int getInt(String name, int otherwise) {
        Object v = values.get(name);
        return v instanceof Integer || v instanceof Short || v instanceof Byte
                ? ((Number) v).intValue()
                : otherwise(name, otherwise, "int");
    }

    public long getLong(String name, long otherwise) {
        Object v = values.get(name);
        return v instanceof Long || v instanceof Integer || v instanceof Short || v instanceof Byte
                ? ((Number) v).longValue()
                : otherwise(name, otherwise, "long");
    }

    public double getDouble(String name, double otherwise) {
        return values.get(name) instanceof Number n ? n.doubleValue() : otherwise(name, otherwise, "double");
    }

    private <T> T otherwise(String name, T otherwise, String wanted) {
        Object v = values.get(name);
        if (v == null) return otherwise;
        throw new IllegalArgumentException(
                "Property '" + name + "' is " + v.getClass().getSimpleName() + ", not " + wanted);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof MessageProperties p && p.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.keySet().toString();
    }

    /** Checks each name: a Java identifier. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Object> values = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, boolean value) {
            return add(name, value);
        }

        public Builder put(String name, byte value) {
            return add(name, value);
        }

        public Builder put(String name, short value) {
            return add(name, value);
        }

        public Builder put(String name, int value) {
            return add(name, value);
        }

        public Builder put(String name, long value) {
            return add(name, value);
        }

        public Builder put(String name, float value) {
            return add(name, value);
        }

        public Builder put(String name, double value) {
            return add(name, value);
        }

        public Builder put(String name, String value) {
            return add(name, value);
        }

        /** One of the types above; the way in for adapters. */
        public Builder putObject(String name, Object value) {
            return add(name, value);
        }

        private Builder add(String name, Object value) {
            values.put(name, java.util.Objects.requireNonNull(value, "value"));
            return this;
        }

        public MessageProperties build() {
            return values.isEmpty()
                    ? EMPTY
                    : new MessageProperties(Collections.unmodifiableMap(new LinkedHashMap<>(values)));
        }
    }
}
