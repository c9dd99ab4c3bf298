package dev.belfry.chronicle;

import dev.belfry.api.CodecException;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.SizedCodec;
import dev.belfry.api.WritableBody;
import java.nio.BufferOverflowException;
import java.util.Objects;
import java.util.function.Supplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesMarshallable;

/**
 * Values that write themselves into Chronicle's {@code BytesOut}, and read themselves from its {@code BytesIn}. Over
 * {@code shm:} both are the message itself, in the shared memory: no byte is copied, and no object is made. Elsewhere,
 * and for a message with properties, they are an array. Numbers are little-endian, as Chronicle writes them.
 *
 * <p>A value may not keep what it is handed: the next message is in it soon. It can reach no byte outside its message,
 * and a reader writes none. Any thread may use a codec, if {@code values} may be called by any.
 *
 * <p>The first codec of a JVM loads Chronicle Bytes, in 0.2 to 0.5 seconds. It then logs, under {@code net.openhft},
 * that it was loaded, and an ERROR that it may want flags: this needs none.
 * @since 0.1
 */
public final class ChronicleCodec<T extends BytesMarshallable> implements SizedCodec<T> {
    private final int longest;
    private final Supplier<? extends T> values;

    private ChronicleCodec(int longest, Supplier<? extends T> values) {
        this.longest = longest;
        this.values = values;
    }

    /**
     * {@code longest}: bytes that a value becomes, at most. So much room is claimed for each, and
     * what it does not need is given back. {@code values}: what each message is read into, {@code
     * Order::new}; or always the same object, where none is to be made and none is kept.
     *
     * @throws IllegalArgumentException if {@code longest} is negative
     * @throws UnsupportedOperationException if this JVM cannot use Chronicle Bytes, with the reason
     */
    public static <T extends BytesMarshallable> ChronicleCodec<T> of(int longest, Supplier<? extends T> values) {
        if (longest < 0)
            throw new IllegalArgumentException("The longest value has " + longest + " bytes; let it have 0 or more");
        Objects.requireNonNull(values, "values");
        requireChronicle();
        return new ChronicleCodec<>(longest, values);
    }

    private static void requireChronicle() {
        try {
            Bytes.wrapForRead(new byte[Long.BYTES]).readLong();
        } catch (LinkageError | RuntimeException unusable) {
            Throwable cause = unusable;
            while (cause.getCause() != null) cause = cause.getCause();
            throw new UnsupportedOperationException(
                    "Chronicle Bytes cannot be used here: " + cause
                            + ". It needs sun.misc.Unsafe: start the JVM with --sun-misc-unsafe-memory-access=allow, or"
                            + " take another codec",
                    unusable);
        }
    }

    @Override
    public int length(T value) {
        return longest;
    }

    @Override
    public int encode(T value, WritableBody body) {
        Bytes<?> inPlace = body.as(Bytes.class);
        if (inPlace != null) return write(value, inPlace);
        byte[] array = new byte[body.length()];
        int length = write(value, Bytes.wrapForWrite(array));
        body.copyFrom(0, array, 0, length);
        return length;
    }

    private int write(T value, Bytes<?> out) {
        try {
            value.writeMarshallable(out);
        } catch (BufferOverflowException tooLong) {
            throw new CodecException(
                    "it needs more than " + longest
                            + " bytes, the longest that this codec was told of: let of() be told more.",
                    tooLong);
        }
        return (int) out.writePosition();
    }

    @Override
    public T decode(ReadableBody body) {
        Bytes<?> in = body.as(Bytes.class);
        if (in == null) {
            byte[] array = new byte[body.length()];
            body.copyTo(0, array, 0, array.length);
            in = Bytes.wrapForRead(array);
        }
        T value = Objects.requireNonNull(values.get(), "values.get()");
        value.readMarshallable(in);
        return value;
    }
}
