package dev.belfry.spi;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The copy that every transport hands out; equal by identity of the array, as records are. */
public record HeapMessage(
        long position, long timestampMillis, byte[] bytes, MessageProperties properties, boolean redelivered)
        implements Message {
    public HeapMessage {
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(properties, "properties");
    }

    /** Never shares an array with {@code v}, not even if that is a copy already: its receiver may write into it. */
    public static HeapMessage copyOf(MessageView v, boolean redelivered) {
        byte[] bytes = v instanceof Message m ? m.bytes().clone() : v.bytes();
        return new HeapMessage(v.position(), v.timestampMillis(), bytes, v.properties(), redelivered);
    }

    @Override
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Never the body. */
    @Override
    public String toString() {
        return "message " + position + " (" + Units.number(bytes.length) + " bytes"
                + (redelivered ? ", redelivered)" : ")");
    }
}
