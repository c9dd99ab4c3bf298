package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A value as it was written, read as another type. Both tables of the specification, for properties
 * [3.5.4] and for maps and streams [3.11.3], are one: the second has char and byte[] in addition.
 * {@code of} says the subject of an error: "Property 'price'".
 */
final class Values {
    private static final byte BYTES = 9;
    private static final byte CHAR = 10;

    private Values() {}

    static boolean asBoolean(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Boolean b) return b;
        if (value == null || value instanceof String) return Boolean.parseBoolean((String) value);
        throw Problems.conversion(of.get(), value, "boolean");
    }

    static byte asByte(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Byte b) return b;
        return parsed(value, of, "Byte", Byte::valueOf);
    }

    static short asShort(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short) return ((Number) value).shortValue();
        return parsed(value, of, "Short", Short::valueOf);
    }

    static int asInt(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer)
            return ((Number) value).intValue();
        return parsed(value, of, "Integer", Integer::valueOf);
    }

    static long asLong(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long)
            return ((Number) value).longValue();
        return parsed(value, of, "Long", Long::valueOf);
    }

    static float asFloat(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Float f) return f;
        return parsed(value, of, "Float", Float::valueOf);
    }

    static double asDouble(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Float || value instanceof Double) return ((Number) value).doubleValue();
        return parsed(value, of, "Double", Double::valueOf);
    }

    static char asChar(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof Character c) return c;
        if (value == null)
            throw new NullPointerException(of.get() + " is null; a char has no such value. Read it as an Object.");
        throw Problems.conversion(of.get(), value, "char");
    }

    static String asString(Object value, Supplier<String> of) throws MessageFormatException {
        if (value instanceof byte[]) throw Problems.conversion(of.get(), value, "String");
        return value == null ? null : value.toString();
    }

    /** A copy. */
    static byte[] asBytes(Object value, Supplier<String> of) throws MessageFormatException {
        if (value == null) return null;
        if (value instanceof byte[] b) return b.clone();
        throw Problems.conversion(of.get(), value, "byte[]");
    }

    static Object copy(Object value) {
        return value instanceof byte[] b ? b.clone() : value;
    }

    /**
     * A null as well: of valueOf(null) come the exceptions that the specification wants, and its text never comes out.
     */
    private static <T> T parsed(Object value, Supplier<String> of, String wanted, Function<String, T> valueOf)
            throws MessageFormatException {
        if (value != null && !(value instanceof String)) throw Problems.conversion(of.get(), value, wanted);
        try {
            return valueOf.apply((String) value);
        } catch (NumberFormatException e) {
            throw Problems.number(of.get(), wanted);
        }
    }

    static void checkProperty(Object value, Supplier<String> of) throws MessageFormatException {
        if (value != null && kind(value) > MessageFields.STRING)
            throw Problems.unsupported(
                    of.get(),
                    value,
                    "a property is a Boolean, Byte, Short, Integer, Long, Float, Double, String or null");
    }

    static void checkItem(Object value, Supplier<String> of) throws MessageFormatException {
        if (value != null && kind(value) > CHAR)
            throw Problems.unsupported(
                    of.get(),
                    value,
                    "it may be a Boolean, Byte, Short, Character, Integer, Long, Float, Double, String, byte[] or null");
    }

    private static byte kind(Object value) {
        if (value == null) return MessageFields.NULL;
        if (value instanceof String) return MessageFields.STRING;
        if (value instanceof Integer) return MessageFields.INT;
        if (value instanceof Long) return MessageFields.LONG;
        if (value instanceof Boolean) return MessageFields.BOOLEAN;
        if (value instanceof Double) return MessageFields.DOUBLE;
        if (value instanceof Float) return MessageFields.FLOAT;
        if (value instanceof Short) return MessageFields.SHORT;
        if (value instanceof Byte) return MessageFields.BYTE;
        if (value instanceof byte[]) return BYTES;
        return value instanceof Character ? CHAR : Byte.MAX_VALUE;
    }

    /** The value's kind, a name if it has one, the value. */
    static void write(Out out, String name, Object value) {
        byte kind = kind(value);
        out.int8(kind);
        if (name != null) out.text(name);
        switch (kind) {
            case MessageFields.NULL -> {}
            case MessageFields.BOOLEAN -> out.int8((Boolean) value ? 1 : 0);
            case MessageFields.BYTE -> out.int8((Byte) value);
            case MessageFields.SHORT -> out.int16((Short) value);
            case MessageFields.INT -> out.int32((Integer) value);
            case MessageFields.LONG -> out.int64((Long) value);
            case MessageFields.FLOAT -> out.int32(Float.floatToRawIntBits((Float) value));
            case MessageFields.DOUBLE -> out.int64(Double.doubleToRawLongBits((Double) value));
            case MessageFields.STRING -> out.text((String) value);
            case BYTES -> out.block((byte[]) value);
            default -> out.int16((Character) value);
        }
    }

    static Object read(Input in, int kind) throws JMSException {
        return switch (kind) {
            case MessageFields.NULL -> null;
            case MessageFields.BOOLEAN -> in.i8() != 0;
            case MessageFields.BYTE -> in.i8();
            case MessageFields.SHORT -> in.i16();
            case MessageFields.INT -> in.i32();
            case MessageFields.LONG -> in.i64();
            case MessageFields.FLOAT -> Float.intBitsToFloat(in.i32());
            case MessageFields.DOUBLE -> Double.longBitsToDouble(in.i64());
            case MessageFields.STRING -> in.text();
            case BYTES -> in.sized();
            case CHAR -> (char) in.i16();
            default -> throw Problems.newer("a value is of the kind " + kind);
        };
    }
}
