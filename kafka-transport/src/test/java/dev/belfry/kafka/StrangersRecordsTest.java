package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.PropertiesCodec;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever another program writes into a topic, no reader stops there: the records before it and
 * after it come, and so does it.
 */
@WaitsForOthers
@Slow
@OneJdk
class StrangersRecordsTest {
    private static final String NAME = "strangers-" + ProcessHandle.current().pid();
    private static final String TOPIC = "belfry." + NAME;
    private static final String BOOTSTRAP = Broker.shared().bootstrap();
    private static final String URI = "kafka:" + NAME + "?bootstrap=" + BOOTSTRAP;
    private static final int MOST = PropertiesCodec.MAX_ENCODED_LENGTH;

    private static MessageQueue queue;
    private static Publisher publisher;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final PrintStream errors = System.err;

    @BeforeAll
    static void open() {
        queue = MessageQueues.open(URI);
        publisher = queue.createPublisher();
    }

    @AfterAll
    static void remove() {
        queue.close();
        MessageQueues.delete(URI);
    }

    @BeforeEach
    void catchLog() {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void giveBack() {
        System.setErr(errors);
    }

    /** What is in the record, and the names of the properties that a reader sees. */
    enum Row {
        NULL_VALUE(null, null, h -> {}),
        TOMBSTONE("key", null, h -> {}),
        NULL_KEY(null, "body", h -> {}),
        EMPTY_KEY("", "body", h -> {}),
        KEY_THAT_LOOKS_LIKE_OURS("Bf", "body", h -> {}),
        LONG_KEY("k".repeat(100_000), "body", h -> {}),
        CONTROL_CHARACTERS_IN_BODY(null, "\u0000\u001b[2J\r\n\u0085", h -> {}),
        NULL_HEADER(null, "body", h -> h.add("nothing", null)),
        EMPTY_HEADER(null, "body", h -> h.add("empty", new byte[0]), "empty"),
        EMPTY_NAME(null, "body", h -> h.add("", bytes("value")), ""),
        NAMES_THAT_NOBODY_MAY_PUT(
                null,
                "body",
                h -> h.add("a-b", bytes("x"))
                        .add("1a", bytes("x"))
                        .add("a b", bytes("x"))
                        .add("a\u0000b", bytes("x"))
                        .add("\u001b[2J", bytes("x"))
                        .add("good", bytes("x")),
                "a-b",
                "1a",
                "a b",
                "a\u0000b",
                "\u001b[2J",
                "good"),
        /** Those that begin as ours do are a later release's. */
        OURS_OF_A_LATER_RELEASE(
                null, "body", h -> h.add("belfry.key", bytes("x")).add("good", bytes("x")), "good"),
        TYPED_OF_A_LATER_RELEASE(
                null,
                "body",
                h -> h.add("belfry.", new byte[] {2, 0, 9, 1, 0, 'a', 1, 0, 0, 0, 7, 1, 1, 0, 'b', 1}),
                "b"),
        NOT_UTF_8(null, "body", h -> h.add("raw", new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xc0}), "raw"),
        CONTROL_CHARACTERS(null, "body", h -> h.add("text", bytes("\u0000\u001b[2J\n")), "text"),
        TWICE(null, "body", h -> h.add("twice", bytes("1")).add("twice", bytes("2")), "twice"),
        TYPED_IS_GARBAGE(null, "body", h -> h.add("belfry.", new byte[] {1, 2, 3})),
        TYPED_IS_EMPTY(null, "body", h -> h.add("belfry.", new byte[0])),
        TYPED_SAYS_TOO_MANY(null, "body", h -> h.add("belfry.", new byte[] {-1, -1, 8, -1, -1})),
        TYPED_HAS_LONG_TEXT(null, "body", h -> h.add("belfry.", new byte[] {1, 0, 8, 1, 0, 'a', -1, -1, -1, 127})),
        TYPED_TWICE(null, "body", h -> h.add("belfry.", typed("n", 60_000)).add("belfry.", typed("m", 60_000)), "n"),
        TIME_WITH_A_VALUE(null, "body", h -> h.add("belfry.time", bytes("soon"))),
        LONG_HEADER(null, "body", h -> h.add("good", bytes("x")).add("trace", new byte[70_000]), "good"),
        LONG_HEADER_FIRST(null, "body", h -> h.add("trace", new byte[70_000]).add("good", bytes("x")), "good"),
        LONG_NAME(null, "body", h -> h.add("n".repeat(70_000), bytes("x")).add("good", bytes("x")), "good"),
        LONG_TOGETHER(null, "body", h -> h.add("a", new byte[40_000]).add("b", new byte[40_000]), "a"),
        LONG_ONCE_DECODED(null, "body", h -> h.add("raw", filled(30_000)).add("good", bytes("x")), "good"),
        TWICE_AND_LONG(null, "body", h -> h.add("a", new byte[60_000]).add("a", new byte[60_000]), "a"),
        /** A bridge must still be able to say where it is from. */
        JUST_FITS(null, "body", h -> h.add("a", new byte[MOST - 10])),
        MANY(
                null,
                "body",
                h -> {
                    for (int i = 0; i < 20_000; i++) h.add("belfry.-" + i, bytes("x"));
                    h.add("good", bytes("x"));
                },
                "good");

        private final String key;
        private final String body;
        private final Consumer<Headers> headers;
        private final String[] names;

        Row(String key, String body, Consumer<Headers> headers, String... names) {
            this.key = key;
            this.body = body;
            this.headers = headers;
            this.names = names;
        }

        ProducerRecord<byte[], byte[]> record() {
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(TOPIC, key == null ? null : bytes(key), body == null ? null : bytes(body));
            headers.accept(record.headers());
            return record;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** No byte of it is UTF-8: each becomes a sign of three. */
    private static byte[] filled(int length) {
        byte[] all = new byte[length];
        Arrays.fill(all, (byte) 0xff);
        return all;
    }

    private static byte[] typed(String name, int length) {
        return MessageProperties.builder().put(name, "x".repeat(length)).build().encode();
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopNoReaderWhateverAnotherProgramWrites(Row row) throws Exception {
        long first = publisher.publish("before");
        sendAll(Map.of(), List.of(row.record()));
        publisher.publish("after");
        for (List<Message> read : readInAllWays(first, 3)) {
            assertThat(read)
                    .extracting(Message::text)
                    .containsExactly("before", row.body == null ? "" : row.body, "after");
            assertThat(read).extracting(Message::position).containsExactly(first, first + 1, first + 2);
            MessageProperties properties = read.get(1).properties();
            assertThat(properties.names()).containsExactly(row.names);
            assertThat(MessageProperties.decode(ByteBuffer.wrap(properties.encode())))
                    .isEqualTo(properties);
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void shouldReadWhatIsCompressed(CompressionType type) throws Exception {
        long first = publisher.publish("before");
        sendAll(Map.of("compression.type", type.name), List.of(Row.MANY.record(), Row.NULL_KEY.record()));
        publisher.publish("after");
        for (List<Message> read : readInAllWays(first, 4))
            assertThat(read).extracting(Message::text).containsExactly("before", "body", "body", "after");
        try (Subscriber subscriber = queue.createSubscriber(StartAt.at(first))) {
            for (int i = 0; i < 4; i++) subscriber.receive(Patience.limit());
            assertThat(subscriber.lostCount()).isZero();
        }
    }

    /** The client of Java refuses it; those of other languages may write it. */
    @Test
    void shouldHaveNoTimeWhenTheRecordHasNone() throws Exception {
        long first = publisher.publish("before");
        ProducerRecord<byte[], byte[]> without = new ProducerRecord<>(TOPIC, bytes("body")) {
            @Override
            public Long timestamp() {
                return -1L;
            }
        };
        without.headers().add("belfry.time", null);
        sendAll(Map.of(), List.of(without));
        publisher.publish("after");
        for (List<Message> read : readInAllWays(first, 3))
            assertThat(read).extracting(Message::timestampMillis).containsExactly(0L, 0L, 0L);
    }

    /** One that was given up is read, too, as a reader of Kafka does unless it is told otherwise. */
    @Test
    void shouldPassTheMarksOfTransactions() throws Exception {
        long first = publisher.publish("before");
        try (KafkaProducer<byte[], byte[]> other = producer(Map.of("transactional.id", NAME))) {
            other.initTransactions();
            for (boolean commit : new boolean[] {true, false}) {
                other.beginTransaction();
                other.send(Row.NULL_KEY.record()).get();
                if (commit) other.commitTransaction();
                else other.abortTransaction();
            }
        }
        publisher.publish("after");
        for (List<Message> read : readInAllWays(first, 4))
            assertThat(read).extracting(Message::text).containsExactly("before", "body", "body", "after");
        try (Subscriber subscriber = queue.createSubscriber(StartAt.at(first))) {
            for (int i = 0; i < 4; i++) subscriber.receive(Patience.limit());
            assertThat(subscriber.lostCount()).isZero();
        }
    }

    @Test
    void shouldLogOnceThatHeadersStayAway() throws Exception {
        long first = publisher.publish("before");
        sendAll(Map.of(), List.of(Row.LONG_HEADER.record(), Row.LONG_NAME.record(), Row.LONG_TOGETHER.record()));
        try (Subscriber subscriber = queue.createSubscriber(StartAt.at(first))) {
            for (int i = 0; i < 4; i++) subscriber.receive(Patience.limit());
        }
        String all = log.toString(StandardCharsets.UTF_8);
        assertThat(all)
                .contains("position " + (first + 1))
                .contains("'trace' of 70,000 bytes")
                .contains("65,536");
        assertThat(all.lines().filter(line -> line.contains("stays away"))).hasSize(1);
    }

    private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", BOOTSTRAP);
        settings.put("max.request.size", 1 << 20);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void sendAll(Map<String, Object> settings, List<ProducerRecord<byte[], byte[]>> records)
            throws InterruptedException, ExecutionException {
        try (KafkaProducer<byte[], byte[]> other = producer(settings)) {
            for (ProducerRecord<byte[], byte[]> record : records)
                other.send(record).get();
        }
    }

    private static List<List<Message>> readInAllWays(long first, int messages) {
        return List.of(received(first, messages), polled(first, messages), heard(first, messages));
    }

    private static List<Message> received(long first, int messages) {
        List<Message> read = new ArrayList<>();
        try (Subscriber subscriber = queue.createSubscriber(StartAt.at(first))) {
            for (Message m; read.size() < messages && (m = subscriber.receive(Patience.limit())) != null; ) read.add(m);
        }
        return read;
    }

    private static List<Message> polled(long first, int messages) {
        List<Message> read = new ArrayList<>();
        try (Subscriber subscriber = queue.createSubscriber(SubscriberOptions.builder()
                .name("all")
                .startAt(StartAt.at(first))
                .ackMode(AckMode.CLIENT)
                .build())) {
            while (read.size() < messages && subscriber.poll(m -> read.add(m.copy()), messages, Patience.limit()) > 0)
                subscriber.acknowledge();
        }
        queue.unsubscribe("all");
        return read;
    }

    private static List<Message> heard(long first, int messages) {
        List<Message> read = Collections.synchronizedList(new ArrayList<>());
        try (Subscriber subscriber = queue.createSubscriber(StartAt.at(first))) {
            subscriber.setListener(m -> read.add(m.copy()));
            Patience.until("the listener hears all", () -> read.size() >= messages);
        }
        return read;
    }
}
