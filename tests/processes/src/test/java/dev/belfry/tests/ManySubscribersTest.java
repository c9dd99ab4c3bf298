package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One to eight JVMs that listen; some come and go; some are slow or late while the queue grows. */
@Timeout(600)
@WaitsForOthers
@Slow
class ManySubscribersTest {
    private static final int MOST = 8;
    private static final int EACH_STEP = 20_000;
    private static final int VISITS = Depth.pick(20, 40, 2_000);
    private static final long LARGEST = 64 << 20;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void shouldReachAllWhenOneAfterTheOtherJoins() {
        String uri = stage.uri("capacity=4k&maxCapacity=1m");
        List<ChildJvm> readers = new ArrayList<>();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            Sample sample = new Sample();
            long n = 0;
            for (int i = 0; i < MOST; i++) {
                ChildJvm reader = stage.start(Traffic.Reader.class, uri, "NOW");
                assertThat(reader.expect("ready")).as("joined at the newest").isEqualTo("" + n);
                readers.add(reader);
                for (int k = 0; k < EACH_STEP; k++) publisher.publish(sample.make(1, ++n, Sample.length(1, n) / 16));
                for (int r = 0; r < readers.size(); r++) {
                    String[] at = readers.get(r).ask("upto " + n, "at").split(" ");
                    assertThat(at[0]).isEqualTo("" + n);
                    assertThat(at[1]).as("all since it joined").isEqualTo("" + (n - (long) r * EACH_STEP));
                }
            }
            assertThat(queue.stats().subscribers()).hasSize(MOST);
            for (ChildJvm reader : readers) {
                reader.ask("leave", "left");
                reader.tell("exit");
                reader.awaitEnd();
            }
            assertThat(queue.stats().subscribers()).isEmpty();
        }
    }

    /** Arguments: uri, seed, visits. Joins, reads some without a gap from where it began, leaves; again and again. */
    static final class Visitor implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            Random random = new Random(Long.parseLong(args[1]));
            int visits = Integer.parseInt(args[2]);
            long read = 0;
            try (MessageQueue queue = MessageQueues.open(args[0])) {
                for (int v = 0; v < visits; v++) {
                    try (Subscriber subscriber =
                            queue.createSubscriber(random.nextBoolean() ? StartAt.NOW : StartAt.OLDEST_RETAINED)) {
                        Traffic.Check check = new Traffic.Check(subscriber.position());
                        int enough = random.nextInt(2_000);
                        while (check.count < enough)
                            if (subscriber.poll(check::see, enough, Patience.limit()) == 0)
                                throw new AssertionError("nothing comes after " + check.position);
                        if (subscriber.lostCount() != 0) throw new AssertionError("lost " + subscriber.lostCount());
                        read += check.count;
                    }
                }
            }
            line.say("read " + read);
        }
    }

    @Seeded(0)
    void shouldBeContiguousForThoseWhoComeAndGo(long seed) {
        String uri = stage.uri("capacity=64k&maxCapacity=256k");
        ChildJvm steady = stage.start(Role.HOT, Traffic.Reader.class, uri, "NOW");
        steady.expect("ready 0");
        ChildJvm sender = stage.start(Role.HOT, Traffic.Sender.class, uri, "1", "-1", "300");
        sender.expect("ready");
        sender.tell("go");
        List<ChildJvm> visitors = new ArrayList<>();
        for (int i = 0; i < 3; i++) visitors.add(stage.start(Visitor.class, uri, "" + (seed + i), "" + VISITS));
        for (ChildJvm visitor : visitors) {
            visitor.expect("read", Duration.ofMinutes(5));
            visitor.awaitEnd();
        }
        sender.tell("stop");
        String published = sender.expect("published");
        assertThat(steady.ask("upto " + published, "at")).startsWith(published + " " + published + " ");
    }

    /** Arguments: uri. Reads three messages only, and the rest when told. */
    static final class SlowReader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                Traffic.Check check = new Traffic.Check(0);
                line.say("ready");
                while (check.count < 3) subscriber.poll(check::see, 3 - (int) check.count, Patience.limit());
                line.say("dozes at " + check.position);
                long upTo = Long.parseLong(line.hear());
                while (check.position < upTo) subscriber.poll(check::see, 7, Patience.limit());
                line.say("at " + check.position + " " + check.count + " " + check.hash);
            }
        }
    }

    @Test
    void shouldLoseNothingWhenItGrowsUnderReadersAtDifferentPlaces() {
        String uri = stage.uri("capacity=4k&maxCapacity=64m");
        ChildJvm fast = stage.start(Role.HOT, Traffic.Reader.class, uri, "NOW");
        ChildJvm slow = stage.start(SlowReader.class, uri);
        fast.expect("ready 0");
        slow.expect("ready");
        ChildJvm late = null;
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            Sample sample = new Sample();
            long n = 0;
            for (long capacity; (capacity = queue.stats().capacity()) < LARGEST; ) {
                for (int k = 0; k < 16; k++) publisher.publish(sample.make(1, ++n, Sample.length(1, n)));
                if (capacity >= 1 << 20 && late == null) late = stage.start(Traffic.Reader.class, uri, "OLDEST");
            }
            assertThat(slow.expect("dozes at")).isEqualTo("3");
            publisher.publish(sample.make(1, ++n, 60_000));
            assertThat(queue.stats().counters().get("grows")).isGreaterThan(10L);
            String[] start = late.expect("ready").split(" ");
            assertThat(Long.parseLong(start[0]))
                    .as("what the slow one still needs is retained")
                    .isLessThanOrEqualTo(3);
            Set<String> hashes = new HashSet<>();
            hashes.add(fast.ask("upto " + n, "at"));
            slow.tell("" + n);
            hashes.add(slow.expect("at"));
            assertThat(hashes).as("same position, count and order").hasSize(1);
            assertThat(late.ask("upto " + n, "at")).startsWith(n + " " + (n - Long.parseLong(start[0])) + " ");
        }
    }
}
