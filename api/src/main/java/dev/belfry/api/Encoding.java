package dev.belfry.api;

import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import dev.belfry.spi.WritableArray;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/** Publishes values: by a claim where the codec knows a length, else by an array. */
final class Encoding<T> {
    private final String queue;
    private final Codec<T> codec;
    private final SizedCodec<T> sized; // or null
    private final boolean claims;
    private CountedBody spare; // any thread's

    /** Texts of errors name {@code queue}. {@code claims}: the transport has them. */
    Encoding(String queue, boolean claims, Codec<T> codec) {
        this.queue = queue;
        this.codec = codec;
        this.claims = claims;
        sized = codec instanceof SizedCodec<T> s ? s : null;
    }

    long publish(Publisher publisher, T value, MessageProperties properties) {
        if (sized == null || !claims || !properties.names().isEmpty())
            return publisher.publish(bytes(publisher, value), properties);
        int length = length(value);
        try (Claim claim = publisher.claim(length)) {
            CountedBody body = CountedBody.of(spare, claim);
            if (body != spare) spare = body;
            return claim.commit(encode(value, body, length));
        }
    }

    long offer(Publisher publisher, T value, MessageProperties properties, Duration timeout) {
        return publisher.offer(ByteBuffer.wrap(bytes(publisher, value)), properties, timeout);
    }

    /** Asks {@code publisher} first, so that what it would refuse is not made. */
    byte[] bytes(Publisher publisher, T value) {
        if (sized != null) {
            int length = length(value);
            if (length > publisher.maxMessageLength()) throw Errors.tooLarge(length, publisher.maxMessageLength());
            byte[] body = new byte[length];
            int written = encode(value, CountedBody.of(null, new WritableArray(body)), body.length);
            return written == body.length ? body : Arrays.copyOf(body, written);
        }
        byte[] body;
        try {
            body = codec.encode(value);
        } catch (RuntimeException e) {
            throw failed(value, "", e);
        }
        if (body == null) throw refused(value, " returned null. Let it return an array.", null);
        return body;
    }

    private int length(T value) {
        int length;
        try {
            length = sized.length(value);
        } catch (RuntimeException e) {
            throw failed(value, " in length()", e);
        }
        if (length < 0)
            throw refused(value, " has the length() " + Units.number(length) + ". Let it return 0 or more.", null);
        return length;
    }

    /** A length that lies is found here: a write outside throws, and what it returns and writes is compared. */
    private int encode(T value, CountedBody body, int length) {
        int written;
        long puts;
        try {
            written = sized.encode(value, body);
        } catch (RuntimeException e) {
            throw failed(value, " in the " + Units.number(length) + " bytes of its length()", e);
        } finally {
            puts = body.end();
        }
        if (written < 0 || written > length)
            throw refused(
                    value,
                    " returned " + Units.number(written) + " bytes, of the " + Units.number(length)
                            + " of its length(). Let length() return at least what encode returns.",
                    null);
        if (puts < written)
            throw refused(
                    value,
                    " returned " + Units.number(written) + " bytes and wrote " + Units.number(puts)
                            + " of them; the others would be those of an older message. Write each byte.",
                    null);
        return written;
    }

    private RuntimeException failed(T value, String where, RuntimeException failure) {
        if (failure instanceof MessageQueueException queueFailed && !(failure instanceof CodecException))
            return queueFailed; // closed meanwhile, say
        return refused(value, reason(failure, where) + " Correct the value or the codec.", failure);
    }

    /** Why a codec threw: its own text, or only the kind of another failure, whose text may have parts of a body. */
    static String reason(RuntimeException failure, String where) {
        return failure instanceof CodecException
                ? where + ": " + failure.getMessage()
                : " threw a " + failure.getClass().getName() + where + ", which is the cause.";
    }

    private CodecException refused(T value, String why, RuntimeException cause) {
        return new CodecException(
                "Nothing was published to '" + queue + "': for a "
                        + value.getClass().getName() + " " + name(codec) + why,
                cause);
    }

    static String name(Codec<?> codec) {
        String name = codec.getClass().getName();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public String toString() {
        return name(codec);
    }
}
