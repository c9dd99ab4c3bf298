package dev.belfry.api;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a message, read by their index, without garbage. Numbers are BIG_ENDIAN, as those of {@link
 * #buffer()}; the twins that end in LE are little-endian, as SBE and C write them. An index needs no alignment.
 *
 * <p>Each method throws an IndexOutOfBoundsException if a byte that it needs is outside the body.
 * @since 0.1
 */
public interface ReadableBody {
    /** Counts the bytes of the body. */
    int length();

    /** The byte at {@code index}. */
    byte getByte(int index);

    /** Two bytes from {@code index} on, big-endian. */
    short getShort(int index);

    /** Four bytes from {@code index} on, big-endian. */
    int getInt(int index);

    /** Eight bytes from {@code index} on, big-endian. */
    long getLong(int index);

    /** The float whose bits {@link #getInt} has. */
    default float getFloat(int index) {
        return Float.intBitsToFloat(getInt(index));
    }

    /** The double whose bits {@link #getLong} has. */
    default double getDouble(int index) {
        return Double.longBitsToDouble(getLong(index));
    }

    /** Two bytes from {@code index} on, little-endian. */
    default short getShortLE(int index) {
        return Short.reverseBytes(getShort(index));
    }

    /** Four bytes from {@code index} on, little-endian. */
    default int getIntLE(int index) {
        return Integer.reverseBytes(getInt(index));
    }

    /** Eight bytes from {@code index} on, little-endian. */
    default long getLongLE(int index) {
        return Long.reverseBytes(getLong(index));
    }

    /** The float whose bits {@link #getIntLE} has. */
    default float getFloatLE(int index) {
        return Float.intBitsToFloat(getIntLE(index));
    }

    /** The double whose bits {@link #getLongLE} has. */
    default double getDoubleLE(int index) {
        return Double.longBitsToDouble(getLongLE(index));
    }

    /** Copies {@code length} bytes from {@code index} on to {@code target[from]} and what follows it. */
    void copyTo(int index, byte[] target, int from, int length);

    /**
     * Copies {@code length} bytes from {@code index} on to the buffer's position, and moves that after them. If
     * the buffer has no room for them, it is left as it is.
     *
     * @throws java.nio.BufferOverflowException if fewer bytes remain in the buffer
     */
    void copyTo(int index, ByteBuffer target, int length);

    /**
     * Each call returns a new read-only view: position 0, limit the body's length, BIG_ENDIAN. A
     * change of one view's position, limit or order does not matter to another view. A view is an
     * object of 64 bytes; the other methods here make none.
     */
    ByteBuffer buffer();

    /**
     * The same bytes as an object of another library, for codecs; null: this transport has none of that type. {@code
     * shm:} has {@code net.openhft.chronicle.bytes.Bytes}, which {@code belfry-chronicle} asks for: the same object
     * each time, valid as long as this body is, its limits at the body's ends. It refuses writes.
     */
    default <T> @Nullable T as(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return null;
    }
}
