package dev.belfry.kafka;

import dev.belfry.api.MessageProperties;
import dev.belfry.spi.HeapMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A message as a record. Its key is the id of the queue that it was published to. A property that
 * is a text is a header of its own name, so that all clients can read and set it; those of other
 * types that follow each other are one header. A position is an offset + 1.
 */
final class Records {
    /**
     * What a record takes beyond body and encoded properties, at most: its batch's head, its own,
     * the headers below.
     */
    static final int OVERHEAD = 256;

    private static final String TYPED = "belfry.";
    /** The time was asked for. */
    private static final String TIMED = "belfry.time";

    private static final int KEY_LENGTH = 18;
    private static final short KEY_BEGINS = 'B' << 8 | 'f';
    private static final byte[] NOTHING = {};

    private Records() {}

    static ProducerRecord<Object, byte[]> record(
            Topic topic, byte[] body, MessageProperties properties, boolean timed) {
        List<Header> headers = new ArrayList<>();
        MessageProperties.Builder typed = MessageProperties.builder();
        for (String name : properties.names()) {
            Object value = properties.get(name);
            if (value instanceof String text) {
                typed = ended(typed, headers);
                headers.add(new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8)));
            } else typed.putReceived(name, value);
        }
        ended(typed, headers);
        if (timed) headers.add(new RecordHeader(TIMED, NOTHING));
        return new ProducerRecord<>(topic.name(), null, null, topic.id(), body, headers);
    }

    /** Null of what is no topic's id. */
    static byte[] key(Object id) {
        if (!(id instanceof Uuid uuid)) return null;
        return ByteBuffer.allocate(KEY_LENGTH)
                .putShort(KEY_BEGINS)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    /** Published to another queue. Other programs' keys say nothing of that. */
    static boolean isOfAnother(byte[] key, byte[] own) {
        return key != null
                && key.length == KEY_LENGTH
                && ByteBuffer.wrap(key).getShort() == KEY_BEGINS
                && !Arrays.equals(key, own);
    }

    private static MessageProperties.Builder ended(MessageProperties.Builder typed, List<Header> headers) {
        MessageProperties run = typed.build();
        if (run.names().isEmpty()) return typed;
        headers.add(new RecordHeader(TYPED, run.encode()));
        return MessageProperties.builder();
    }

    static HeapMessage message(ConsumerRecord<byte[], byte[]> record, boolean redelivered) {
        boolean timed = record.headers().lastHeader(TIMED) != null;
        byte[] body = record.value() == null ? NOTHING : record.value();
        return new HeapMessage(
                record.offset() + 1, timed ? record.timestamp() : 0, body, properties(record), redelivered);
    }

    /** What another program has written and is no property stays away. */
    private static MessageProperties properties(ConsumerRecord<byte[], byte[]> record) {
        MessageProperties.Builder properties = MessageProperties.builder();
        for (Header header : record.headers()) {
            if (header.value() == null || header.key().equals(TIMED)) continue;
            try {
                if (header.key().equals(TYPED)) {
                    MessageProperties typed = MessageProperties.decode(ByteBuffer.wrap(header.value()));
                    for (String name : typed.names()) properties.putReceived(name, typed.get(name));
                } else properties.putReceived(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException noProperty) {
                continue;
            }
        }
        return properties.build();
    }
}
