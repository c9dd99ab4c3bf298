package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Remote;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is Kafka's own: past what the kit tests of every transport. */
@WaitsForOthers
@Slow
@OneJdk
class KafkaQueueTest {
    private static int number;

    private final String bootstrap = Broker.shared().bootstrap();
    private final String name = "own-" + ProcessHandle.current().pid() + "-" + ++number;
    private final String uri = "kafka:" + name + "?bootstrap=" + bootstrap;
    private MessageQueue queue;

    @BeforeEach
    void open() {
        queue = MessageQueues.open(uri);
    }

    @AfterEach
    void remove() {
        queue.close();
        MessageQueues.delete(uri);
    }

    @Test
    void shouldBeReadableByOtherProgramsAndReadWhatTheyWrite() {
        queue.createPublisher()
                .publish(
                        "ours",
                        MessageProperties.builder()
                                .put("traceparent", "00-ab")
                                .put("n", 1)
                                .build());
        try (KafkaProducer<byte[], byte[]> other = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>("belfry." + name, "theirs".getBytes(StandardCharsets.UTF_8));
            record.headers().add("traceparent", "00-cd".getBytes(StandardCharsets.UTF_8));
            record.headers().add("content-type", "text".getBytes(StandardCharsets.UTF_8));
            record.headers().add("belfry.", new byte[] {1, 2, 3});
            other.send(record);
            other.send(new ProducerRecord<>("belfry." + name, "key".getBytes(StandardCharsets.UTF_8), null));
        }
        Subscriber subscriber = queue.createSubscriber(StartAt.OLDEST_RETAINED);
        Message ours = subscriber.receive(Patience.limit());
        assertThat(ours.properties().getString("traceparent", null)).isEqualTo("00-ab");
        assertThat(ours.properties().getInt("n", 0)).isOne();
        Message theirs = subscriber.receive(Patience.limit());
        assertThat(theirs.text()).isEqualTo("theirs");
        assertThat(theirs.properties().names()).containsExactly("traceparent", "content-type");
        assertThat(subscriber.receive(Patience.limit()).bytes()).isEmpty();
    }

    @Test
    void shouldRefuseTopicsThatAreNoQueues() throws InterruptedException, ExecutionException {
        String wide = name + "-wide";
        String compact = name + "-compact";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(
                            new NewTopic("belfry." + wide, 2, (short) 1),
                            new NewTopic("belfry." + compact, 1, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
        for (String no : List.of(wide, compact)) {
            assertThatThrownBy(() -> MessageQueues.open("kafka:" + no + "?bootstrap=" + bootstrap))
                    .isInstanceOf(IncompatibleQueueException.class);
            MessageQueues.delete("kafka:" + no + "?bootstrap=" + bootstrap);
        }
    }

    /** The group's coordinator gives it the new partition, which has no place of its own. */
    @Test
    void shouldRefuseATopicThatGotASecondPartition() throws InterruptedException, ExecutionException {
        Publisher publisher = queue.createPublisher();
        Subscriber audit = queue.createSubscriber(SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
        publisher.publish("before");
        assertThat(audit.receive(Patience.limit()).text()).isEqualTo("before");
        Subscriber anonymous = queue.createSubscriber();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createPartitions(Map.of("belfry." + name, NewPartitions.increaseTo(2)))
                    .all()
                    .get();
        }
        for (Subscriber each : List.of(audit, audit, anonymous))
            assertThatThrownBy(() -> {
                        while (true) each.receive(Patience.limit());
                    })
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining("is a topic of 2 partitions, which have no common order");
        assertThatThrownBy(queue::stats).isInstanceOf(IncompatibleQueueException.class);
        assertThatThrownBy(audit::recover).isInstanceOf(IncompatibleQueueException.class);
        assertThat(queue.unwrap(Remote.class).detach("audit"))
                .as("it has left its group, though nobody has closed it")
                .isFalse();
    }

    @Test
    void shouldCountForANamedOneWhatRetentionTookWhileNobodyWasAttached() {
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        Publisher publisher = queue.createPublisher();
        try (Subscriber subscriber = queue.createSubscriber(audit)) {
            for (int i = 1; i <= 10; i++) publisher.publish("message " + i);
            for (int i = 1; i <= 3; i++) subscriber.receive(Patience.limit());
        }
        Brokers.keep(URI.create("kafka:" + name), 2);
        try (Subscriber subscriber = queue.createSubscriber(audit)) {
            assertThat(subscriber.receive(Patience.limit()).position()).isEqualTo(9);
            assertThat(subscriber.lostCount()).isEqualTo(5);
        }
        assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> {
            assertThat(s.lostCount()).isEqualTo(5);
            assertThat(s.acknowledgedPosition()).isEqualTo(9);
            assertThat(s.attached()).isFalse();
        });
    }

    @Test
    void shouldEndSubscribersAndPublishersOfADeletedQueue() {
        Subscriber waiting = queue.createSubscriber();
        Subscriber brief = queue.createSubscriber();
        Subscriber named =
                queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        MessageQueues.delete(uri);
        for (Subscriber subscriber : List.of(waiting, named))
            assertThatThrownBy(() -> {
                        while (true) subscriber.receive(Patience.limit());
                    })
                    .isInstanceOf(QueueClosedException.class)
                    .hasMessageContaining("was deleted");
        Patience.until("one that never waits for long is told", () -> {
            try {
                return brief.receive(Duration.ofMillis(10)) != null;
            } catch (QueueClosedException deleted) {
                return true;
            }
        });
        assertThatThrownBy(() -> publisher.publish("after")).isInstanceOf(MessageQueueException.class);
        assertThatThrownBy(queue::createPublisher).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(queue::stats).isInstanceOf(QueueClosedException.class);
    }

    /** The new queue has the same groups: who is in one, and has ended, kept everybody else out of it. */
    @Test
    void shouldNotHoldItsNameInTheQueueThatWasMadeAgain() {
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        Subscriber named = queue.createSubscriber(audit);
        MessageQueues.delete(uri);
        try (MessageQueue again = MessageQueues.open(uri)) {
            assertThatThrownBy(() -> {
                        while (true) named.receive(Patience.limit());
                    })
                    .isInstanceOf(QueueClosedException.class);
            Subscriber other = again.createSubscriber(audit);
            again.createPublisher().publish("a");
            assertThat(other.receive(Patience.limit()).text()).isEqualTo("a");
        }
    }

    /**
     * A process that stands still for longer than the session time-out is taken for dead. Once it
     * goes on it must not disturb the one that has come since.
     */
    @Test
    void shouldFenceASubscriberThatWasTakenForDead() {
        Publisher publisher = queue.createPublisher();
        RemoteJvm stopped = RemoteJvm.start(JavaCommand.QUICK);
        try {
            stopped.ask("open " + uri);
            stopped.ask("subscribe name=audit ack=CLIENT");
            for (int i = 1; i <= 3; i++) publisher.publish("message" + i);
            stopped.ask("receive 2 20000");
            stopped.jvm().pause();
            SubscriberOptions audit = SubscriberOptions.builder()
                    .name("audit")
                    .ackMode(AckMode.CLIENT)
                    .build();
            List<Subscriber> attached = new ArrayList<>();
            Patience.until("the stopped one is taken for dead", () -> {
                try {
                    return attached.add(queue.createSubscriber(audit));
                } catch (InUseException notYet) {
                    return false;
                }
            });
            Subscriber anew = attached.get(0);
            for (int i = 1; i <= 3; i++) {
                Message message = anew.receive(Patience.limit());
                assertThat(message.text()).isEqualTo("message" + i);
                assertThat(i > 2 || message.redelivered()).isTrue();
            }
            anew.acknowledge();
            stopped.jvm().proceed();
            Patience.until("the stopped one is told", () -> {
                stopped.send("receive 1 100"); // a message that it had fetched before, or nothing
                String answer = stopped.jvm().line();
                assertThat(stopped.askForError("acknowledge")).isNotEmpty();
                return answer.startsWith("error SubscriberDisconnectedException");
            });
            publisher.publish("message4");
            assertThat(anew.receive(Patience.limit()).text()).isEqualTo("message4");
            anew.acknowledge();
            assertThat(publisher.awaitAcknowledged(4, 1, Patience.limit())).isTrue();
        } finally {
            stopped.close();
        }
    }

    /** Kafka cuts it off a group's name. */
    @Test
    void shouldRefuseASubscriptionWhoseNameEndsInABlank() {
        for (String blank : List.of("audit ", " "))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> queue.createSubscriber(
                            SubscriberOptions.builder().name(blank).build()))
                    .withMessageContaining("ends in a blank");
        queue.createSubscriber(SubscriberOptions.builder().name(" audit").build());
        assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> assertThat(s.name())
                .isEqualTo(" audit"));
    }

    @Test
    void shouldRefuseMoreCopiesInSyncThanThereAre() {
        for (String copies : List.of("", "&replication=1"))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MessageQueues.open(
                            "kafka:" + name + "-copies?bootstrap=" + bootstrap + "&minInsyncReplicas=2" + copies))
                    .withMessageContaining("minInsyncReplicas must be <= 1");
        assertThat(MessageQueues.delete("kafka:" + name + "-copies?bootstrap=" + bootstrap))
                .isFalse();
    }

    @Test
    void shouldSayWhyADotAndAnUnderscoreCollide() {
        String one = "kafka:" + name + ".x?bootstrap=" + bootstrap;
        MessageQueues.open(one).close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open(one.replace(".x?", "_x?")))
                .withMessageContaining("use another name");
        MessageQueues.delete(one);
    }

    /** A text is a header of its own, so that each of the others would be one, too. */
    @Test
    void shouldTakeTheLongestMessageWithManyProperties() {
        MessageProperties.Builder many = MessageProperties.builder();
        for (int i = 0; i < 300; i++) many.put("text" + i, "x").put("number" + i, i);
        MessageProperties properties = many.build();
        Publisher publisher = queue.createPublisher();
        publisher.publish(new byte[publisher.maxMessageLength() - properties.encodedLength()], properties);
        Message read = queue.createSubscriber(StartAt.OLDEST_RETAINED).receive(Patience.limit());
        assertThat(read.properties()).isEqualTo(properties);
        assertThat(read.properties().names()).containsExactlyElementsOf(properties.names());
    }

    /** Alive, but its broker could as well have kept one that died. */
    @Test
    void shouldDetachAProcessAndKeepThePlace() {
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .build();
        Remote remote = queue.unwrap(Remote.class);
        Subscriber first = queue.createSubscriber(audit);
        queue.createPublisher().publish("one");
        queue.createPublisher().publish("two");
        assertThat(first.receive(Patience.limit()).text()).isEqualTo("one");
        first.acknowledge();
        assertThat(remote.detach("audit")).isTrue();
        Patience.until("the name is free", () -> {
            try {
                return queue.createSubscriber(audit)
                        .receive(Patience.limit())
                        .text()
                        .equals("two");
            } catch (InUseException notYet) {
                return false;
            }
        });
        assertThat(remote.detach("nobody")).isFalse();
    }

    /** The broker keeps its place for the upgraded process; until then nobody counts as having read. */
    @Test
    void shouldLeaveThePlaceOfALaterReleaseAsItIs() throws InterruptedException, ExecutionException {
        String group = "belfry." + name + "/audit";
        TopicPartition partition = new TopicPartition("belfry." + name, 0);
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        queue.createSubscriber(audit).close();
        Publisher publisher = queue.createPublisher();
        publisher.publish("unread");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            OffsetAndMetadata now = place(admin, group, partition);
            OffsetAndMetadata later =
                    new OffsetAndMetadata(0, now.metadata().replace("belfry1", "belfry2") + " and more");
            admin.alterConsumerGroupOffsets(group, Map.of(partition, later))
                    .all()
                    .get();
            List<ThrowableAssert.ThrowingCallable> calls = List.of(
                    () -> queue.createSubscriber(audit),
                    () -> queue.stats(),
                    () -> queue.unsubscribe("audit"),
                    () -> publisher.awaitAcknowledged(1, 1, Duration.ZERO));
            for (ThrowableAssert.ThrowingCallable call : calls)
                assertThatThrownBy(call)
                        .isInstanceOf(IncompatibleVersionException.class)
                        .hasMessageContaining("'" + group + "'")
                        .hasMessageContaining("'belfry2'");
            assertThat(place(admin, group, partition)).isEqualTo(later);
        }
    }

    private static OffsetAndMetadata place(Admin admin, String group, TopicPartition partition)
            throws InterruptedException, ExecutionException {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition);
    }

    @Test
    void shouldKnowItsOwnPid() {
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        queue.createSubscriber(audit);
        assertThatThrownBy(() -> queue.createSubscriber(audit))
                .isInstanceOf(InUseException.class)
                .hasMessageContaining(
                        "attached by pid " + ProcessHandle.current().pid() + " at 127.0.0.1 (this process has"
                                + " that pid). One process at a time has it");
    }

    @Test
    void shouldLeaveNoThreadOfTheEngine() {
        Subscriber subscriber = queue.createSubscriber();
        queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        queue.createPublisher().publish("message");
        subscriber.receive(Patience.limit());
        queue.close();
        Patience.until("the engine's threads are gone", () -> engineThreads().isEmpty());
    }

    private static List<String> engineThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> n.contains("belfry-" + ProcessHandle.current().pid()))
                .toList();
    }

    @Test
    void shouldRejectAnOfferWithoutABroker() {
        assertThatThrownBy(
                        () -> MessageQueues.open(
                                "kafka:none?bootstrap=127.0.0.1:1&kafka.default.api.timeout.ms=500&kafka.request.timeout.ms=400"))
                .isInstanceOf(dev.belfry.api.ConnectionLostException.class)
                .hasMessageContaining("no answer from 127.0.0.1:1 within 500 ms");
        assertThat(queue.createPublisher().offer(java.nio.ByteBuffer.allocate(1), Duration.ZERO))
                .isOne();
    }
}
