package dev.belfry.spi;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Properties as bytes, little-endian and without padding; no properties = no bytes. Transports call
 * {@link dev.belfry.api.MessageProperties}, which checks names and values.
 *
 * <pre>
 *   count  uint16   of entries, at least 1
 *   entry  type uint8 · name length uint16 · name in UTF-8 · value
 *   value  1 boolean (0 or 1)  2 byte  3 short  4 int  5 long  6 float  7 double
 *          8 String: length int32, then UTF-8
 *          9 to 255: of later releases (9 is byte[]): length int32, then as many bytes; left out when read
 *          0 is never written
 * </pre>
 */
public final class PropertiesCodec {
    /** The most that {@link #encode} returns and {@link #decode} takes. */
    public static final int MAX_ENCODED_LENGTH = 64 * 1024;

    private static final byte NEVER = 0;
    private static final byte BOOLEAN = 1;
    private static final byte BYTE = 2;
    private static final byte SHORT = 3;
    private static final byte INT = 4;
    private static final byte LONG = 5;
    private static final byte FLOAT = 6;
    private static final byte DOUBLE = 7;
    private static final byte STRING = 8;
    private static final int COUNT_LENGTH = 2;
    private static final int ENTRY_HEAD = 3;

    private static final Object LEFT_OUT = new Object();

    private PropertiesCodec() {}

    /** How many bytes encode returns; 0 for no properties. Nothing is encoded for this. */
    public static int encodedLength(Map<String, Object> properties) {
        if (properties.isEmpty()) return 0;
        long length = COUNT_LENGTH;
        for (Map.Entry<String, Object> property : properties.entrySet())
            length += ENTRY_HEAD + utf8Length(property.getKey()) + valueLength(property.getValue());
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    /** The array is new, and the caller's own. */
    public static byte[] encode(Map<String, Object> properties) {
        ByteBuffer out = ByteBuffer.allocate(encodedLength(properties)).order(ByteOrder.LITTLE_ENDIAN);
        if (out.hasRemaining()) out.putShort((short) properties.size());
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            byte[] name = property.getKey().getBytes(StandardCharsets.UTF_8);
            out.put(type(property.getValue())).putShort((short) name.length).put(name);
            putValue(out, property.getValue());
        }
        return out.array();
    }

    /**
     * The values between position and limit, which do not change. They are in their order, in a new map. The bytes may
     * come from a hostile writer, or a newer release: names are not judged, values of types that are not known are left
     * out.
     *
     * @throws IllegalArgumentException if no release could have written it; nothing large was allocated then
     */
    public static Map<String, Object> decode(ByteBuffer encoded) {
        if (!encoded.hasRemaining()) return Map.of();
        if (encoded.remaining() > MAX_ENCODED_LENGTH)
            throw new IllegalArgumentException(
                    "Properties of " + Units.number(encoded.remaining()) + " bytes; limit is 65,536");
        ByteBuffer in = encoded.slice().order(ByteOrder.LITTLE_ENDIAN);
        Map<String, Object> properties = new LinkedHashMap<>();
        try {
            int count = Short.toUnsignedInt(in.getShort());
            int leftOut = 0;
            for (int i = 0; i < count; i++) {
                byte type = in.get();
                String name = string(in, Short.toUnsignedInt(in.getShort()));
                Object value = value(in, type);
                if (value == LEFT_OUT) leftOut++;
                else properties.put(name, value);
            }
            if (count == 0 || in.hasRemaining() || properties.size() + leftOut != count)
                throw new IllegalArgumentException("Properties do not fill their block, or one comes twice");
            return properties;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("Properties end beyond their block", e);
        }
    }

    private static Object value(ByteBuffer in, byte type) {
        return switch (type) {
            case BOOLEAN -> flag(in.get());
            case BYTE -> in.get();
            case SHORT -> in.getShort();
            case INT -> in.getInt();
            case LONG -> in.getLong();
            case FLOAT -> in.getFloat();
            case DOUBLE -> in.getDouble();
            case STRING -> string(in, in.getInt());
            case NEVER -> throw new IllegalArgumentException("A property of type 0");
            default -> passed(in, in.getInt());
        };
    }

    private static Object passed(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) throw new BufferUnderflowException();
        in.position(in.position() + length);
        return LEFT_OUT;
    }

    private static boolean flag(byte value) {
        if (value != 0 && value != 1) throw new IllegalArgumentException("A boolean property is " + value);
        return value == 1;
    }

    /** Checks before it allocates. */
    private static String string(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) throw new BufferUnderflowException();
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void putValue(ByteBuffer out, Object value) {
        if (value instanceof Boolean b) out.put((byte) (b ? 1 : 0));
        else if (value instanceof Byte b) out.put(b);
        else if (value instanceof Short s) out.putShort(s);
        else if (value instanceof Integer i) out.putInt(i);
        else if (value instanceof Long l) out.putLong(l);
        else if (value instanceof Float f) out.putFloat(f);
        else if (value instanceof Double d) out.putDouble(d);
        else {
            byte[] bytes = ((String) value).getBytes(StandardCharsets.UTF_8);
            out.putInt(bytes.length).put(bytes);
        }
    }

    private static byte type(Object value) {
        if (value instanceof Boolean) return BOOLEAN;
        if (value instanceof Byte) return BYTE;
        if (value instanceof Short) return SHORT;
        if (value instanceof Integer) return INT;
        if (value instanceof Long) return LONG;
        if (value instanceof Float) return FLOAT;
        return value instanceof Double ? DOUBLE : STRING;
    }

    private static long valueLength(Object value) {
        return switch (type(value)) {
            case BOOLEAN, BYTE -> 1;
            case SHORT -> 2;
            case INT, FLOAT -> 4;
            case LONG, DOUBLE -> 8;
            default -> 4 + utf8Length((String) value);
        };
    }

    /** Counts the bytes that getBytes(UTF_8) would make: an unpaired surrogate becomes one question mark. */
    private static long utf8Length(String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) continue;
            if (!Character.isSurrogate(c)) length += c < 0x800 ? 1 : 2;
            else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 2; // two chars, four bytes
                i++;
            }
        }
        return length;
    }
}
