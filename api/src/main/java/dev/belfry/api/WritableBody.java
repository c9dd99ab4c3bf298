package dev.belfry.api;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a message that is not published yet, written by their index, without garbage. Numbers are
 * BIG_ENDIAN, as those of {@link #buffer()}; the twins that end in LE are little-endian, as SBE and C read them. An
 * index needs no alignment. Bytes that are not written are unspecified.
 *
 * <p>Each method throws an IndexOutOfBoundsException if a byte that it needs is outside the body. Once the message is
 * committed or given up, or another one is added to its batch, that is an IllegalStateException, or a
 * QueueClosedException if its publisher was closed. Only the thread that has claimed it may write; a write of another
 * thread is not always noticed.
 * @since 0.1
 */
public interface WritableBody {
    /** In bytes, as claimed. */
    int length();

    /** One byte at {@code index}. */
    void putByte(int index, byte value);

    /** Two bytes from {@code index} on, big-endian. */
    void putShort(int index, short value);

    /** Four bytes from {@code index} on, big-endian. */
    void putInt(int index, int value);

    /** Eight bytes from {@code index} on, big-endian. */
    void putLong(int index, long value);

    /** Writes its bits, as {@link #putInt}. */
    default void putFloat(int index, float value) {
        putInt(index, Float.floatToRawIntBits(value));
    }

    /** Writes its bits, as {@link #putLong}. */
    default void putDouble(int index, double value) {
        putLong(index, Double.doubleToRawLongBits(value));
    }

    /** Two bytes from {@code index} on, little-endian. */
    default void putShortLE(int index, short value) {
        putShort(index, Short.reverseBytes(value));
    }

    /** Four bytes from {@code index} on, little-endian. */
    default void putIntLE(int index, int value) {
        putInt(index, Integer.reverseBytes(value));
    }

    /** Eight bytes from {@code index} on, little-endian. */
    default void putLongLE(int index, long value) {
        putLong(index, Long.reverseBytes(value));
    }

    /** Writes its bits, as {@link #putIntLE}. */
    default void putFloatLE(int index, float value) {
        putIntLE(index, Float.floatToRawIntBits(value));
    }

    /** Writes its bits, as {@link #putLongLE}. */
    default void putDoubleLE(int index, double value) {
        putLongLE(index, Double.doubleToRawLongBits(value));
    }

    /** Copies {@code length} bytes from {@code source[from]} on to {@code index} and what follows it. */
    void copyFrom(int index, byte[] source, int from, int length);

    /** Copies the remaining bytes to {@code index} and what follows it; the source's position moves to its limit. */
    void copyFrom(int index, ByteBuffer source);

    /**
     * Each call returns a new view: position 0, limit the claimed length, BIG_ENDIAN. A change of one view's position,
     * limit or order does not matter to another view. A view is an object of 64 bytes; the other methods here make
     * none. A view that is kept must not be used after commit or close: nothing refuses it.
     */
    ByteBuffer buffer();

    /**
     * The same bytes as an object of another library, for codecs; null: this transport has none of that type. {@code
     * shm:} has {@code net.openhft.chronicle.bytes.Bytes}, which {@code belfry-chronicle} asks for: the same object
     * each time, valid as long as this body is, its limits at the body's ends. Nothing can be read or written
     * outside these bytes, or later.
     */
    default <T> @Nullable T as(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return null;
    }
}
