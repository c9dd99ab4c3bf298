package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A directory as 0.1.0 has left it, with a history and places, grows in the hands of this build: it is opened, read,
 * and written on until its log has a further file; opened again, and read from its first message on.
 */
final class GoldenDirectory implements Consumer<String> {
    private static final Path RESOURCES = Checkout.root().resolve("tests/compat/src/test/resources");
    private static final String SETTINGS = "?anyFileSystem=true";
    private static final int OLD = 40;
    private static final int ACKNOWLEDGED = 25;
    /** As many of these are more than a file of the log takes. */
    private static final int NEW = 300;

    private static final int LENGTH = 240 << 10;

    /** Writes it, and fails if it is there: it is never written again. */
    static final class Maker {
        private Maker() {}

        public static void main(String[] args) throws IOException {
            Path directory = Files.createTempDirectory("golden").resolve("q");
            String uri = "file:" + directory + SETTINGS + "&sync=os&keep=all&capacity=64k&maxCapacity=1m&slots=8";
            try (MessageQueue queue = MessageQueues.open(uri);
                    Publisher publisher = queue.createPublisher();
                    Subscriber gate = queue.createSubscriber(named("gate", SlowSubscriber.GATE_PUBLISHER));
                    Subscriber jumper = queue.createSubscriber(named("jumper", SlowSubscriber.OVERRUN));
                    Subscriber auto = queue.createSubscriber(
                            SubscriberOptions.builder().name("auto").build())) {
                for (int i = 1; i <= OLD; i++) publisher.publish(text(i), properties(i));
                for (int i = 1; i <= ACKNOWLEDGED; i++) gate.receive();
                gate.acknowledge();
                jumper.receive();
                auto.receive();
                Files.writeString(RESOURCES.resolve("directory.txt"), facts(queue), StandardOpenOption.CREATE_NEW);
            }
            zip(directory);
        }
    }

    /** {@code place}: an empty directory. */
    @Override
    public void accept(String place) {
        Path directory = Path.of(place, "q");
        String uri = "file:" + directory + SETTINGS;
        try {
            unzip(directory);
            grow(uri);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.filter(file -> file.getFileName().toString().startsWith("log.")))
                        .hasSizeGreaterThan(1);
            }
            for (int life = 0; life < 2; life++) readAll(uri, life);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } finally {
            MessageQueues.delete(uri);
        }
    }

    private static void grow(String uri) throws IOException {
        String body = "x".repeat(LENGTH);
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            assertThat(facts(queue)).isEqualTo(Files.readString(RESOURCES.resolve("directory.txt")));
            for (int i = OLD + 1; i <= OLD + NEW; i++)
                assertThat(publisher.publish(i + body, properties(i))).isEqualTo(i);
        }
    }

    /** All messages, and as a subscription that was there those that it has not acknowledged; then writes one more. */
    private static void readAll(String uri, int life) {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber gate = queue.createSubscriber(named("gate", SlowSubscriber.GATE_PUBLISHER))) {
            assertThat(gate.position()).isEqualTo(life == 0 ? ACKNOWLEDGED : OLD + NEW);
            long newest = OLD + NEW + life;
            try (Subscriber all = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
                for (long i = 1; i <= newest; i++) requireMessage(all.receive(Patience.limit()), i);
                assertThat(all.receiveNoWait()).isNull();
            }
            while (gate.position() < newest) requireMessage(gate.receive(Patience.limit()), gate.position());
            gate.acknowledge();
            assertThat(publisher.publish((newest + 1) + "x".repeat(LENGTH), properties((int) newest + 1)))
                    .isEqualTo(newest + 1);
            requireMessage(gate.receive(Patience.limit()), newest + 1); // is not acknowledged
        }
    }

    private static void requireMessage(Message message, long position) {
        assertThat(message).isNotNull();
        String text = message.text();
        assertThat(message.position()).isEqualTo(position);
        assertThat(message.properties()).isEqualTo(properties((int) position));
        if (position <= OLD) assertThat(text).isEqualTo(text((int) position));
        else
            assertThat(text)
                    .startsWith(position + "x")
                    .hasSize(LENGTH + Long.toString(position).length());
    }

    private static SubscriberOptions named(String name, SlowSubscriber policy) {
        return SubscriberOptions.builder()
                .name(name)
                .slowSubscriber(policy)
                .ackMode(AckMode.CLIENT)
                .build();
    }

    private static String text(int i) {
        return i + " " + "x".repeat(i * 37 % 500);
    }

    private static MessageProperties properties(int i) {
        MessageProperties.Builder properties = MessageProperties.builder();
        if (i % 3 == 0) properties.put("number", i);
        if (i % 5 == 0) properties.put("text", "\u00e4\u20ac" + i).put("odd", i % 2 == 1);
        return properties.build();
    }

    private static String facts(MessageQueue queue) {
        QueueStats stats = queue.stats();
        List<String> all = new ArrayList<>();
        all.add("capacity " + stats.capacity() + ", maxCapacity " + stats.maxCapacity());
        all.add("positions " + stats.oldestPosition() + " to " + stats.newestPosition());
        stats.subscribers().stream().map(GoldenDirectory::fact).sorted().forEach(all::add);
        return String.join("\n", all) + "\n";
    }

    private static String fact(SubscriberStats each) {
        return each.name() + ", " + each.slowSubscriber() + ", " + each.ackMode() + ", acknowledged "
                + each.acknowledgedPosition();
    }

    /** An entry has a file's name and length. Zeros at its end are left out. */
    private static void zip(Path directory) throws IOException {
        try (OutputStream out =
                        Files.newOutputStream(RESOURCES.resolve("directory.zip"), StandardOpenOption.CREATE_NEW);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int end = bytes.length;
                while (end > 0 && bytes[end - 1] == 0) end--;
                zip.putNextEntry(new ZipEntry(file.getFileName() + " " + bytes.length));
                zip.write(bytes, 0, end);
            }
        }
    }

    private static void unzip(Path into) throws IOException {
        Files.createDirectories(into);
        try (InputStream in = Files.newInputStream(RESOURCES.resolve("directory.zip"));
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
}
