package dev.belfry.spi;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The copy that every transport hands out; equal by identity of the array, as records are. */
public record HeapMessage(
        long position, long timestampMillis, byte[] bytes, MessageProperties properties, boolean redelivered)
        implements Message {
    public static HeapMessage copyOf(MessageView v, boolean redelivered) {
        return new HeapMessage(v.position(), v.timestampMillis(), v.bytes(), v.properties(), redelivered);
    }

    @Override
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
