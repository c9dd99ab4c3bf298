package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 31-35: several JVMs on one queue, and what happens when one dies or stands still. */
@Waits
public abstract class ProcessesSuite extends ConformanceSuite {
    protected ProcessesSuite() {}

    // ---- 31: everything across processes

    @Test
    @Tag("CROSS_PROCESS")
    void b31MessagesGoBothWays() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        RemoteJvm other = remote();
        other.ask("subscribe");
        other.ask("publisher");
        other.send("receive 3 20000"); // waits, in its own process
        Publisher publisher = queue.createPublisher();
        publish(publisher, "here", 3);
        assertThat(withoutPositions(other.answer())).containsExactly("here1", "here2", "here3");
        assertThat(texts(subscriber, 3)).containsExactly("here1", "here2", "here3");
        Call<List<String>> waiting = call(() -> texts(subscriber, 100)).untilItWaits();
        other.ask("publish there 100");
        assertThat(waiting.result()).first().isEqualTo("there1");
        assertThat(withoutPositions(other.ask("receive 100 20000"))).last().isEqualTo("there100");
        other.ask("leave");
        other.ask("close");
        publisher.publish("alone");
        assertThat(next(subscriber).text()).isEqualTo("alone");
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("POSITIONS")
    void b31TwoJvmsSeeTheSameOrderOfThreePublishers() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        List<RemoteJvm> others = List.of(remote(), remote());
        for (RemoteJvm other : others) {
            other.ask("subscribe");
            other.ask("publisher");
        }
        others.get(0).send("publish a 1000");
        others.get(1).send("publish b 1000");
        publish(queue.createPublisher(), "c", 1_000);
        others.forEach(RemoteJvm::answer);
        List<Message> mine = next(subscriber, 3_000);
        String expected = String.join(
                "\t", mine.stream().map(m -> m.position() + ":" + m.text()).toList());
        assertThat(mine.get(2_999).position()).isEqualTo(3_000);
        for (RemoteJvm other : others)
            assertThat(other.ask("receive 3000 20000")).isEqualTo(expected);
        for (String prefix : List.of("a", "b", "c"))
            assertThat(mine.stream().map(Message::text).filter(t -> t.startsWith(prefix)))
                    .containsExactlyElementsOf(Stream.iterate(1, i -> i + 1)
                            .limit(1_000)
                            .map(i -> prefix + i)
                            .toList());
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("PROPERTIES")
    void b31PropertiesCross() {
        Subscriber subscriber = open().createSubscriber();
        RemoteJvm other = remote();
        other.ask("publisher");
        other.ask("property text colour blue");
        Message message = next(subscriber);
        assertThat(message.text()).isEqualTo("text");
        assertThat(message.properties())
                .isEqualTo(MessageProperties.builder().put("colour", "blue").build());
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("HISTORY")
    void b31HistoryIsThereForALaterProcess() {
        RemoteJvm first = remote();
        first.ask("publisher");
        first.ask("publish message 50");
        first.ask("close");
        RemoteJvm second = remote();
        second.ask("subscribe start=OLDEST");
        assertThat(withoutPositions(second.ask("receive 50 20000"))).last().isEqualTo("message50");
        assertThat(texts(oldest(open()), 50)).first().isEqualTo("message1");
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    void b31RemoteReaderGatesAndFrees() {
        MessageQueue queue = open(FIXED);
        RemoteJvm reader = remote();
        reader.ask("subscribe");
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        int taken = fill(publisher, 100);
        assertThatThrownBy(() -> publisher.publish(bytes(100)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("pid " + reader.jvm().pid())
                .hasMessageContaining("lag " + taken);
        Publisher patient = queue.createPublisher();
        Call<Long> waiting = call(() -> patient.publish(bytes(100))).untilItWaits();
        reader.ask("receive " + taken + " 20000");
        waiting.result();
        reader.ask("receive 1 20000");
        RemoteJvm writer = remote();
        writer.ask("publisher");
        fill(publisher, 100);
        fill(publisher, 0); // not even a small one fits any more
        writer.send("publish waiting 1");
        Patience.pause(100);
        assertThat(writer.hasAnswered()).isFalse();
        reader.ask("leave");
        writer.answer();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("AWAIT_ACK")
    @Tag("CLIENT_ACK")
    void b31AcknowledgementsCross() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm reader = remote();
        reader.ask("subscribe ack=CLIENT" + (has(Capability.MEMBERS) ? "" : " name=far"));
        long position = publisher.publish("message");
        reader.ask("receive 1 20000");
        Call<Boolean> waiting = call(() -> publisher.awaitAcknowledged(position, 1, Patience.limit()))
                .untilItWaits()
                .staysPending(SHORT);
        reader.ask("acknowledge");
        assertThat(waiting.result()).isTrue();
        reader.ask("publisher");
        Subscriber own = queue.createSubscriber(counted().build());
        String remotes = reader.ask("publish theirs 1");
        assertThat(reader.ask("await " + remotes + " 1 0")).isEqualTo("false");
        reader.ask("receive 1 20000");
        reader.ask("acknowledge");
        reader.send("await " + remotes + " 2 20000");
        next(own);
        assertThat(reader.answer()).isEqualTo("true");
    }

    @Test
    @Tag("F61")
    @Tag("CROSS_PROCESS")
    @Tag("NAMED")
    void b31NamedSubscriptionIsForOneProcessAtATime() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm other = remote();
        other.ask("subscribe name=audit");
        assertThatThrownBy(() -> queue.createSubscriber(options().name("audit").build()))
                .isInstanceOf(InUseException.class)
                .hasMessageStartingWith(
                        "Subscription 'audit' is attached by pid " + other.jvm().pid());
        assertThatThrownBy(() -> queue.unsubscribe("audit")).isInstanceOf(InUseException.class);
        publish(publisher, "message", 3);
        assertThat(withoutPositions(other.ask("receive 2 20000"))).containsExactly("message1", "message2");
        other.ask("leave");
        Subscriber own = queue.createSubscriber(options().name("audit").build());
        assertThat(other.askForError("subscribe name=audit"))
                .startsWith("InUseException: Subscription 'audit' is attached by pid "
                        + ProcessHandle.current().pid());
        assertThat(other.askForError("unsubscribe audit")).startsWith("InUseException");
        assertThat(next(own).text()).isEqualTo("message3");
        own.close();
        assertThat(other.ask("unsubscribe audit")).isEqualTo("true");
        assertThat(queue.unsubscribe("audit")).isFalse();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("CLAIM")
    @Tag("GATING")
    void b31RemoteClaimHoldsOthersUpUntilItsProcessDies() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        RemoteJvm other = remote();
        other.ask("publisher");
        other.ask("claim 10");
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith("'" + plainUri() + "' is held by publisher pid "
                        + other.jvm().pid() + " for ");
        other.ask("commit");
        publisher.publish("second");
        other.ask("claim 10");
        Publisher patient = queue.createPublisher();
        Call<Long> waiting = call(() -> patient.publish("third")).untilItWaits();
        other.jvm().kill();
        waiting.result();
        assertThat(next(subscriber).bytes()).hasSize(10);
        assertThat(texts(subscriber, 2)).containsExactly("second", "third");
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    void b27GrowthIsSeenByAllProcesses() {
        MessageQueue queue = open("capacity=4k&maxCapacity=2m");
        RemoteJvm reader = remote();
        reader.ask("subscribe");
        RemoteJvm writer = remote();
        writer.ask("flood 1 1");
        Subscriber own = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        long last = 0;
        for (int i = 1; i <= 300; i++) last = publisher.publish(new Payload(0, i).bytes(i % 50 == 0 ? 10_000 : 50));
        long wanted = last;
        reader.send("check " + wanted);
        while (own.position() < wanted) Payload.of(next(own).bytes());
        assertThat(reader.answer()).isEqualTo(Long.toString(wanted));
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("POSITIONS")
    void b39RacingProcessesCreateOneQueue() {
        List<RemoteJvm> others =
                Stream.generate(() -> remoteJvm(JavaCommand.QUICK)).limit(4).toList();
        for (int round = 0; round < (LONG ? 100 : 5); round++) {
            String uri = uri();
            others.forEach(o -> o.send("open " + uri));
            assertThat(others.stream().map(RemoteJvm::answer).distinct()).hasSize(1);
            others.forEach(o -> o.ask("close"));
            if (!has(Capability.DELETE)) return;
            fixture().remove(plainUri());
        }
    }

    // ---- 24, 25: after a kill

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    void b24NamedSubscriptionResumesAfterAKill() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm other = remote();
        other.ask("subscribe name=audit ack=CLIENT");
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
        RemoteJvm other = remote();
        other.ask("subscribe name=audit");
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
        RemoteJvm reader = remote();
        reader.ask("subscribe");
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
        for (int round = 1; round <= (LONG ? 100 : 4); round++) {
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
        RemoteJvm reader = remote();
        reader.ask("subscribe");
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
        RemoteJvm reader = remote();
        reader.ask("subscribe");
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

    // ---- 35: nothing is left behind

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

    /** What this JVM holds; the files are those whose name contains the queue's, or its id. */
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

    /** The texts of a "receive" answer. */
    private static List<String> withoutPositions(String answer) {
        return Arrays.stream(answer.split("\t"))
                .map(item -> item.substring(item.lastIndexOf(':') + 1))
                .toList();
    }
}
