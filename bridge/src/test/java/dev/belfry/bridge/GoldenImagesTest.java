package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.QueueCounter;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A queue and directories as 0.1.0 has left them, each opened, read and written on by this build. A change that makes
 * one of them differ breaks what users have: it needs another layout, a feature word, or to be undone. They were
 * written by {@link Maker}, and are never written again.
 */
@Timeout(60)
@WaitsForOthers
class GoldenImagesTest {
    private static final String QUEUE =
            "belfry-golden-" + ProcessHandle.current().pid();
    private static final Path MEMORY = Path.of("/dev/shm/belfry." + QUEUE);
    private static final String SMALL = "capacity=4k&maxCapacity=16k&slots=4";
    private static final Path RESOURCES = Path.of("src/test/resources/golden");

    @TempDir
    Path directory;

    /** Writes those that are not there, and what is to be found in them, in a /dev/shm of its own: unshare -m. */
    static final class Maker {
        public static void main(String[] args) throws IOException {
            Path place = Files.createTempDirectory("golden");
            fill("queue", "shm:" + QUEUE + "?" + SMALL);
            zip("queue", List.of(Files.copy(MEMORY, place.resolve("queue"))), place);
            for (String each : List.of("plain", "history")) {
                String keep = each.equals("history") ? "&keep=all" : "";
                fill(each, "file:" + place.resolve(each) + "?anyFileSystem=true&" + SMALL + keep);
                try (Stream<Path> files = Files.list(place.resolve(each))) {
                    zip(each, files.sorted().toList(), place.resolve(each));
                }
            }
        }

        private static void zip(String name, List<Path> files, Path base) throws IOException {
            try (OutputStream out = Files.newOutputStream(RESOURCES.resolve(name + ".zip"));
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Path file : files) {
                    byte[] bytes = Files.readAllBytes(file);
                    int end = bytes.length;
                    while (end > 0 && bytes[end - 1] == 0) end--;
                    zip.putNextEntry(new ZipEntry(base.relativize(file) + " " + bytes.length));
                    zip.write(bytes, 0, end);
                }
            }
        }
    }

    /** It grows, overruns one subscription, and keeps what another one has not acknowledged. */
    private static void fill(String name, String uri) throws IOException {
        PublisherOptions timed = PublisherOptions.builder().timestamps(true).build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher plain = queue.createPublisher();
                Publisher stamped = queue.createPublisher(timed)) {
            queue.createSubscriber(named("jumper", SlowSubscriber.OVERRUN)).close();
            queue.createSubscriber(named("ended", SlowSubscriber.DISCONNECT)).close();
            try (Subscriber gate = queue.createSubscriber(named("gate", SlowSubscriber.GATE_PUBLISHER))) {
                for (int i = 1; i <= 298; i++) {
                    plain.publish(text(i));
                    if (i > 20) gate.acknowledge(gate.receiveNoWait().position() - 1);
                }
                stamped.publish(text(299), every());
                plain.publish(new byte[0], every());
            }
            Files.writeString(RESOURCES.resolve(name + ".txt"), facts(queue));
        }
    }

    private static SubscriberOptions named(String name, SlowSubscriber policy) {
        return SubscriberOptions.builder()
                .name(name)
                .slowSubscriber(policy)
                .ackMode(name.equals("ended") ? AckMode.AUTO : AckMode.CLIENT)
                .build();
    }

    private static String text(int i) {
        return i + " " + "x".repeat(i * 7 % 700);
    }

    private static MessageProperties every() {
        return MessageProperties.builder()
                .put("boolean", true)
                .put("byte", (byte) -1)
                .put("short", (short) -2)
                .put("int", -3)
                .put("long", 1L << 40)
                .put("float", 1.5f)
                .put("double", -0.1)
                .put("string", "\u00e4\u20ac\ud83d\ude00")
                .put("a.b-c", "")
                .build();
    }

    private static String facts(MessageQueue queue) {
        QueueStats stats = queue.stats();
        List<String> all = new ArrayList<>();
        all.add("slots " + QueueCounter.SLOTS.of(stats));
        if (queue.uri().getScheme().equals("shm")) // those of a directory begin again with each life
        all.add("grew " + QueueCounter.GROWS.of(stats) + " times, had " + QueueCounter.HIGH_WATER.of(stats) + " bytes");
        all.add("positions " + stats.oldestPosition() + " to " + stats.newestPosition());
        for (SubscriberStats each : stats.subscribers())
            all.add("subscription " + each.name() + ", " + each.slowSubscriber() + ", " + each.ackMode()
                    + ", acknowledged " + each.acknowledgedPosition());
        for (Message each : Carrier.all(queue)) {
            TreeMap<String, Object> properties = new TreeMap<>();
            for (String name : each.properties().names())
                properties.put(
                        name,
                        each.properties().get(name) + " "
                                + each.properties().get(name).getClass().getSimpleName());
            all.add(each.position() + (each.timestampMillis() == 0 ? "" : ", stamped") + ": " + each.length()
                    + " bytes, " + each.text().hashCode() + (properties.isEmpty() ? "" : " " + properties));
        }
        return String.join("\n", all) + "\n";
    }

    /** An entry has a file's name and length. Zeros at its end are holes. */
    private static void unzip(String name, Path into) throws IOException {
        Files.createDirectories(into);
        try (InputStream in = Files.newInputStream(RESOURCES.resolve(name + ".zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                String[] file = entry.getName().split(" ");
                try (RandomAccessFile out =
                        new RandomAccessFile(into.resolve(file[0]).toFile(), "rw")) {
                    out.write(zip.readAllBytes());
                    out.setLength(Long.parseLong(file[1]));
                }
            }
        }
    }

    private static void check(String uri, String image) throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            assertThat(facts(queue)).isEqualTo(Files.readString(RESOURCES.resolve(image + ".txt")));
            assertThat(out.publish("new", every())).isEqualTo(301);
            for (String name : List.of("gate", "jumper"))
                try (Subscriber in = queue.createSubscriber(named(name, SlowSubscriber.GATE_PUBLISHER))) {
                    QueueStats stats = queue.stats();
                    long next = name.equals("gate") ? 278 : stats.oldestPosition();
                    for (long at = next; at <= 301; at++)
                        assertThat(in.receiveNoWait().position()).isEqualTo(at);
                    assertThat(in.lostCount()).isEqualTo(name.equals("gate") ? 0 : next - 1);
                    in.acknowledge();
                }
            assertThat(Carrier.all(queue)).last().satisfies(message -> {
                assertThat(message.text()).isEqualTo("new");
                assertThat(message.properties()).isEqualTo(every());
            });
        }
    }

    private static void checkQueue(Path directory) throws IOException {
        unzip("queue", directory);
        Files.copy(directory.resolve("queue"), MEMORY);
        try {
            check("shm:" + QUEUE, "queue");
        } finally {
            MessageQueues.delete("shm:" + QUEUE);
        }
    }

    private static void checkDirectory(Path directory, String image) throws IOException {
        unzip(image, directory.resolve(image));
        String uri = "file:" + directory.resolve(image) + "?anyFileSystem=true";
        try {
            check(uri, image);
        } finally {
            MessageQueues.delete(uri);
        }
    }

    /** All of them, where a planted change runs. */
    static final class All implements Consumer<String> {
        /** {@code place}: an empty directory. */
        @Override
        public void accept(String place) {
            try {
                checkQueue(Path.of(place));
                for (String image : List.of("plain", "history")) checkDirectory(Path.of(place), image);
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }
    }

    @Test
    void shouldReadAndGoOnWithAQueue() throws IOException {
        checkQueue(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "history"})
    void shouldReadAndGoOnWithADirectory(String image) throws IOException {
        checkDirectory(directory, image);
    }

    @ByTurns
    @Slow
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "Creation ## int CAPACITY = 80; ## int CAPACITY = 96;",
                "SegmentHeader ## CURRENT = 400; ## CURRENT = 424;",
                "Slots ## ACK_POS = 144; ## ACK_POS = 184;",
                "SlotState ## POLICY_SHIFT = 9; ## POLICY_SHIFT = 10;",
                "AckCode ## AUTO = 0; ## AUTO = 3;",
                "RecordHeader ## SYSTEM_BLOCK = 2; ## SYSTEM_BLOCK = 4;",
                "PropertiesCodec ## FLOAT = 6; ## FLOAT = 9;",
            })
    void shouldNoticeAnotherOffsetOrCode(String type, String statement, String replacement) {
        try (Patched twin = Patched.in(type, statement, replacement)) {
            assertThat(catchThrowable(() -> twin.run(All.class, directory.toString())))
                    .isNotNull();
        }
    }

    @Slow
    @Test
    void shouldBeGreenThereWithoutADefect() {
        try (Patched product = Patched.withoutDefect()) {
            product.run(All.class, directory.toString());
        }
    }
}
