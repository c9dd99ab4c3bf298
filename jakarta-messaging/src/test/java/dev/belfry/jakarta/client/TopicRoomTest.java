package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Subscriptions in a domain that is full, and ends that race. */
@Slow
@WaitsForOthers
class TopicRoomTest extends DomainTest {
    private static final Topic NEWS = new BelfryTopic("news");
    private static final String[] SMALL = {"capacity=64k", "maxCapacity=64k", "sendTimeout=300ms"};

    private static String[] small(String more) {
        return new String[] {SMALL[0], SMALL[1], SMALL[2], more};
    }

    /** Until not even a short one finds room. */
    private static int fill(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(NEWS);
        int n = 0;
        for (int size : new int[] {400, 0}) {
            try {
                while (true) {
                    producer.send(session.createTextMessage("x".repeat(size)));
                    n++;
                }
            } catch (ResourceAllocationException full) {
                continue;
            }
        }
        return n;
    }

    @Test
    void shouldLetADurableSubscriberComeBackToAFullDomain() throws JMSException {
        BelfryConnection connection = connect(new Domains(), small("clientID=c"));
        Session session = auto(connection);
        session.createDurableConsumer(NEWS, "audit").close();
        int n = fill(auto(connect(new Domains(), SMALL)));
        MessageConsumer back = session.createDurableConsumer(NEWS, "audit");
        assertThat(drain(back)).hasSize(n);
    }

    @Test
    void shouldLetAClientUnsubscribeInAFullDomain() throws JMSException {
        BelfryConnection connection = connect(new Domains(), small("clientID=c"));
        auto(connection).createDurableConsumer(NEWS, "audit").close();
        connection.close();
        fill(auto(connect(new Domains(), SMALL)));
        BelfryConnection again = connect(new Domains(), small("clientID=c"));
        auto(again).unsubscribe("audit");
    }

    @Test
    void shouldLetASharedDurableSubscriberComeBackToAFullDomain() throws JMSException {
        Session session = auto(connect(new Domains(), SMALL));
        session.createSharedDurableConsumer(NEWS, "audit").close();
        int n = fill(auto(connect(new Domains(), SMALL)));
        assertThat(drain(session.createSharedDurableConsumer(NEWS, "audit"))).hasSize(n);
    }

    @Test
    void shouldUnsubscribeAfterDupsOk() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        Session session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        MessageConsumer audit = session.createDurableConsumer(NEWS, "audit");
        session.createProducer(NEWS).send(session.createTextMessage("a"));
        assertThat(text(audit)).isEqualTo("a");
        audit.close();
        session.unsubscribe("audit");
    }

    @Test
    void shouldEndASubscriptionOnceOnly() throws Exception {
        for (int i = 0; i < 20; i++) {
            BelfryConnection one = connect();
            BelfryConnection two = connect();
            BelfrySession session = auto(one);
            MessageConsumer closing = session.createSharedConsumer(NEWS, "s" + i);
            MessageConsumer stays = auto(two).createSharedConsumer(NEWS, "s" + i);
            CountDownLatch go = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                try {
                    go.await();
                    closing.close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            other.start();
            state(session).delivering.lock();
            Thread closer = new Thread(() -> {
                try {
                    session.close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            closer.start();
            Thread.sleep(2);
            go.countDown();
            Thread.sleep(2);
            state(session).delivering.unlock();
            other.join();
            closer.join();
            Session sender = auto(two);
            sender.createProducer(NEWS).send(sender.createTextMessage("x"));
            assertThat(stays.receive(500)).as("round " + i).isNotNull();
            one.close();
            two.close();
        }
    }

    @Test
    void shouldDropWhatAnUnusedSubscriptionDoesNotWantBehindWhatItWants() throws JMSException {
        String[] mega = {"capacity=1m", "maxCapacity=1m", "sendTimeout=2s"};
        Session session = auto(connect(new Domains(), mega[0], mega[1], mega[2], "clientID=c"));
        session.createDurableConsumer(NEWS, "audit", "colour = 'red'", false).close();
        Session sender = auto(connect(new Domains(), mega));
        MessageProducer producer = sender.createProducer(NEWS);
        for (int i = 0; i < 12_000; i++) {
            TextMessage message = sender.createTextMessage("x");
            message.setStringProperty("colour", i < 3_000 ? "red" : "blue");
            int at = i;
            assertThatCode(() -> producer.send(message)).as("message " + at).doesNotThrowAnyException();
        }
    }

    @Test
    void shouldForwardFromTheOnlySubscriptionInAFullDomain() throws JMSException {
        BelfryConnection connection = connect(new Domains(), small("clientID=c"));
        BelfrySession worker = transacted(connection);
        MessageConsumer audit = worker.createDurableConsumer(NEWS, "audit");
        int n = fill(auto(connect(new Domains(), SMALL)));
        MessageProducer out = worker.createProducer(queue("out"));
        MessageConsumer end = auto(connect(new Domains(), SMALL)).createConsumer(queue("out"));
        for (int i = 0; i < n; i++) {
            out.send(next(audit));
            worker.commit();
            assertThat(next(end)).isNotNull();
        }
    }

    @Test
    void shouldMakeRoomOfWhatExpiresWhileTheDomainIsFull() throws Exception {
        Session session = auto(connect(new Domains(), small("clientID=c")));
        session.createDurableConsumer(NEWS, "audit").close();
        MessageProducer producer = session.createProducer(NEWS);
        producer.setTimeToLive(1_000);
        try {
            while (true) producer.send(session.createTextMessage("x".repeat(400)));
        } catch (ResourceAllocationException full) {
            Thread.sleep(1_200);
        }
        producer.send(session.createTextMessage("y".repeat(400)));
    }

    @Test
    void shouldReleaseItsClientIdThoughInterrupted() throws JMSException {
        BelfryConnection other = connect();
        BelfryConnection one = connect("clientID=c");
        auto(one).createDurableConsumer(NEWS, "audit");
        Thread.currentThread().interrupt();
        one.close();
        assertThat(Thread.interrupted()).isTrue();
        auto(connect("clientID=c")).createDurableConsumer(NEWS, "audit");
    }

    private static SessionState state(BelfrySession session) throws Exception {
        var field = BelfrySession.class.getDeclaredField("state");
        field.setAccessible(true);
        return (SessionState) field.get(session);
    }
}
