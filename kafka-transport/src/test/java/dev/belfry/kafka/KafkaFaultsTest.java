package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Remote;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The broker dies, the network is cut: a ledger accounts for every message. */
@WaitsForOthers
@Timeout(180)
@Tag("F82")
@Slow
@OneJdk
class KafkaFaultsTest {
    private static final int PUBLISHERS = 2;
    /** In a request to join a group: the member's epoch, which is 0, and the length of what follows. */
    private static final String JOINS = "\0\0\0\0\7" + Cluster.MEMBER;

    private static BrokerBehindProxy kafka;

    @BeforeAll
    static void start() {
        kafka = BrokerBehindProxy.started();
    }

    @AfterAll
    static void end() {
        kafka.close();
    }

    private interface Fault {
        void strike() throws Exception;
    }

    private static void underTraffic(String name, int messages, Fault fault) throws Exception {
        String uri = "kafka:" + name + "?bootstrap=" + kafka.bootstrap();
        Ledger ledger = new Ledger(PUBLISHERS, "");
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Subscriber anonymous = queue.createSubscriber();
            Subscriber named = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build());
            CountDownLatch done = new CountDownLatch(PUBLISHERS);
            List<Throwable> failures = new ArrayList<>();
            Thread reading = new Thread(() -> {
                try {
                    while (done.getCount() > 0) named.receive(Duration.ofMillis(100));
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            });
            reading.start();
            List<Thread> publishing = new ArrayList<>();
            for (int id = 0; id < PUBLISHERS; id++)
                publishing.add(ledger.start(queue, id, serial -> serial <= messages, done));
            Patience.until("traffic", () -> ledger.count.get() > messages / 2);
            fault.strike();
            for (Thread thread : publishing) thread.join();
            reading.join();
            ledger.check(anonymous);
            ledger.check(queue.createSubscriber(StartAt.OLDEST_RETAINED));
            assertThat(ledger.published).hasSizeGreaterThan(messages);
            for (Throwable failure : failures) assertThat(failure).isInstanceOf(ConnectionLostException.class);
            long read = named.position();
            while (read < queue.stats().newestPosition()) {
                Message next = named.receive(Patience.limit());
                assertThat(next.position()).isEqualTo(++read);
            }
        }
        MessageQueues.delete(uri);
    }

    @Test
    void shouldAccountForEveryMessageWhenTheBrokerIsKilled() throws Exception {
        underTraffic("killed", 500, () -> {
            kafka.broker().kill();
            kafka.broker().start();
        });
    }

    @Test
    void shouldAccountForEveryMessageWhenTheNetworkIsCut() throws Exception {
        underTraffic("cut", 500, () -> {
            for (int i = 0; i < 3; i++) {
                kafka.proxy().cut();
                Patience.pause(300);
                kafka.proxy().join();
                Patience.pause(300);
            }
        });
    }

    /** Each of these calls waited for half a minute. */
    @Test
    void shouldNotWaitForABrokerThatIsKnownToBeAway() {
        String uri = "kafka:away?bootstrap=" + kafka.bootstrap();
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber subscriber = queue.createSubscriber()) {
            assertThat(subscriber.lag()).isZero();
            Remote remote = queue.unwrap(Remote.class);
            assertThat(remote.outage()).isNull();
            kafka.broker().kill();
            Patience.until("it is known", () -> remote.outage() != null);
            assertThat(remote.outage()).startsWith("'kafka:away': no answer from " + kafka.bootstrap());
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(subscriber::lag).isInstanceOf(ConnectionLostException.class);
                assertThatThrownBy(queue::stats).isInstanceOf(ConnectionLostException.class);
            }
            kafka.broker().start();
            Patience.until("it is there again", () -> remote.outage() == null);
            assertThat(subscriber.lag()).isZero();
            assertThat(queue.stats().newestPosition()).isZero();
            MessageQueues.delete(uri);
            Patience.until("its end is known", () -> {
                try {
                    remote.outage();
                    return false;
                } catch (QueueClosedException deleted) {
                    return deleted.getMessage().contains("was deleted");
                }
            });
        }
    }

    /** One commit has failed, and nobody has asked since whether the brokers answer again. */
    @Test
    void shouldStoreItsPlaceAtTheEndWhenAnOutageIsOver() {
        String uri = "kafka:over?bootstrap=" + kafka.bootstrap();
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .build();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(audit).close(); // the broker's first group takes it a while
            queue.createPublisher().publish("a");
            try (MessageQueue impatient = MessageQueues.open(uri + "&kafka.default.api.timeout.ms=3000"
                    + "&kafka.request.timeout.ms=1500&kafka.reconnect.backoff.max.ms=50")) {
                Subscriber subscriber = impatient.createSubscriber(audit);
                assertThat(subscriber.receive(Patience.limit()).position()).isOne();
                kafka.proxy().cut();
                try {
                    assertThatThrownBy(() -> subscriber.acknowledge(1)).isInstanceOf(ConnectionLostException.class);
                } finally {
                    kafka.proxy().join();
                }
                subscriber.close();
            }
            assertThat(queue.createSubscriber(audit).position()).isOne();
        }
        MessageQueues.delete(uri);
    }

    /** Its client asks again then, and the broker took it for another: it was in use by this process. */
    @Test
    void shouldAttachThoughTheAnswerWasLost() {
        String uri = "kafka:lost?bootstrap=" + kafka.bootstrap();
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(audit).close(); // the broker's first group takes it a while
            int before = kafka.proxy().losses();
            kafka.proxy().loseTheAnswerTo("\7" + Cluster.MEMBER);
            Subscriber subscriber = queue.createSubscriber(audit);
            assertThat(kafka.proxy().losses() - before).isOne();
            queue.createPublisher().publish("a");
            assertThat(subscriber.receive(Patience.limit()).position()).isOne();
            assertThatThrownBy(() -> queue.createSubscriber(audit)).isInstanceOf(InUseException.class);
            assertThat(subscriber.receiveNoWait()).isNull();
        }
        MessageQueues.delete(uri);
    }

    /** It ended for good: another had attached since, which was itself. */
    @Test
    void shouldGoOnThoughTheAnswerWasLostWhenItJoinedAgain() {
        try (BrokerBehindProxy quick = BrokerBehindProxy.started(
                "group.consumer.session.timeout.ms=2000",
                "group.consumer.min.session.timeout.ms=2000",
                "group.consumer.heartbeat.interval.ms=500",
                "group.consumer.min.heartbeat.interval.ms=500")) {
            String uri = "kafka:again?bootstrap=" + quick.bootstrap();
            try (MessageQueue queue = MessageQueues.open(uri)) {
                Subscriber audit = queue.createSubscriber(SubscriberOptions.builder()
                        .name("audit")
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build());
                queue.createPublisher().publish("a");
                assertThat(audit.receive(Patience.limit()).text()).isEqualTo("a");
                int before = quick.proxy().losses();
                quick.proxy().cut();
                Patience.pause(4_000); // until the broker has taken it for dead
                quick.proxy().loseTheAnswerTo(JOINS); // not to what it asks first: there it learns that it is dead
                quick.proxy().join();
                for (long end = System.nanoTime() + 8_000_000_000L; System.nanoTime() < end; )
                    assertThat(receiveUnlessAway(audit)).isNull();
                assertThat(quick.proxy().losses() - before).isOne();
                queue.createPublisher().publish("b");
                Message next = null;
                while (next == null) next = receiveUnlessAway(audit);
                assertThat(next.text()).isEqualTo("b");
            }
        }
    }

    private static Message receiveUnlessAway(Subscriber subscriber) {
        try {
            return subscriber.receive(Duration.ofMillis(200));
        } catch (ConnectionLostException notNow) {
            return null;
        }
    }
}
