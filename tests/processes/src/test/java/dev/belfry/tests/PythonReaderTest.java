package dev.belfry.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A reader in another language, written from docs/protocol.md alone, beside publishers at work: where that page is
 * wrong, or no longer true, it reads something else than a subscriber.
 */
@Timeout(120)
@WaitsForOthers
class PythonReaderTest {
    private static final Path PROGRAM = Checkout.root().resolve("examples/python/belfry.py");
    private static final SubscriberOptions CLIENT =
            SubscriberOptions.builder().ackMode(AckMode.CLIENT).build();
    private static final int LIVES = 3;
    private static final int MESSAGES_OF_A_LIFE = 700;

    @RegisterExtension
    final Stage stage = new Stage();

    private String name;

    /** Itself: behind its name there may be a shell, which takes five times as long as Python does. */
    private static String python;

    @BeforeAll
    static void needsPython() {
        String asks = "import sys; str.removeprefix; print(sys.executable)";
        try (ChildJvm found = ChildJvm.start("python3", List.of("python3", "-c", asks))) {
            List<String> said = found.rest();
            assumeTrue(said.size() == 2 && said.get(1).equals("exit 0"), "needs python3 of version 3.9 or later");
            python = said.get(0);
        } catch (AssertionError missing) {
            assumeTrue(false, "needs python3");
        }
    }

    private String uri(String parameters) {
        name = stage.name();
        return "shm:" + name + "?" + parameters;
    }

    private ChildJvm reader(Object... arguments) {
        return reader(PROGRAM, arguments);
    }

    private ChildJvm reader(Path program, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(python, program.toString(), name));
        for (Object argument : arguments) command.add(argument.toString());
        return stage.add(ChildJvm.start("belfry.py", command));
    }

    /** As the program prints it. */
    private static String line(Message message) {
        StringBuilder line = new StringBuilder("{\"position\":" + message.position());
        if (message.timestampMillis() != 0) line.append(",\"timestamp\":").append(message.timestampMillis());
        MessageProperties properties = message.properties();
        if (!properties.names().isEmpty())
            line.append(properties.names().stream()
                    .map(one -> text(one) + ":" + value(properties.get(one)))
                    .collect(Collectors.joining(",", ",\"properties\":{", "}")));
        byte[] body = message.bytes();
        boolean isText = body.length == 0 || body[0] != Chatter.NO_TEXT;
        return line + (isText ? ",\"body\":" + text(message.text()) : ",\"bodyBase64\":" + base64(body)) + "}";
    }

    private static Object value(Object value) {
        return value instanceof String string ? text(string) : value;
    }

    private static String text(String text) {
        return text.chars()
                .mapToObj(c -> c < 128 ? Character.toString(c) : String.format("\\u%04x", c))
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String base64(byte[] bytes) {
        return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    }

    /** Publishes messages of all kinds until it is killed. */
    static final class Chatter implements Role {
        static final byte NO_TEXT = -1;

        private final Random random = new Random();

        @Override
        public void play(Line line, String... args) {
            PublisherOptions options = PublisherOptions.builder()
                    .timestamps(Boolean.parseBoolean(args[1]))
                    .build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher(options)) {
                line.say("publishing");
                while (true) publish(publisher);
            }
        }

        private void publish(Publisher publisher) {
            if (random.nextInt(10) > 0) {
                publisher.publish(body(), properties());
                return;
            }
            try (Batch batch = publisher.batch(publisher.maxMessageLength() / 2)) {
                for (int i = random.nextInt(5); i >= 0; i--) batch.add("one of " + i, properties());
                batch.commit();
            }
        }

        private byte[] body() {
            if (random.nextBoolean())
                return "a text: läuft ".repeat(random.nextInt(20)).getBytes(UTF_8);
            byte[] body = new byte[1 + random.nextInt(3_000)];
            random.nextBytes(body);
            body[0] = NO_TEXT;
            return body;
        }

        private MessageProperties properties() {
            return random.nextBoolean() ? MessageProperties.empty() : PythonReaderTest.properties(random.nextInt());
        }
    }

    /** Of each type. */
    private static MessageProperties properties(int number) {
        return MessageProperties.builder()
                .put("boolean", number > 0)
                .put("byte", (byte) number)
                .put("short", (short) number)
                .put("int", number)
                .put("long", (long) number << 32)
                .put("float", number % 1000 * 0.5f)
                .put("double", number % 1000 * 0.25)
                .put("text", "Größe " + number)
                .build();
    }

    @Test
    void shouldReadAllMessagesInTheirOrderWhilePublishersAreKilledAndTheRingWrapsAndGrows() {
        String uri = uri("capacity=4k&maxCapacity=64k");
        long bytes = 0;
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber subscriber = queue.createSubscriber(CLIENT)) {
            ChildJvm reader = reader();
            for (int life = 1; life <= LIVES; life++) {
                ChildJvm publisher = stage.start(Chatter.class, uri, "" + (life % 2 == 0));
                publisher.expect("publishing");
                for (int i = 0; i < MESSAGES_OF_A_LIFE; i++) bytes += same(subscriber, subscriber.receive(), reader);
                publisher.kill();
            }
            for (Message left; (left = subscriber.receiveNoWait()) != null; ) bytes += same(subscriber, left, reader);
            assertThat(bytes).as("it wrapped").isGreaterThan(8 * queue.stats().capacity());
            long grown = reader.errors()
                    .lines()
                    .filter(line -> line.startsWith("the ring has grown to "))
                    .count();
            assertThat(grown).isEqualTo(queue.stats().counters().get("grows")).isPositive();
            assertThat(reader.errors()).doesNotContain("missed");
            MessageQueues.delete("shm:" + name);
            assertThat(reader.awaitExit()).isOne();
            assertThat(reader.errors()).endsWith(name + ": was removed\n");
        }
    }

    /** The subscriber holds the gate until the reader has printed the message, so that it misses none. */
    private static int same(Subscriber subscriber, Message message, ChildJvm reader) {
        assertThat(reader.line()).isEqualTo(line(message));
        subscriber.acknowledge(message.position());
        return message.length();
    }

    @Test
    void shouldTellHowManyMessagesItHasMissed() {
        try (MessageQueue queue = MessageQueues.open(uri("capacity=4k&maxCapacity=4k"));
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("read");
            ChildJvm reader = reader(1001);
            assertThat(reader.line()).isEqualTo("{\"position\":1,\"body\":\"read\"}");
            reader.pause();
            for (int i = 2; i <= 1001; i++) publisher.publish("number " + i);
            reader.proceed();
            long oldest = queue.stats().oldestPosition();
            for (long i = oldest; i <= 1001; i++)
                assertThat(reader.line()).isEqualTo("{\"position\":" + i + ",\"body\":\"number " + i + "\"}");
            reader.awaitEnd();
            assertThat(reader.errors())
                    .isEqualTo("missed " + (oldest - 2) + " messages: overwritten before they were read\n");
        }
    }

    // What it finds in bytes that others have changed

    /** Three messages in a queue that no process has open. */
    private void three() {
        try (MessageQueue queue = MessageQueues.open(uri("capacity=4k&maxCapacity=4k&slots=4"));
                Publisher publisher = queue.createPublisher()) {
            for (String body : List.of("one", "two", "three")) publisher.publish(body);
        }
    }

    private Path file() {
        return Path.of("/dev/shm/belfry." + name);
    }

    private void poke(int at, long value, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            file.write(bytes.limit(size), at);
        }
    }

    /** The word of the second record is at 65552: length, then type and flags, then stamp. */
    @ParameterizedTest
    @CsvSource(textBlock = """
                    0,     7,    8, 'Q: damaged: no queue: it does not begin as one', 2, 0
                    8,     4,    4, 'Q: has layout 4, this program reads 3', 1, 0
                    12,    0,    4, 'Q: damaged: kind of queue 0', 2, 0
                    12,    3,    4, 'Q: needs a newer reader: kind 3, creation flags 0, features 0', 1, 0
                    12,    2,    4, 'Q: can be listed only: a domain, or a queue of file:', 1, 0
                    16,    2,    8, 'Q: needs a newer reader: kind 1, creation flags 0, features 2', 1, 0
                    24,    2,    8, '', 0, 3
                    32,    2,    8, '', 0, 3
                    80,    5000, 8, 'Q: damaged: impossible capacities', 2, 0
                    104,   32,   8, 'Q: needs a newer reader: kind 1, creation flags 20, features 0', 1, 0
                    520,   4,    8, 'Q: damaged: the word at 520 is 4', 2, 0
                    1160,  12,   8, 'Q: damaged: impossible region at 65536 of 12 bytes', 2, 0
                    1168,  8,    8, 'Q: damaged: no region holds offset 0', 2, 0
                    65552, 0,    4, 'Q: damaged: no message at 16, and the log goes on to 48', 2, 1
                    65552, 5,    4, 'Q: damaged: a record of type 1 and length 5', 2, 1
                    65556, 3,    1, 'Q: damaged: a record of type 3 and length 11', 2, 1
                    65556, 2,    1, 'Q: damaged: a record of type 2 and length 11', 2, 1
                    65556, 17,   1, 'Q: damaged: message 2 ends before its properties do', 2, 1
                    65556, 65,   1, 'message 2 needs a newer reader: flags 4', 0, 2
                    65557, 3,    1, 'Q: damaged: the record at 16 is not number 2', 2, 1
                    """)
    void shouldSayWhatIsWrongOrNewer(int at, long value, int size, String words, int exit, int read)
            throws IOException {
        three();
        poke(at, value, size);
        ChildJvm reader = reader(3);
        assertThat(reader.rest()).hasSize(read + 1).endsWith("exit " + exit);
        assertThat(reader.errors().strip()).isEqualTo(words.replace("Q:", name + ":"));
    }

    /**
     * A later release raises a feature, and the log goes on in another form of ring, between the reader's check of the
     * features and its way to the oldest message.
     */
    @Test
    void shouldAskForANewerReaderWhereARegionIsOfALaterForm(@TempDir Path copies) throws IOException {
        three();
        String check = "        queue.require_understood()";
        String program = Files.readString(PROGRAM);
        assertThat(program.split(check, -1)).hasSize(2);
        String raise = """

                        with open(f"{SHM}/{PREFIX}{queue.name}", "r+b", 0) as file:
                            for at, value in (16, 2), (1184, 12), (1192, 4096), (1200, 48), (520, 48):
                                os.pwrite(file.fileno(), struct.pack("<q", value), at)
                """;
        Path copy = Files.writeString(copies.resolve("belfry.py"), program.replace(check, check + raise));
        ChildJvm reader = reader(copy, 3);
        assertThat(reader.awaitExit()).isOne();
        assertThat(reader.errors()).isEqualTo(name + ": needs a newer reader: kind 1, creation flags 0, features 2\n");
    }

    /** At 65552 are: the count, and two properties of type, length of the name, name, value; each has 5 bytes. */
    @ParameterizedTest
    @CsvSource(textBlock = """
                    65552, 0,   2, 'properties that do not fill their block, or overfill it'
                    65552, 1,   2, 'properties that do not fill their block, or overfill it'
                    65554, 0,   1, 'an impossible property'
                    65558, 2,   1, 'an impossible property'
                    65562, 97,  1, 'an impossible property'
                    """)
    void shouldCallDamagedWhatTheLibraryDoes(int at, long value, int size, String words) throws IOException {
        MessageProperties two =
                MessageProperties.builder().put("a", true).put("b", (byte) 1).build();
        try (MessageQueue queue = MessageQueues.open(uri("capacity=4k&maxCapacity=4k&slots=4"));
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("x", two);
            assertThat(reader(1).rest())
                    .containsExactly("{\"position\":1,\"properties\":{\"a\":true,\"b\":1},\"body\":\"x\"}", "exit 0");
            poke(at, value, size);
            isDamagedToBoth(queue, words);
        }
    }

    @Test
    void shouldCallDamagedWhatIsLongerThanPropertiesCanBe() throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri("capacity=1m&maxCapacity=1m&slots=4"));
                Publisher publisher = queue.createPublisher()) {
            publisher.publish(
                    "x".repeat(70_000),
                    MessageProperties.builder().put("a", "text").build());
            int most = 65_536;
            poke(65544, most + 1, 4);
            poke(65558, most + 1 - 10, 4);
            isDamagedToBoth(queue, "properties that do not fill their block, or overfill it");
        }
    }

    private void isDamagedToBoth(MessageQueue queue, String words) {
        ChildJvm reader = reader(1);
        assertThat(reader.rest()).containsExactly("exit 2");
        assertThat(reader.errors()).isEqualTo(name + ": damaged: " + words + "\n");
        try (Subscriber subscriber = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            assertThatThrownBy(() -> subscriber.receive().properties()).isInstanceOf(QueueCorruptedException.class);
        }
    }

    /** The third record becomes one of type 9, which has no position: the next message has its number. */
    @Test
    void shouldPassOverARecordOfALaterRelease() throws IOException {
        three();
        poke(65572, 9, 1);
        poke(65584, 3L << 40, 8);
        poke(392, 2, 8);
        try (MessageQueue queue = MessageQueues.open("shm:" + name);
                Publisher publisher = queue.createPublisher()) {
            assertThat(publisher.publish("four")).isEqualTo(3);
        }
        assertThat(reader(3).rest())
                .containsExactly(
                        "{\"position\":1,\"body\":\"one\"}",
                        "{\"position\":2,\"body\":\"two\"}",
                        "{\"position\":3,\"body\":\"four\"}",
                        "exit 0");
    }

    @Test
    void shouldSayThatAQueueWasCutOffOrIsNotThere() throws IOException {
        three();
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            file.truncate(4096);
        }
        ChildJvm cut = reader();
        assertThat(cut.awaitExit()).isEqualTo(2);
        assertThat(cut.errors()).isEqualTo(name + ": damaged: impossible lengths of header and file\n");
        Files.delete(file());
        ChildJvm none = reader();
        assertThat(none.awaitExit()).isOne();
        assertThat(none.errors()).isEqualTo(name + ": No such file or directory\n");
    }

    @Test
    void shouldPrintAsTextWhatJsonHasNoNumberFor() {
        try (MessageQueue queue = MessageQueues.open(uri("capacity=4k&maxCapacity=4k"));
                Publisher publisher = queue.createPublisher()) {
            MessageProperties odd = MessageProperties.builder()
                    .put("f", Float.NEGATIVE_INFINITY)
                    .put("d", Double.NaN)
                    .build();
            publisher.publish("odd", odd);
            assertThat(reader(1).line()).contains("\"f\":\"-inf\"", "\"d\":\"nan\"");
        }
    }

    /** In a directory of its own, where another process cuts the first one between its size and its map. */
    @Test
    void shouldListQueuesAndChangeNoByteOfThem(@TempDir Path shm) throws IOException {
        three();
        byte[] before = Files.readAllBytes(file());
        Files.write(shm.resolve(file().getFileName()), before);
        Files.write(shm.resolve("belfry.0cut"), before);
        String cut = "os.truncate(f'{SHM}/{PREFIX}0cut', 0)\n        self.header, self.rings = ";
        String program = Files.readString(PROGRAM)
                .replace("\"/dev/shm\"", "\"" + shm + "\"")
                .replace("self.header, self.rings = ", cut);
        Path here = Files.writeString(shm.resolve("list.py"), program);
        ChildJvm list = stage.add(ChildJvm.start("belfry.py", List.of(python, here.toString())));
        assertThat(list.rest()).containsExactly(name + ": queue, newest position 3, ring of 4096 bytes", "exit 2");
        assertThat(list.errors()).isEqualTo("0cut: damaged: mmap length is greater than file size\n");
        ChildJvm reader = reader(3);
        assertThat(reader.rest()).hasSize(4).endsWith("exit 0");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    // Twins

    @ParameterizedTest
    @CsvSource(textBlock = """
                    'GATE_POS, GATE = 384, 392, 512, 520', 'GATE_POS, GATE = 384, 392, 520, 512'
                    'base = self.header.long(at + 16)', 'base = self.header.long(at + 8)'
                    'copy(cursor + 8, length - 8)', 'copy(cursor + 8, length)'
                    'word >> 40', 'word >> 36'
                    'length + 7 & ~7\n', 'length + 8 & ~7\n'
                    '"<q24x", payload)[0], 32', '"<q16x", payload)[0], 24'
                    'begin = struct.unpack_from("<I", payload, at)[0], at + 8', 'begin = struct.unpack_from("<I", payload, at)[0], at + 4'
                    '5: "<q", 6: "<f", 7: "<d"', '5: "<q", 6: "<d", 7: "<f"'
                    """)
    void shouldNoticeAPlantedMistake(String right, String wrong, @TempDir Path copies) throws IOException {
        String program = Files.readString(PROGRAM);
        assertThat(program).contains(right.translateEscapes());
        Path planted = copies.resolve("belfry.py");
        Files.writeString(planted, program.replace(right.translateEscapes(), wrong.translateEscapes()));
        PublisherOptions options = PublisherOptions.builder().timestamps(true).build();
        try (MessageQueue queue = MessageQueues.open(uri("capacity=4k&maxCapacity=4k"));
                Publisher publisher = queue.createPublisher(options)) {
            for (int i = 1; i <= 100; i++) publisher.publish("x".repeat(i % 9), properties(i));
            List<String> expected = new ArrayList<>();
            StartAt oldest = StartAt.at(queue.stats().oldestPosition());
            try (Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(oldest))) {
                for (Message message; (message = observer.receiveNoWait()) != null; ) expected.add(line(message));
            }
            expected.add("exit 0");
            assertThat(expected).hasSizeBetween(10, 50);
            assertThat(reader(PROGRAM, 100).rest()).isEqualTo(expected);
            assertThat(reader(planted, 100).rest()).isNotEqualTo(expected);
        }
    }
}
