package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Alone;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.MessageViolation;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Millions of messages from JVM to JVM: none lost, none twice, none torn, all in one order. */
@Timeout(3600)
@WaitsForOthers
@Alone
@Slow
class ThroughputOrderTest {
    private static final long SMALL = Stage.LONG ? 100_000_000 : 5_000_000;
    private static final long LARGE = Stage.LONG ? 10_000_000 : 400_000;
    private static final int EACH = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(Stage.LONG ? 40 : 5);

    @RegisterExtension
    final Stage stage = new Stage();

    /** Arguments: uri, how many. */
    static final class Small implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            long many = Long.parseLong(args[1]);
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                ByteBuffer body = ByteBuffer.allocateDirect(32);
                for (long n = 1; n <= many; n++) {
                    body.clear()
                            .putLong(0, n)
                            .putLong(8, ~n)
                            .putLong(16, n * 31)
                            .putLong(24, n ^ 7);
                    publisher.publish(body);
                }
                line.say("published " + publisher.awaitAcknowledged(many, 1, PATIENCE));
            }
        }
    }

    static final class SmallReader implements Role, MessageHandler {
        private long last;

        @Override
        public void play(Line line, String... args) throws Exception {
            long many = Long.parseLong(args[1]);
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                line.say("ready");
                subscriber.poll(this, 1, PATIENCE);
                long began = System.nanoTime();
                while (last < many) subscriber.poll(this, Traffic.BATCH, Duration.ofSeconds(1));
                line.say("received " + many * 1_000 / Math.max(1, System.nanoTime() - began) + " million a second");
                line.say("then " + subscriber.poll(this, 1));
            }
        }

        @Override
        public void onMessage(dev.belfry.api.MessageView view) {
            ByteBuffer body = view.buffer();
            long n = body.getLong(0);
            if (n != ++last
                    || view.position() != n
                    || body.remaining() != 32
                    || body.getLong(8) != ~n
                    || body.getLong(16) != n * 31
                    || body.getLong(24) != (n ^ 7))
                throw new MessageViolation("number " + n + " at position " + view.position() + " instead of " + last);
        }
    }

    @Test
    void shouldKeepOrderFromOneToOne() {
        String uri = stage.uri("");
        ChildJvm reader = stage.start(Role.HOT, SmallReader.class, uri, "" + SMALL);
        reader.expect("ready");
        ChildJvm sender = stage.start(Role.HOT, Small.class, uri, "" + SMALL);
        String rate = reader.expect("received", PATIENCE);
        System.out.println("one to one: " + rate);
        reader.expect("then 0");
        sender.expect("published true", PATIENCE);
        reader.awaitEnd();
        sender.awaitEnd();
    }

    @Test
    void shouldKeepOneOrderFromFourToFour() {
        String uri = stage.uri("capacity=4k&maxCapacity=64m");
        List<ChildJvm> readers = new ArrayList<>();
        List<ChildJvm> senders = new ArrayList<>();
        for (int i = 0; i < EACH; i++) readers.add(stage.start(Role.HOT, Traffic.Reader.class, uri, "NOW"));
        for (int i = 1; i <= EACH; i++)
            senders.add(stage.start(Role.HOT, Traffic.Sender.class, uri, "" + i, "" + LARGE / EACH, "-1"));
        readers.forEach(reader -> reader.expect("ready 0"));
        senders.forEach(sender -> sender.expect("ready"));
        readers.forEach(reader -> reader.tell("upto " + LARGE));
        long began = System.nanoTime();
        senders.forEach(sender -> sender.tell("go"));
        Set<String> seen = new HashSet<>();
        readers.forEach(reader -> seen.add(reader.expect("at", PATIENCE)));
        System.out.printf("four to four: %.1f s%n", (System.nanoTime() - began) / 1e9);
        assertThat(seen).as("position, count, and one hash of who sent what").hasSize(1);
        assertThat(seen.iterator().next()).startsWith(LARGE + " " + LARGE + " ");
        senders.forEach(sender -> sender.expect("published " + LARGE / EACH));
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(queue.stats().counters().get("grows")).isPositive();
            assertThat(queue.stats().counters().get("bytes")).isGreaterThan(LARGE * 2048);
        }
    }
}
