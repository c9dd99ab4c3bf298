package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.bridge.BridgeStats.State;
import dev.belfry.kafka.BrokerBehindProxy;
import dev.belfry.spi.ShellWords;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same with a topic of Apache Kafka in the middle, whose broker is killed, too: {@code shm:} to
 * {@code kafka:} to {@code shm:}. There duplicates may be in the middle, but nowhere else.
 */
@Timeout(3600)
@WaitsForOthers
@Slow
@OneJdk
class KafkaBridgeTest extends BridgeKillTest {
    private static final int BROKER_KILLS = Depth.pick(1, 1, 30);

    private static BrokerBehindProxy kafka;

    private MessageQueue middle;
    private int strikes;
    private int brokerKills;

    /** Those that die are found out sooner than by default: each dead bridge is waited for. */
    @BeforeAll
    static void start() {
        kafka = BrokerBehindProxy.started(
                "group.consumer.session.timeout.ms=2000",
                "group.consumer.min.session.timeout.ms=2000",
                "group.consumer.heartbeat.interval.ms=500",
                "group.consumer.min.heartbeat.interval.ms=500");
    }

    @AfterAll
    static void end() {
        kafka.close();
    }

    @AfterEach
    void closeMiddle() {
        if (middle == null) return;
        middle.close();
        MessageQueues.delete(middleUri());
    }

    @Override
    int kills() {
        return Depth.pick(3, 3, 200);
    }

    @Override
    String middleUri() {
        return queues.uri("b").replaceFirst("shm", "kafka") + "?bootstrap=" + kafka.bootstrap();
    }

    @Override
    MessageQueue middle() {
        return middle = MessageQueues.open(middleUri());
    }

    /** The broker's are spread evenly; it starts again at once. */
    @Override
    void strike(Random random) throws Exception {
        int due = (++strikes * BROKER_KILLS + kills() / 2) / kills();
        if (brokerKills < due) {
            brokerKills++;
            kafka.broker().kill();
            kafka.broker().begin();
        }
        killOneOf(random);
    }

    @Override
    void checkMiddle(MessageQueue b, long[] expected) {
        long there = b.stats().newestPosition();
        long[] arrived = new long[expected.length];
        int[] n = new int[1];
        try (Subscriber in = Bridges.dropDuplicates(b.createSubscriber(StartAt.OLDEST_RETAINED))) {
            while (in.position() < there) {
                int before = n[0];
                in.poll(
                        m -> {
                            if (n[0] < arrived.length) arrived[n[0]] = Actor.fingerprint(m.buffer());
                            n[0]++;
                        },
                        500,
                        Patience.limit());
                if (n[0] == before) break;
            }
        }
        compare(expected, n[0] <= arrived.length ? Arrays.copyOf(arrived, n[0]) : arrived);
        assertThat(n[0]).isEqualTo(expected.length);
        System.out.println(brokerKills + " kills of the broker, " + (there - n[0]) + " duplicates in the middle");
    }

    /**
     * A request is under way when its bridge dies, and arrives after the next bridge has read the
     * end and has sent the same.
     */
    @Test
    void shouldDropWhatArrivesAfterTheDeathOfItsBridge() throws Exception {
        MessageQueue a = queues.open("a");
        MessageQueue b = middle();
        queues.publish("a", "1", "2", "3");
        try (ChildJvm bridge =
                command("bridge", queues.uri("a"), middleUri()).title("bridge").start()) {
            Patience.until("three arrive", bridge, () -> b.stats().newestPosition() == 3);
            kafka.proxy().holdTheOneThatSends("late");
            queues.publish("a", "late");
            Patience.until("the fourth is under way", bridge, kafka.proxy()::isHolding);
            bridge.kill();
        }
        try (Carrier next = new Carrier(queues.uri("a"), middleUri())) {
            next.untilDone(a);
            assertThat(b.stats().newestPosition()).isEqualTo(4);
            kafka.proxy().release();
            Patience.until("it arrives", () -> b.stats().newestPosition() == 5);
            queues.publish("a", "5");
            next.untilDone(a);
        }
        assertThat(texts(b.createSubscriber(StartAt.OLDEST_RETAINED), 6))
                .containsExactly("1", "2", "3", "late", "late", "5");
        assertThat(texts(Bridges.dropDuplicates(b.createSubscriber(StartAt.OLDEST_RETAINED)), 5))
                .containsExactly("1", "2", "3", "late", "5");
        MessageQueue c = queues.open("c");
        try (Carrier on = new Carrier(middleUri(), queues.uri("c"))) {
            on.until(
                    "all are there",
                    () -> on.stats().state() == State.FORWARDING && on.stats().sourcePosition() == 6);
            assertThat(on.stats().duplicates()).isEqualTo(1);
        }
        assertThat(Carrier.texts(c)).containsExactly("1", "2", "3", "late", "5");
    }

    /** The broker has taken it for dead, and nobody else has taken its place. */
    @Test
    void shouldGoOnWhenItStoodStillForLongerThanTheTimeOut() throws Exception {
        MessageQueue b = middle();
        MessageQueue c = queues.open("c");
        b.createPublisher().publish("1");
        try (ChildJvm bridge =
                command("bridge", middleUri(), queues.uri("c")).title("bridge").start()) {
            Patience.until("the first one arrives", bridge, () -> c.stats().newestPosition() == 1);
            bridge.pause();
            Patience.until("its place is free", bridge, () -> b.stats().subscribers().stream()
                    .noneMatch(SubscriberStats::attached));
            bridge.proceed();
            b.createPublisher().publish("2");
            Patience.until("the second one arrives", bridge, () -> c.stats().newestPosition() == 2);
            bridge.tell("stop");
            bridge.expect("ready");
            bridge.expect("ended");
            bridge.awaitEnd();
        }
        assertThat(Carrier.texts(c)).containsExactly("1", "2");
    }

    /** Of which the second would leave no room for the bridge's own properties. */
    @Test
    void shouldCarryRecordsOfAnotherProgramWithLongHeaders() throws Exception {
        MessageQueue b = middle();
        MessageQueue c = queues.open("c");
        try (KafkaProducer<byte[], byte[]> other = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int length : new int[] {70_000, 65_500}) {
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                        "belfry." + b.uri().getSchemeSpecificPart(),
                        Integer.toString(length).getBytes(StandardCharsets.UTF_8));
                record.headers().add("trace", new byte[length]);
                other.send(record).get();
            }
        }
        b.createPublisher().publish("after");
        Carrier.carry(b, middleUri(), queues.uri("c"));
        assertThat(Carrier.texts(c)).containsExactly("70000", "65500", "after");
    }

    /** Queues of one name: the second bridge must not wait for the first one's subscription. */
    @Test
    void shouldCarryAllIntoEachOfTwoClusters() {
        queues.publish("a", "1", "2");
        try (BrokerBehindProxy second = BrokerBehindProxy.started()) {
            String there = middleUri().replace(kafka.bootstrap(), second.bootstrap());
            try (MessageQueue first = middle();
                    MessageQueue other = MessageQueues.open(there)) {
                Carrier.carry(queues.open("a"), queues.uri("a"), middleUri());
                Carrier.carry(queues.open("a"), queues.uri("a"), there);
                queues.publish("a", "3");
                Carrier.carry(queues.open("a"), queues.uri("a"), there);
                Carrier.carry(queues.open("a"), queues.uri("a"), middleUri());
                assertThat(texts(first.createSubscriber(StartAt.OLDEST_RETAINED), 3))
                        .containsExactly("1", "2", "3");
                assertThat(texts(other.createSubscriber(StartAt.OLDEST_RETAINED), 3))
                        .containsExactly("1", "2", "3");
                assertThat(queues.open("a").stats().subscribers())
                        .extracting(SubscriberStats::name)
                        .hasSize(2)
                        .contains(SubscriptionName.of(ShellWords.BRIDGE, first));
            }
        }
    }

    /**
     * Nothing is under way when it goes, and both clients have forgotten where the topic is before
     * there is something to send. The one that reads begins anew for none of that; but a broker that is
     * there again may take it for dead before it has heard of it.
     */
    @Test
    void shouldSayThatTheBrokerIsAwayAndGoOn() {
        queues.publish("a", "1");
        MessageQueue b = middle();
        MessageQueue c = queues.open("c");
        String forgetful = middleUri()
                + "&kafka.metadata.max.age.ms=200&kafka.metadata.recovery.rebootstrap.trigger.ms=200"
                + "&kafka.delivery.timeout.ms=1500&kafka.request.timeout.ms=1000&kafka.default.api.timeout.ms=1000";
        try (Carrier there = new Carrier(queues.uri("a"), forgetful);
                Carrier back = new Carrier(forgetful, queues.uri("c"))) {
            Patience.until("the first one arrives", () -> c.stats().newestPosition() == 1);
            there.untilDone(queues.open("a"));
            back.untilDone(b);
            long before = back.stats().retries(); // a new broker's first answer may take longer than a second
            kafka.broker().kill();
            Patience.pause(1_000); // until they have forgotten
            queues.publish("a", "2");
            for (Carrier one : List.of(there, back)) {
                one.until("it says so", () -> String.valueOf(one.stats().problem())
                        .contains("no answer from " + kafka.bootstrap()));
                one.until("its state, too", () -> one.stats().state() == State.WAITING_TO_RETRY);
            }
            there.until(
                    "it gives up what is under way, and tries again",
                    () -> there.stats().retries() > 1);
            assertThat(back.stats().retries()).isEqualTo(before);
            kafka.broker().start();
            Patience.until("the second one arrives", () -> c.stats().newestPosition() == 2);
            there.untilDone(queues.open("a"));
            back.untilDone(b);
            assertThat(there.stats().problem()).isNull();
            assertThat(back.stats().problem()).isNull();
        }
        assertThat(Carrier.texts(c)).containsExactly("1", "2");
    }

    /**
     * The broker takes nobody for dead so soon: a bridge that left unheard would wait for its own name.
     * What it still has to send and to acknowledge when the broker goes waits, too.
     */
    @Test
    void shouldKeepItsPlaceWhileTheBrokerIsAway() {
        MessageQueue c = queues.open("c?capacity=4k&maxCapacity=4k");
        Subscriber slow = c.createSubscriber(StartAt.OLDEST_RETAINED);
        try (BrokerBehindProxy patient = BrokerBehindProxy.started("group.consumer.session.timeout.ms=45000")) {
            String uri = "kafka:kept?bootstrap=" + patient.bootstrap();
            String from = uri + "&kafka.request.timeout.ms=1000&kafka.default.api.timeout.ms=1000";
            try (MessageQueue b = MessageQueues.open(uri); // a new broker's first answer may take longer than a second
                    Carrier carrier = new Carrier(from, queues.uri("c"))) {
                Publisher publisher = b.createPublisher();
                for (int i = 1; i <= 10; i++) publisher.publish(new byte[600]);
                carrier.until("the target is full", () -> carrier.stats().state() == State.WAITING_FOR_ROOM);
                patient.broker().kill();
                carrier.until("it says so", () -> carrier.stats().state() == State.WAITING_TO_RETRY);
                assertThat(carrier.stats().lag()).isEqualTo(-1);
                for (int i = 1; i <= 10; i++)
                    assertThat(slow.receive(Patience.limit())).isNotNull();
                Patience.pause(3_000); // until an acknowledgement would have failed
                patient.broker().start();
                publisher.publish("after");
                assertThat(slow.receive(Patience.limit()).text()).isEqualTo("after");
                carrier.untilDone(b);
                assertThat(carrier.stats().problem()).isNull();
                assertThat(carrier.stats().retries()).isZero();
            }
        }
    }

    /** In containers the name goes and comes with the broker. */
    @Test
    void shouldGoOnWhenTheBrokersNameDidNotResolveForAMoment(@TempDir Path directory) throws Exception {
        MessageQueue c = queues.open("c");
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 broker.test");
        middle().createPublisher().publish("1");
        String named = middleUri().replace("127.0.0.1", "broker.test")
                + "&kafka.request.timeout.ms=1000&kafka.default.api.timeout.ms=1000";
        try (ChildJvm bridge = command("bridge", named, queues.uri("c"))
                .flags(List.of(
                        "-Djdk.net.hosts.file=" + hosts,
                        "-Dsun.net.inetaddr.ttl=0",
                        "-Dsun.net.inetaddr.negative.ttl=0",
                        "-Dorg.slf4j.simpleLogger.log.dev.belfry.bridge=warn"))
                .title("bridge")
                .start()) {
            Patience.until("the first one arrives", bridge, () -> c.stats().newestPosition() == 1);
            Files.writeString(hosts, "127.0.0.1 localhost");
            kafka.broker().kill();
            Patience.until("it says so", bridge, () -> bridge.errors().contains("no answer from broker.test"));
            kafka.broker().start();
            Files.writeString(hosts, "127.0.0.1 broker.test");
            middle.createPublisher().publish("2");
            Patience.until("the second one arrives", bridge, () -> c.stats().newestPosition() == 2);
        }
        assertThat(Carrier.texts(c)).containsExactly("1", "2");
    }

    private static List<String> texts(Subscriber subscriber, int messages) {
        List<String> texts = new ArrayList<>();
        try (Subscriber in = subscriber) {
            for (Message m; texts.size() < messages && (m = in.receive(Patience.limit())) != null; )
                texts.add(m.text());
            return texts;
        }
    }
}
