package dev.belfry.api;

import dev.belfry.spi.PropertiesCodec;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Immutable named values beside the body: boolean, byte, short, int, long, float, double, String.
 * Encoded at most 64 KiB.
 * @since 0.1
 */
public final class MessageProperties {
    private static final MessageProperties EMPTY = new MessageProperties(Map.of());
    private final Map<String, Object> values;

    /** The map is not copied: it must not be changed any more. */
    private MessageProperties(Map<String, Object> values) {
        this.values = Collections.unmodifiableMap(values);
        int length = PropertiesCodec.encodedLength(values);
        if (length > PropertiesCodec.MAX_ENCODED_LENGTH)
            throw new IllegalArgumentException("Properties of " + Units.number(length) + " bytes encoded; limit is "
                    + Units.number(PropertiesCodec.MAX_ENCODED_LENGTH) + ". Put large values into the body.");
    }

    /** Always the same object. */
    public static MessageProperties empty() {
        return EMPTY;
    }

    /** Begins a set that has no properties yet. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * For transports: the properties that {@link #encode} wrote, perhaps that of a newer release. Names are not judged,
     * and a property of a type that this release does not know is left out. The buffer is not changed.
     *
     * @throws IllegalArgumentException if no release could have written it
     */
    public static MessageProperties decode(ByteBuffer encoded) {
        Map<String, Object> values = PropertiesCodec.decode(Objects.requireNonNull(encoded, "encoded"));
        if (values.isEmpty()) return EMPTY;
        return new MessageProperties(values);
    }

    /** For transports: the properties as bytes, in a new array; empty if there are no properties. */
    public byte[] encode() {
        return PropertiesCodec.encode(values);
    }

    /** For transports: how many bytes {@link #encode} returns. Nothing is encoded for this. */
    public int encodedLength() {
        return PropertiesCodec.encodedLength(values);
    }

    /** In the order in which the properties were put. */
    public Set<String> names() {
        return values.keySet();
    }

    /** The value as it was put, or null if absent. An unpaired surrogate may have become a question mark. */
    public @Nullable Object get(String name) {
        return values.get(Objects.requireNonNull(name, "name"));
    }

    /**
     * Typed getters: {@code otherwise} if there is no such property. Numbers widen as in Java. Any
     * other type is an IllegalArgumentException.
     */
    public @Nullable String getString(String name, @Nullable String otherwise) {
        return get(name) instanceof String s ? s : otherwise(name, otherwise, "String");
    }

    /** Gives a boolean, as {@link #getString} gives a text. */
    public boolean getBoolean(String name, boolean otherwise) {
        return get(name) instanceof Boolean b ? b : otherwise(name, otherwise, "boolean");
    }

    /** Gives an int, short or byte, as {@link #getString} gives a text. */
    public int getInt(String name, int otherwise) {
        Object v = get(name);
        return v instanceof Integer || v instanceof Short || v instanceof Byte
                ? ((Number) v).intValue()
                : otherwise(name, otherwise, "int");
    }

    /** Gives a long, int, short or byte, as {@link #getString} gives a text. */
    public long getLong(String name, long otherwise) {
        Object v = get(name);
        return v instanceof Long || v instanceof Integer || v instanceof Short || v instanceof Byte
                ? ((Number) v).longValue()
                : otherwise(name, otherwise, "long");
    }

    /** Gives any number, as {@link #getString} gives a text. A long above 2<sup>53</sup> is rounded. */
    public double getDouble(String name, double otherwise) {
        return get(name) instanceof Number n ? n.doubleValue() : otherwise(name, otherwise, "double");
    }

    private <T> T otherwise(String name, T otherwise, String wanted) {
        Object v = get(name);
        if (v == null) return otherwise;
        throw new IllegalArgumentException(
                "Property '" + name + "' is " + v.getClass().getSimpleName() + ", not " + wanted);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof MessageProperties p && p.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** Shows the names only: values may be secret. */
    @Override
    public String toString() {
        return values.keySet().toString();
    }

    /**
     * Checks each name that is put: letters, digits, {@code _}, {@code -} and {@code .}, beginning with a letter or
     * {@code _}. Those that begin with {@code belfry_} are Belfry's own. Not thread-safe.
     */
    public static final class Builder {
        private static final String RESERVED = "belfry_";
        private static final Set<Class<?>> TYPES = Set.of(
                Boolean.class,
                Byte.class,
                Short.class,
                Integer.class,
                Long.class,
                Float.class,
                Double.class,
                String.class);
        private final Map<String, Object> values = new LinkedHashMap<>();

        private Builder() {}

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, boolean value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, byte value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, short value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, int value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, long value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, float value) {
            return add(name, value);
        }

        /** Replaces a property of this name. It comes back from {@code get} as this type. */
        public Builder put(String name, double value) {
            return add(name, value);
        }

        /** Replaces a property of this name. To have none, leave it out. */
        public Builder put(String name, String value) {
            return add(name, value);
        }

        /** A value of one of the types above. For adapters. */
        public Builder putObject(String name, Object value) {
            return add(name, value);
        }

        /**
         * Adds all of these but Belfry's own, for a message that is made of another one. Those that a bridge or a
         * listener has written beside that one are true of it alone.
         */
        public Builder putAll(MessageProperties others) {
            others.values.forEach((name, value) -> {
                if (!name.startsWith(RESERVED)) values.put(name, value);
            });
            return this;
        }

        /**
         * As {@link #putObject}, for transports: a property that came with a message. Its name is not judged, as a
         * newer release may allow others.
         */
        public Builder putReceived(String name, Object value) {
            return keep(name, value);
        }

        private Builder add(String name, Object value) {
            checkName(Objects.requireNonNull(name, "name"));
            return keep(name, value);
        }

        private Builder keep(String name, Object value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            if (!TYPES.contains(value.getClass()))
                throw new IllegalArgumentException(
                        "Property '" + name + "' is " + value.getClass().getSimpleName()
                                + "; it can be boolean, byte, short, int, long, float, double or String");
            values.put(name, value);
            return this;
        }

        private static void checkName(String name) {
            boolean valid = !name.isEmpty();
            for (int i = 0; valid && i < name.length(); i += Character.charCount(name.codePointAt(i))) {
                int c = name.codePointAt(i);
                boolean isPart = Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
                valid = Character.isLetter(c) || c == '_' || i != 0 && (isPart || c == '-' || c == '.');
            }
            if (!valid)
                throw new IllegalArgumentException("Property name '" + Units.printable(name)
                        + "' must be letters, digits, '_', '-' and '.', beginning with a letter or '_'");
            if (name.startsWith(RESERVED))
                throw new IllegalArgumentException("Property name '" + Units.printable(name)
                        + "' is reserved: those that"
                        + " begin with '" + RESERVED + "' are Belfry's own. Choose another; putAll leaves them out.");
        }

        /**
         * Checks values and combinations.
         *
         * @throws IllegalArgumentException if the properties take more than 64 KiB encoded
         */
        public MessageProperties build() {
            if (values.isEmpty()) return EMPTY;
            return new MessageProperties(new LinkedHashMap<>(values));
        }
    }
}
