package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From nothing at all to 16 MiB, from JVM to JVM; and one byte more. */
@Timeout(180)
@Tag("F28")
@WaitsForOthers
@Slow
class MessageSizesTest {
    private static final int LIMIT = 16 << 20;
    private static final List<Integer> SIZES = List.of(
            0,
            1,
            7,
            8,
            9,
            31,
            32,
            33,
            255,
            1000,
            4079,
            4080,
            4081,
            4087,
            4088,
            4089,
            4095,
            4096,
            4097,
            8191,
            65_536,
            1 << 20,
            3_000_001,
            (8 << 20) - 1,
            LIMIT - 8,
            LIMIT - 1,
            LIMIT,
            0,
            1);

    @RegisterExtension
    final Stage stage = new Stage();

    /** Arguments: uri, "poll" or "receive". Says "N BYTES CRC" for each. */
    static final class Reader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                line.say("ready");
                byte[] copy = new byte[LIMIT];
                while (line.heard() == null) {
                    if (args[1].equals("poll")) {
                        subscriber.poll(
                                view -> {
                                    ByteBuffer body = view.buffer();
                                    int length = body.remaining();
                                    body.get(copy, 0, length);
                                    line.say(view.position() + " " + length + " " + crc(copy, length) + " "
                                            + view.properties().getString("for", "-"));
                                },
                                10,
                                Duration.ofMillis(20));
                    } else {
                        Message m = subscriber.receive(Duration.ofMillis(20));
                        if (m != null)
                            line.say(m.position() + " " + m.bytes().length + " " + crc(m.bytes(), m.bytes().length)
                                    + " " + m.properties().getString("for", "-"));
                    }
                }
            }
        }
    }

    static long crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }

    @Seeded(7)
    void shouldArriveWholeWhateverTheSize(long seed) {
        String uri = stage.uri("capacity=4k&maxCapacity=64m");
        List<String> flags = List.of("-Xmx256m", "-XX:+UseSerialGC");
        List<ChildJvm> readers = List.of(
                stage.start(flags, Reader.class, uri, "poll"), stage.start(flags, Reader.class, uri, "receive"));
        readers.forEach(reader -> reader.expect("ready"));
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            assertThat(publisher.maxMessageLength()).isEqualTo(LIMIT);
            Random random = new Random(seed);
            ByteBuffer direct = ByteBuffer.allocateDirect(LIMIT);
            for (int size : SIZES) {
                byte[] body = new byte[size];
                random.nextBytes(body);
                expect(readers, publisher.publish(body), body, "-");
                expect(readers, publisher.publish(direct.clear().put(body).flip()), body, "-");
                try (Claim claim = publisher.claim(size)) {
                    claim.buffer().put(body);
                    expect(readers, claim.commit(), body, "-");
                }
                if (size > LIMIT / 2) continue;
                MessageProperties properties =
                        MessageProperties.builder().put("for", "you").build();
                expect(readers, publisher.publish(ByteBuffer.wrap(body), properties), body, "you");
            }
        }
        readers.forEach(reader -> {
            reader.tell("stop");
            reader.awaitEnd();
        });
    }

    private static void expect(List<ChildJvm> readers, long position, byte[] body, String property) {
        String expected = position + " " + body.length + " " + crc(body, body.length) + " " + property;
        for (ChildJvm reader : readers) assertThat(reader.line()).isEqualTo(expected);
    }

    /**
     * A ring of 4096 bytes holds a payload of 4080 bytes and one more is a reason to grow; both
     * sides must see it alike.
     */
    @Test
    void shouldArriveWholeWhenItJustFitsTheRing() {
        for (int size = 4060; size <= 4100; size++) {
            byte[] body = new byte[size];
            body[size - 1] = 7;
            try (MessageQueue queue = MessageQueues.open(stage.uri("capacity=4k"));
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber()) {
                for (int n = 1; n <= 3; n++) {
                    assertThat(publisher.publish(body)).isEqualTo(n);
                    assertThat(subscriber.receive(Patience.limit()).bytes()).isEqualTo(body);
                }
                assertThat(queue.stats().counters().get("bytes")).isGreaterThan(3L * size);
            }
        }
    }

    @Test
    void shouldSayWhatTheLimitIsWhenTooLarge() {
        String uri = stage.uri("capacity=4k&maxCapacity=64m");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            String text = "Message of 16,777,217 bytes; limit is 16,777,216 (a quarter of maxCapacity 64 MiB, body and"
                    + " properties). Raise maxCapacity when the queue is created.";
            ByteBuffer body = ByteBuffer.allocate(LIMIT + 1);
            assertThatThrownBy(() -> publisher.publish(body))
                    .isInstanceOf(MessageTooLargeException.class)
                    .hasMessage(text);
            assertThat(body.remaining()).as("untouched").isEqualTo(LIMIT + 1);
            assertThatThrownBy(() -> publisher.publish(new byte[LIMIT + 1])).hasMessage(text);
            assertThatThrownBy(() -> publisher.offer(body, Duration.ZERO)).hasMessage(text);
            assertThatThrownBy(() -> publisher.claim(LIMIT + 1)).hasMessage(text);
            MessageProperties properties =
                    MessageProperties.builder().put("n", 1).build();
            assertThatThrownBy(() -> publisher.publish(ByteBuffer.allocate(LIMIT), properties))
                    .isInstanceOf(MessageTooLargeException.class)
                    .hasMessageContaining("limit is 16,777,216");
            assertThat(queue.stats().newestPosition()).isZero();
            assertThat(publisher.publish("small")).isEqualTo(1);
            assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("small");
        }
    }
}
