package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 32-35: what happens when a JVM dies or stands still, with 24 and 25; and that nothing is left behind. */
@WaitsForOthers
public abstract class DeathsSuite extends ConformanceSuite {
    protected DeathsSuite() {}

    // ---- 24, 25: after a kill

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    void b24NamedSubscriptionResumesAfterAKill() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm other = remoteReader("name=audit ack=CLIENT");
        publish(publisher, "message", 6);
        other.ask("receive 2 20000");
        other.ask("acknowledge");
        other.ask("receive 2 20000");
        other.jvm().kill();
        publisher.publish("while it was dead");
        Subscriber anew = attachAfterADeath(queue, options().name("audit").build());
        List<Message> messages = next(anew, 5);
        assertThat(messages)
                .extracting(Message::text)
                .containsExactly("message3", "message4", "message5", "message6", "while it was dead");
        assertThat(messages.get(4).redelivered()).isFalse();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("NAMED")
    @Tag("GATING")
    void b24NamedSubscriptionOfADeadProcessGatesOn() {
        MessageQueue queue = open(FIXED);
        RemoteJvm other = remoteReader("name=audit");
        other.jvm().kill();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, 100);
        assertThat(publisher.offer(bytes(100), SHORT)).isEqualTo(Publisher.REJECTED);
        Subscriber anew = queue.createSubscriber(options().name("audit").build());
        assertThat(next(anew, taken)).hasSize(taken);
        anew.close();
        assertThat(queue.unsubscribe("audit")).isTrue();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("AWAIT_ACK")
    @Tag("MEMBERS")
    void b25ReaderThatHasDiedSinceCountsIfItHadAcknowledged() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm reader = remoteReader();
        RemoteJvm idler = remote();
        long before = publisher.publish("taken");
        reader.ask("receive 1 20000");
        idler.ask("subscribe");
        reader.jvm().kill();
        assertThat(publisher.awaitAcknowledged(before, 1, Patience.limit())).isTrue();
        long after = publisher.publish("left alone");
        Subscriber own = queue.createSubscriber();
        long both = publisher.publish("read by one");
        next(own);
        assertThat(publisher.awaitAcknowledged(both, 1, SHORT))
                .as("while a gating one is behind")
                .isFalse();
        Call<Boolean> waiting = call(() -> publisher.awaitAcknowledged(both, 1, Patience.limit()))
                .untilItWaits();
        idler.jvm().kill();
        assertThat(waiting.result()).as("once it is dead").isTrue();
        assertThat(publisher.awaitAcknowledged(after, 1, SHORT)).isFalse();
    }

    /** Past one machine nobody sees a death; a time-out decides it. */
    private Subscriber attachAfterADeath(MessageQueue queue, SubscriberOptions options) {
        if (!has(Capability.CROSS_HOST)) return queue.createSubscriber(options);
        Subscriber[] attached = new Subscriber[1];
        Patience.until("the dead one is taken for dead", () -> {
            try {
                attached[0] = queue.createSubscriber(options);
                return true;
            } catch (InUseException notYet) {
                return false;
            }
        });
        return attached[0];
    }

    // ---- 32-34: kill and stop

    @Seeded(32)
    @Tag("CROSS_PROCESS")
    @Tag("POSITIONS")
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b32KilledPublisherTearsNothingAndOthersGoOn(long seed) {
        MessageQueue queue = open("capacity=64k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        RemoteJvm survivor = remote();
        survivor.ask("flood 0 1");
        Random random = new Random(seed);
        Map<Integer, Long> serials = new HashMap<>();
        long position = 0;
        for (int round = 1; round <= Depth.pick(1, 2, 100); round++) {
            RemoteJvm victim = remote();
            victim.ask("flood " + round * 10 + " 2");
            position = readPayloads(subscriber, position, serials, 1_000);
            Patience.pause(random.nextInt(20));
            Call<Void> killing = run(victim.jvm()::kill); // while messages are taken
            position = readPayloads(subscriber, position, serials, 5_000);
            killing.result();
            long before = serials.getOrDefault(0, 0L);
            while (serials.getOrDefault(0, 0L) < before + 1_000)
                position = readPayloads(subscriber, position, serials, 100);
        }
        assertThat(subscriber.lostCount()).isZero();
    }

    private static long readPayloads(Subscriber subscriber, long position, Map<Integer, Long> serials, int count) {
        for (int i = 0; i < count; i++) {
            Message message = next(subscriber);
            assertThat(message.position()).isEqualTo(++position);
            Payload payload = Payload.of(message.bytes());
            assertThat(payload.serial())
                    .isEqualTo(serials.merge(payload.publisher(), 1L, Long::sum).longValue());
        }
        return position;
    }

    @Test
    @Tag("F6")
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    void b33KilledReaderFreesThePublisher() {
        MessageQueue queue = open(FIXED);
        RemoteJvm reader = remoteReader();
        Publisher publisher = queue.createPublisher();
        Subscriber own = queue.createSubscriber();
        int taken = fill(publisher, 100);
        next(own, taken);
        Call<Long> waiting =
                call(() -> publisher.publish(bytes(100))).untilItWaits().staysPending(SHORT);
        reader.jvm().kill();
        waiting.result();
        publish(queue.createPublisher(timeout(Duration.ofSeconds(20))), "free ", 10);
        next(own, 11);
        assertThat(own.lostCount()).isZero();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b34StoppedReaderIsNotEvictedAndLosesNothing() {
        MessageQueue queue = open(SMALL);
        RemoteJvm reader = remoteReader();
        reader.send("check 3000");
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 100; i++) publisher.publish(new Payload(0, i).bytes());
        reader.jvm().pause();
        Call<Void> publishing = run(() -> {
            for (int i = 101; i <= 3_000; i++) publisher.publish(new Payload(0, i).bytes());
        });
        publishing.untilItWaits().staysPending(Duration.ofSeconds(LONG ? 60 : 3));
        reader.jvm().proceed();
        publishing.result();
        assertThat(reader.answer()).isEqualTo("3000");
        assertThat(reader.ask("lost")).isEqualTo("0");
    }

    // ---- 35: nothing is left

    @Test
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b35OpenAndCloseLeaveNothingBehind() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/fd")), "needs /proc");
        String id = String.valueOf(open().stats().id()).replace("-", ""); // open, so that the queue stays
        for (int i = 0; i < 30; i++) openUseClose();
        Resources before = Resources.now(queueName(), id);
        for (int i = 0; i < (LONG ? 1_000 : 200); i++) openUseClose();
        Resources[] now = new Resources[1];
        try {
            Patience.until("resources are back at " + before, () -> (now[0] = Resources.now(queueName(), id))
                    .areNearly(before));
        } catch (AssertionError tooMany) {
            throw new AssertionError(tooMany.getMessage() + ", still " + now[0], tooMany);
        }
    }

    private void openUseClose() {
        try (MessageQueue queue = MessageQueues.open(uri());
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber();
                Subscriber listening = queue.createSubscriber()) {
            listening.setListener(m -> {});
            publisher.publish("message");
            next(subscriber);
            subscriber.poll(v -> {}, 1);
        }
    }

    /**
     * The resources that this JVM holds; the files are those whose name contains the queue's, or
     * its id.
     */
    private record Resources(int threads, int descriptors, int mappings, List<String> files) {
        static Resources now(String queue, String id) {
            System.gc();
            return new Resources(
                    Thread.getAllStackTraces().size(),
                    entries(Path.of("/proc/self/fd")).size(),
                    lines(Path.of("/proc/self/maps")),
                    entries(Path.of("/dev/shm")).stream()
                            .filter(f -> f.contains(queue) || f.replace("-", "").contains(id))
                            .toList());
        }

        /** Some of everything comes and goes with JVM, JUnit and Maven; a leak would be 200, or a multiple of it. */
        boolean areNearly(Resources before) {
            return threads <= before.threads + 100
                    && descriptors <= before.descriptors + 100
                    && mappings <= before.mappings + 150
                    && files.equals(before.files);
        }

        private static List<String> entries(Path directory) {
            String[] names = directory.toFile().list();
            return names == null ? List.of() : Arrays.stream(names).sorted().toList();
        }

        private static int lines(Path file) {
            try {
                return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n").length;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
