package dev.belfry.kafka;

import dev.belfry.api.MessageProperties;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.PropertiesCodec;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
     * The bytes that a record takes beyond body and encoded properties, at most: its batch's head,
     * its own, the headers below.
     */
    static final int OVERHEAD = 256;

    /** The header of all other types. Each that begins so is Belfry's, of this release or a later one. */
    private static final String TYPED = "belfry.";
    /** The time was asked for. */
    private static final String TIMED = "belfry.time";

    private static final int KEY_LENGTH = 18;
    private static final short KEY_BEGINS = 'B' << 8 | 'f';
    private static final byte[] NOTHING = {};

    /** Each such header may take 13 bytes more than its properties, for which {@link #OVERHEAD} has room. */
    private static final int MOST_TYPED = 8;

    private static final int COUNT_LENGTH = 2; // of encoded properties
    /**
     * Bytes of properties that are left free beside headers of another program, for those that a
     * bridge and tracing add.
     */
    private static final int RESERVED = 1_024;

    private static final int SHOWN_OF_A_NAME = 100;

    private Records() {}

    static ProducerRecord<Object, byte[]> record(
            String topic, Uuid id, byte[] body, MessageProperties properties, boolean timed) {
        List<Header> headers = new ArrayList<>();
        MessageProperties.Builder typed = MessageProperties.builder();
        int runs = 0; // of typed ones; the last takes all the rest
        for (String name : properties.names()) {
            Object value = properties.get(name);
            if (value instanceof String text && runs < MOST_TYPED && !name.startsWith(TYPED)) {
                int before = headers.size();
                typed = ended(typed, headers);
                runs += headers.size() - before;
                headers.add(new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8)));
            } else typed.putReceived(name, value);
        }
        ended(typed, headers);
        if (timed) headers.add(new RecordHeader(TIMED, NOTHING));
        return new ProducerRecord<>(topic, null, null, id, body, headers);
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
        return isBelfrys(key) && !Arrays.equals(key, own);
    }

    private static boolean isBelfrys(byte[] key) {
        return key != null && key.length == KEY_LENGTH && ByteBuffer.wrap(key).getShort() == KEY_BEGINS;
    }

    private static MessageProperties.Builder ended(MessageProperties.Builder typed, List<Header> headers) {
        MessageProperties run = typed.build();
        if (run.names().isEmpty()) return typed;
        headers.add(new RecordHeader(TYPED, run.encode()));
        return MessageProperties.builder();
    }

    /** {@code leftOut} is told of the first header for which there was no room, in words. */
    static HeapMessage message(ConsumerRecord<byte[], byte[]> record, boolean redelivered, Consumer<String> leftOut) {
        boolean timed = record.headers().lastHeader(TIMED) != null;
        byte[] body = record.value() == null ? NOTHING : record.value();
        Received received = new Received(isBelfrys(record.key()) ? 0 : RESERVED);
        for (Header header : record.headers()) received.add(header);
        if (received.leftOut != null) leftOut.accept(received.leftOut);
        return new HeapMessage(
                record.offset() + 1,
                timed ? Math.max(0, record.timestamp()) : 0,
                body,
                received.properties.build(),
                redelivered);
    }

    /** Headers as properties. A header that is no property, or has no room beside those before it, is left out. */
    private static final class Received {
        private final MessageProperties.Builder properties = MessageProperties.builder();
        private int room;
        private String leftOut;

        Received(int reserved) {
            room = PropertiesCodec.MAX_ENCODED_LENGTH - COUNT_LENGTH - reserved;
        }

        void add(Header header) {
            if (header.value() == null) return;
            try {
                if (header.key().equals(TYPED)) {
                    MessageProperties typed = MessageProperties.decode(ByteBuffer.wrap(header.value()));
                    for (String name : typed.names()) put(name, typed.get(name), header);
                } else if (!header.key().startsWith(TYPED))
                    put(header.key(), new String(header.value(), StandardCharsets.UTF_8), header);
            } catch (IllegalArgumentException noProperty) {
                return;
            }
        }

        private void put(String name, Object value, Header from) {
            int length = PropertiesCodec.encodedLength(Map.of(name, value)) - COUNT_LENGTH;
            if (length <= room) {
                properties.putReceived(name, value);
                room -= length;
            } else if (leftOut == null)
                leftOut = "header '" + Units.printable(from.key(), SHOWN_OF_A_NAME) + "' of "
                        + Units.number(from.value().length) + " bytes";
        }
    }
}
