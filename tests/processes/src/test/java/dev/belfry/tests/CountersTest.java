package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code stats()} counts, with the other side in another process. */
@Timeout(120)
@WaitsForOthers
@Slow
class CountersTest {
    @RegisterExtension
    final Stage stage = new Stage();

    /** Subscribes as told; then receives as many as it hears, and says when it has. */
    static final class Reader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            SubscriberOptions options = SubscriberOptions.builder()
                    .name(args[1].isEmpty() ? null : args[1])
                    .slowSubscriber(SlowSubscriber.valueOf(args[2]))
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber in = queue.createSubscriber(options)) {
                line.say("ready");
                for (String number; !(number = line.hear()).equals("end"); ) {
                    for (int i = Integer.parseInt(number); i > 0; i--) in.receive(Duration.ofSeconds(30));
                    line.say("received");
                }
            }
        }
    }

    /** Takes the publish lock and keeps it. */
    static final class Claimant implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            Publisher out = MessageQueues.open(args[0]).createPublisher();
            Claim claim = out.claim(8);
            line.say("claimed " + claim.length());
            line.hear();
        }
    }

    private static long count(MessageQueue queue, String counter) {
        return queue.stats().counters().get(counter);
    }

    private static SubscriberStats only(QueueStats stats) {
        assertThat(stats.subscribers()).hasSize(1);
        return stats.subscribers().get(0);
    }

    private static void publish(Publisher out, int messages) {
        ByteBuffer body = ByteBuffer.allocate(1000);
        for (int i = 0; i < messages; i++) out.publish(body.rewind());
    }

    @Test
    void shouldCountWhatIsPublishedAndReceived() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm reader = stage.start(Reader.class, uri, "audit", "GATE_PUBLISHER");
            reader.expect("ready");
            publish(out, 10);
            reader.ask("4", "received");
            QueueStats stats = queue.stats();
            assertThat(stats.newestPosition()).isEqualTo(10);
            assertThat(stats.counters()).containsEntry("bytes", 10 * 1008L).containsEntry("inUse", 6 * 1008L);
            assertThat(stats.counters().get("highWater")).isGreaterThanOrEqualTo(6 * 1008L);
            SubscriberStats audit = only(stats);
            assertThat(audit.lag()).isEqualTo(6);
            assertThat(audit.pid()).isEqualTo(reader.pid());
            assertThat(audit.counters()).containsEntry("received", 4L).containsEntry("ended", 0L);

            reader.ask("6", "received");
            reader.kill(); // what it had is in the segment, not in its process
            assertThat(only(queue.stats()).counters()).containsEntry("received", 10L);
            assertThat(only(queue.stats()).attached()).isFalse();
            ChildJvm again = stage.start(Reader.class, uri, "audit", "GATE_PUBLISHER");
            again.expect("ready");
            publish(out, 3);
            again.ask("3", "received");
            assertThat(only(queue.stats()).counters()).containsEntry("received", 13L);
        }
    }

    @Test
    void shouldCountSleepsAndWakeUps() {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm reader = stage.start(Reader.class, uri, "", "GATE_PUBLISHER");
            reader.expect("ready");
            assertThat(only(queue.stats()).counters()).containsEntry("sleeps", 0L);
            for (int i = 1; i <= 3; i++) {
                int sleeps = i;
                reader.tell("1");
                Patience.until("it sleeps", () -> only(queue.stats()).counters().get("sleeps") == sleeps);
                publish(out, 1);
                reader.expect("received");
            }
            Patience.until("woken", () -> count(queue, "wakeUps") >= 1); // it may have looked by itself at the others
            assertThat(count(queue, "wakeUps")).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void shouldCountFullWaitsAndTheirTime() throws Exception {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm reader = stage.start(Reader.class, uri, "", "GATE_PUBLISHER");
            reader.expect("ready");
            while (out.offer(ByteBuffer.allocate(1000), Duration.ZERO) != Publisher.REJECTED) continue;
            assertThat(count(queue, "fullWaits")).isZero(); // nobody waited
            CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(() -> out.publish("at last"));
            Patience.until("it has waited 200 ms", () -> count(queue, "fullWaitNanos") > 200_000_000);
            assertThat(count(queue, "fullWaits")).isOne();
            reader.ask("60", "received");
            waiting.get();
            assertThat(count(queue, "fullWaits")).isOne();
            assertThat(count(queue, "highWater")).isBetween(60_000L, 65_536L);
            assertThat(count(queue, "inUse")).isLessThan(10_000);
        }
    }

    @Test
    void shouldCountGrowth() {
        String uri = stage.uri("capacity=64k&maxCapacity=256k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm reader = stage.start(Reader.class, uri, "", "GATE_PUBLISHER");
            reader.expect("ready");
            while (out.offer(ByteBuffer.allocate(1000), Duration.ZERO) != Publisher.REJECTED) continue;
            assertThat(count(queue, "grows")).isEqualTo(2);
            assertThat(queue.stats().capacity()).isEqualTo(256 << 10);
        }
    }

    @Test
    void shouldCountLossAndEviction() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm overrun = stage.start(Reader.class, uri, "loses", "OVERRUN");
            ChildJvm ended = stage.start(Reader.class, uri, "ends", "DISCONNECT");
            overrun.expect("ready");
            ended.expect("ready");
            publish(out, 200);
            overrun.ask("1", "received");
            SubscriberStats loses = named(queue, "loses");
            long first = loses.position();
            assertThat(first).isGreaterThan(100);
            assertThat(loses.lostCount()).isEqualTo(first - 1);
            assertThat(loses.counters()).containsEntry("received", 1L);
            ended.tell("1"); // it finds out, and fails
            Patience.until("it has ended", () -> count(queue, "ended") == 1);
            assertThat(named(queue, "ends").counters()).containsEntry("ended", 1L);
        }
    }

    private static SubscriberStats named(MessageQueue queue, String name) {
        return queue.stats().subscribers().stream()
                .filter(s -> name.equals(s.name()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldCountRepairsAndReclaimedSlots() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            ChildJvm claimant = stage.start(Claimant.class, uri);
            claimant.expect("claimed");
            claimant.kill();
            publish(out, 1);
            assertThat(count(queue, "repairs")).isOne();
            ChildJvm reader = stage.start(Reader.class, uri, "", "GATE_PUBLISHER");
            reader.expect("ready");
            reader.kill();
            publish(out, 200);
            assertThat(count(queue, "reclaimed")).isOne();
        }
    }

    @Test
    void shouldSayThatItWasUnlinked() {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(queue.stats().counters()).containsEntry("unlinked", 0L);
            assertThat(MessageQueues.delete(uri)).isTrue();
            Map<String, Long> counters = queue.stats().counters();
            assertThat(counters).containsEntry("unlinked", 1L);
        }
    }
}
