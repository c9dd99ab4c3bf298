package dev.belfry.spi;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The copy that every transport hands out. Two are equal only if they share the array, as with any record.
 * @since 0.1
 */
public record HeapMessage(
        long position, long timestampMillis, byte[] bytes, MessageProperties properties, boolean redelivered)
        implements Message {
    public HeapMessage {
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(properties, "properties");
    }

    /**
     * Never shares an array with {@code v}, not even if that is a copy already: its receiver may write into the array.
     */
    public static HeapMessage copyOf(MessageView v, boolean redelivered) {
        byte[] bytes = v instanceof Message m ? m.bytes().clone() : v.bytes();
        return new HeapMessage(v.position(), v.timestampMillis(), bytes, v.properties(), redelivered);
    }

    @Override
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A view for a handler: changes to arrays or copies do not change this message. */
    public static MessageView viewOf(Message message) {
        return new View(Objects.requireNonNull(message, "message"));
    }

    /** Leaves out the body, which may be secret or long. */
    @Override
    public String toString() {
        return "message " + position + " (" + Units.number(bytes.length) + " bytes"
                + (redelivered ? ", redelivered)" : ")");
    }

    private static final class View extends ReadableArray implements MessageView {
        private final Message message;

        View(Message message) {
            this.message = message;
        }

        @Override
        protected byte[] array() {
            return message.bytes();
        }

        @Override
        public long position() {
            return message.position();
        }

        @Override
        public long timestampMillis() {
            return message.timestampMillis();
        }

        @Override
        public byte[] bytes() {
            return message.bytes().clone();
        }

        @Override
        public String text() {
            return message.text();
        }

        @Override
        public MessageProperties properties() {
            return message.properties();
        }

        @Override
        public boolean redelivered() {
            return message.redelivered();
        }

        @Override
        public Message copy() {
            return copyOf(this, redelivered());
        }
    }
}
