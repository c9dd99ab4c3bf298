package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Topics and the four kinds of subscription [4.2, 8.3]: one rule each. */
class TopicRulesTest extends DomainTest {
    private static final Topic NEWS = new BelfryTopic("news");

    private static void publish(Session session, String... texts) throws JMSException {
        MessageProducer producer = session.createProducer(NEWS);
        for (String text : texts) producer.send(session.createTextMessage(text));
        producer.close();
    }

    private static void publishA(String colour, Session session, String text) throws JMSException {
        TextMessage message = session.createTextMessage(text);
        message.setStringProperty("colour", colour);
        MessageProducer producer = session.createProducer(NEWS);
        producer.send(message);
        producer.close();
    }

    // ---- plain ones

    @Test
    void shouldGiveEachMessageToEachSubscriber_4_2() throws JMSException {
        Session sender = auto(connect(new Domains()));
        publish(sender, "before anybody listens");
        MessageConsumer one = auto(connect()).createConsumer(NEWS);
        MessageConsumer same = auto(connect()).createConsumer(NEWS);
        MessageConsumer other = auto(connect(new Domains())).createConsumer(NEWS);
        publish(sender, "a", "b", "c");
        for (MessageConsumer each : List.of(one, same, other)) {
            TextMessage first = next(each);
            assertThat(first.getText()).isEqualTo("a");
            assertThat(first.getJMSDestination()).isEqualTo(NEWS);
            assertThat(first.getJMSRedelivered()).isFalse();
            assertThat(texts(each, 2)).containsExactly("b", "c");
            assertThat(each.receiveNoWait()).isNull();
        }
    }

    /** A session delivers to its consumers in turn: a topic that always has more keeps no queue waiting. */
    @Test
    @WaitsForOthers
    void shouldDeliverFromAQueueBesideABusyTopic_6_1() throws JMSException {
        BelfryConnection connection = open(new Domains());
        Session session = auto(connection);
        ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();
        session.createConsumer(NEWS).setMessageListener(m -> got.add("news"));
        session.createConsumer(queue("work")).setMessageListener(m -> got.add("work"));
        Session sender = auto(connect());
        String[] many = IntStream.range(0, 1_000).mapToObj(i -> "news").toArray(String[]::new);
        publish(sender, many);
        send(sender, "work", "work");
        connection.start();
        Patience.until("all came", () -> got.size() == 1_001);
        assertThat(List.copyOf(got).indexOf("work")).isBetween(0, 99);
    }

    @Test
    void shouldKeepTopicAndQueueOfOneNameApart_4() throws JMSException {
        Session session = auto(connect());
        MessageConsumer topic = session.createConsumer(NEWS);
        MessageConsumer queue = session.createConsumer(queue("news"));
        publish(session, "to the topic");
        send(session, "news", "to the queue");
        assertThat(text(topic)).isEqualTo("to the topic");
        assertThat(text(queue)).isEqualTo("to the queue");
        assertThat(topic.receiveNoWait()).isNull();
        assertThat(queue.receiveNoWait()).isNull();
        assertThat(NEWS).isNotEqualTo(queue("news"));
    }

    @Test
    void shouldEndAPlainSubscriptionWithItsConsumer_8_3_1() throws JMSException {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer consumer = session.createConsumer(NEWS);
        publish(session, "a");
        consumer.close();
        publish(session, "b");
        MessageConsumer next = session.createConsumer(NEWS);
        publish(session, "c");
        assertThat(drain(next)).containsExactly("c");
        assertThat(left(connection)).isZero();
    }

    /** How many messages the domain still keeps for somebody. */
    private static int left(BelfryConnection connection) {
        return Held.size(connection.domain);
    }

    @Test
    @WaitsForOthers
    void shouldForgetWhatAllHaveAcknowledged_8_3() throws JMSException {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer one = session.createConsumer(NEWS);
        MessageConsumer two = auto(connect(new Domains())).createConsumer(NEWS);
        publish(session, "a", "b");
        assertThat(texts(one, 2)).containsExactly("a", "b");
        assertThat(left(connection)).isEqualTo(2);
        assertThat(texts(two, 2)).containsExactly("a", "b");
        Patience.until("nothing is left", () -> left(connection) == 0); // another member tells when it is idle
    }

    @Test
    void shouldDeliverWhatASelectorSelectsAndKeepNothingElse_3_8() throws JMSException {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer red = session.createConsumer(NEWS, "colour = 'red'");
        MessageConsumer shared = session.createSharedConsumer(NEWS, "s", "colour = 'red'");
        for (int i = 0; i < 700; i++) publishA("blue", session, "blue " + i);
        publishA("red", session, "red");
        assertThat(text(red)).isEqualTo("red");
        assertThat(text(shared)).isEqualTo("red");
        assertThat(red.getMessageSelector()).isEqualTo("colour = 'red'");
        assertThat(left(connection)).isZero();
    }

    @Test
    void shouldNotDeliverWhatItsOwnConnectionPublishesIfItSaysSo_8_3_1() throws JMSException {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer others = session.createConsumer(NEWS, null, true);
        MessageConsumer all = session.createConsumer(NEWS, null, false);
        publish(auto(connection), "own");
        publish(auto(connect()), "of another connection");
        publish(auto(connect(new Domains())), "of another member");
        assertThat(texts(others, 2)).containsExactly("of another connection", "of another member");
        assertThat(texts(all, 3)).hasSize(3);
        assertThat(left(connection)).isZero();
    }

    @Test
    void shouldRedeliverToItsSubscriberAlone_6_2_11() throws JMSException {
        BelfrySession session = client(connect());
        MessageConsumer one = session.createConsumer(NEWS);
        MessageConsumer two = auto(connect()).createConsumer(NEWS);
        publish(session, "a", "b");
        assertThat(texts(one, 2)).containsExactly("a", "b");
        assertThat(texts(two, 2)).containsExactly("a", "b");
        session.recover();
        TextMessage again = next(one);
        assertThat(again.getText()).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(count(again)).isEqualTo(2);
        next(one).acknowledge();
        session.recover();
        assertThat(one.receiveNoWait()).isNull();
        assertThat(two.receiveNoWait()).isNull();
    }

    @Test
    void shouldOwnAMessageOnceForEachSubscription() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession one = client(connection);
        BelfrySession two = client(connect());
        MessageConsumer first = one.createSharedConsumer(NEWS, "first");
        MessageConsumer second = two.createSharedConsumer(NEWS, "second");
        publish(one, "x");
        assertThat(text(first) + text(second)).isEqualTo("xx");
        List<Taken> delivered = new ArrayList<>(one.settlement.delivered);
        delivered.addAll(two.settlement.delivered);
        assertThat(Held.notOwned(connection.domain, delivered)).isEmpty();
        two.settlement.acknowledge();
        assertThat(Held.notOwned(connection.domain, one.settlement.delivered)).isEmpty();
    }

    @Test
    void shouldPublishAndReceiveInTransactions_6_2_7() throws JMSException {
        BelfrySession session = transacted(connect());
        MessageConsumer consumer = session.createConsumer(NEWS);
        MessageConsumer other = auto(connect(new Domains())).createConsumer(NEWS);
        publish(session, "rolled back");
        session.rollback();
        publish(session, "a", "b");
        send(session, "q", "beside it");
        assertThat(other.receiveNoWait()).isNull();
        session.commit();
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        session.rollback();
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        session.commit();
        assertThat(texts(other, 2)).containsExactly("a", "b");
        assertThat(text(auto(connect()).createConsumer(queue("q")))).isEqualTo("beside it");
    }

    @WaitsForOthers
    @Test
    void shouldCallListenersInOrderOfPriority_8_7() throws JMSException {
        BelfryConnection connection = open(new Domains());
        ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 2; i++)
            auto(connection).createConsumer(NEWS).setMessageListener(m -> {
                try {
                    got.add(((TextMessage) m).getText());
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(NEWS);
        for (int priority : new int[] {1, 9, 5})
            producer.send(session.createTextMessage("" + priority), 1, priority, 0);
        assertThat(got).isEmpty();
        connection.start();
        Patience.until("six messages", () -> got.size() == 6);
        List<String> sorted = new ArrayList<>(got);
        sorted.sort(null);
        assertThat(sorted).containsExactly("1", "1", "5", "5", "9", "9");
    }

    /** Few of them sleep in the log, whose readers may not be many; the others are woken by who reads for them. */
    @WaitsForOthers
    @Test
    void shouldCallTheListenersOfManySessions_8_7() throws JMSException {
        BelfryConnection connection = connect();
        ConcurrentLinkedQueue<Message> got = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 7; i++) auto(connection).createConsumer(NEWS).setMessageListener(got::add);
        Session sender = auto(connect(new Domains()));
        for (int i = 1; i <= 3; i++) {
            int all = 7 * i;
            publish(sender, "" + i);
            Patience.until("one more for each", () -> got.size() == all);
        }
    }

    @Test
    void shouldDropWhatHasExpired_3_4_9() throws Exception {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer consumer = session.createConsumer(NEWS);
        session.createProducer(NEWS).send(session.createTextMessage("short"), 1, 4, 1);
        Thread.sleep(5);
        publish(session, "long");
        assertThat(text(consumer)).isEqualTo("long");
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(left(connection)).isZero();
    }

    @Test
    void shouldMoveWhatCameTooOftenToTheDeadLetters() throws JMSException {
        BelfrySession session = transacted(connect("maxDeliveries=2"));
        MessageConsumer consumer = session.createConsumer(NEWS);
        publish(auto(connect()), "poison", "good");
        for (int i = 0; i < 2; i++) {
            assertThat(text(consumer)).isEqualTo("poison");
            session.rollback();
        }
        assertThat(text(consumer)).isEqualTo("good");
        session.commit();
        TextMessage dead = next(auto(connect()).createConsumer(queue("DLQ")));
        assertThat(dead.getText()).isEqualTo("poison");
        assertThat(dead.getStringProperty("JMS_BELFRY_Topic")).isEqualTo("news");
    }

    // ---- durable ones

    @Test
    void shouldKeepMessagesForADurableSubscriptionWithoutConsumer_8_3_3() throws JMSException {
        BelfryConnection first = connect(new Domains(), "clientID=c");
        auto(first).createDurableConsumer(NEWS, "audit").close();
        Session sender = auto(connect());
        publish(sender, "a");
        first.close();
        publish(sender, "b");
        BelfryConnection second = connect("clientID=c");
        MessageConsumer audit = auto(second).createDurableSubscriber(NEWS, "audit");
        publish(sender, "c");
        assertThat(texts(audit, 3)).containsExactly("a", "b", "c");
        audit.close();
        auto(second).unsubscribe("audit");
        publish(sender, "d");
        assertThat(left(second)).isZero();
        assertThat(drain(auto(second).createDurableConsumer(NEWS, "audit"))).isEmpty();
    }

    @Test
    void shouldNeedAClientIdForADurableUnsharedSubscription_8_3_3() throws JMSException {
        Session session = auto(connect());
        assertThatThrownBy(() -> session.createDurableConsumer(NEWS, "audit"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no client id");
        session.createSharedDurableConsumer(NEWS, "audit").close();
    }

    @Test
    void shouldHaveOneConsumerOfAnUnsharedDurableSubscription_8_3_3() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        MessageConsumer consumer = auto(connection).createDurableConsumer(NEWS, "audit");
        assertThatThrownBy(() -> auto(connection).createDurableConsumer(NEWS, "audit"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("has a consumer");
        assertThatThrownBy(() -> auto(connection).unsubscribe("audit")).hasMessageContaining("has a consumer");
        publish(auto(connection), "x");
        assertThat(text(consumer)).isEqualTo("x");
        consumer.close();
        auto(connection).createDurableConsumer(NEWS, "audit").close();
    }

    @Test
    void shouldBeAnotherSubscriptionWhenItIsDefinedOtherwise_8_3_3() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        BelfrySession session = client(connection);
        MessageConsumer first = session.createDurableConsumer(NEWS, "audit");
        publishA("red", session, "old");
        assertThat(text(first)).isEqualTo("old");
        first.close();
        assertThatThrownBy(() -> session.createDurableConsumer(NEWS, "audit", "colour = 'red'", false))
                .as("a message of it is not acknowledged")
                .isInstanceOf(JMSException.class);
        session.settlement.acknowledge();
        publishA("red", session, "before");
        MessageConsumer second = session.createDurableConsumer(NEWS, "audit", "colour = 'red'", false);
        publishA("red", session, "after");
        publishA("blue", session, "other");
        assertThat(drain(second)).containsExactly("after");
    }

    @Test
    void shouldNotMixSharedAndUnsharedDurableSubscriptions_8_3_4() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        Session session = auto(connection);
        session.createDurableConsumer(NEWS, "audit").close();
        assertThatThrownBy(() -> session.createSharedDurableConsumer(NEWS, "audit"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("unshared where this is shared");
        session.createSharedConsumer(NEWS, "audit").close(); // not durable: another one
        session.unsubscribe("audit");
        session.createSharedDurableConsumer(NEWS, "audit").close();
    }

    @Test
    void shouldKeepNothingThatADurableSubscriptionDoesNotWant_8_3_3() throws JMSException {
        BelfryConnection connection = connect("clientID=c", "capacity=64k", "maxCapacity=64k");
        auto(connection)
                .createDurableConsumer(NEWS, "audit", "colour = 'red'", true)
                .close();
        Session sender = auto(connect(new Domains()));
        publishA("red", sender, "first");
        publishA("red", auto(connection), "own");
        for (int i = 0; i < 3_000; i++) publishA("blue", sender, "blue " + i);
        publishA("red", sender, "last");
        assertThat(drain(auto(connection).createDurableConsumer(NEWS, "audit", "colour = 'red'", true)))
                .containsExactly("first", "last");
    }

    @Test
    void shouldRefuseToUnsubscribeWhatIsNotThereOrHasAMessageInHand_6_2_4() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        BelfrySession session = transacted(connection);
        assertThatThrownBy(() -> session.unsubscribe("nothing"))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("'nothing' of client 'c'");
        MessageConsumer consumer = session.createDurableConsumer(NEWS, "audit");
        publish(auto(connection), "x");
        next(consumer);
        consumer.close();
        assertThatThrownBy(() -> session.unsubscribe("audit"))
                .isExactlyInstanceOf(JMSException.class)
                .hasMessageContaining("not acknowledged");
        session.commit();
        session.unsubscribe("audit");
        assertThat(left(connection)).isZero();
    }

    // ---- shared ones

    @Test
    void shouldShareASubscription_8_3_2() throws JMSException {
        MessageConsumer one = auto(connect("prefetch=1")).createSharedConsumer(NEWS, "workers");
        MessageConsumer two = auto(connect(new Domains(), "prefetch=1")).createSharedConsumer(NEWS, "workers");
        MessageConsumer alone = auto(connect()).createSharedConsumer(NEWS, "others");
        Session sender = auto(connect(new Domains()));
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            publish(sender, "" + i);
            all.add("" + i);
        }
        List<String> got = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            got.add(text(one));
            got.add(text(two));
        }
        assertThat(got).containsExactlyInAnyOrderElementsOf(all);
        assertThat(one.receiveNoWait()).isNull();
        assertThat(two.receiveNoWait()).isNull();
        assertThat(texts(alone, 20)).containsExactlyElementsOf(all);
    }

    @Test
    void shouldEndASharedSubscriptionWithItsLastConsumer_8_3_2() throws JMSException {
        BelfryConnection connection = connect();
        Session session = auto(connection);
        MessageConsumer one = session.createSharedConsumer(NEWS, "workers");
        MessageConsumer two = auto(connect()).createSharedConsumer(NEWS, "workers");
        publish(session, "a");
        one.close();
        assertThat(text(two)).isEqualTo("a");
        publish(session, "b");
        two.close();
        assertThat(left(connection)).isZero();
        assertThat(drain(session.createSharedConsumer(NEWS, "workers"))).isEmpty();
    }

    @Test
    void shouldRefuseAnotherDefinitionOfASharedSubscriptionInUse_8_3_2() throws JMSException {
        Session session = auto(connect());
        session.createSharedConsumer(NEWS, "workers", "a = 1");
        assertThatThrownBy(() -> session.createSharedConsumer(NEWS, "workers"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("'workers' of topic 'news'");
        Session named = auto(connect("clientID=c"));
        named.createSharedConsumer(NEWS, "workers"); // of a client id: another one
    }

    @Test
    void shouldShareADurableSubscription_8_3_4() throws JMSException {
        Session sender = auto(connect());
        auto(connect(new Domains()))
                .createSharedDurableConsumer(NEWS, "work", "a is null")
                .close();
        publish(sender, "1", "2");
        MessageConsumer one = auto(connect(new Domains())).createSharedDurableConsumer(NEWS, "work", "a is null");
        MessageConsumer two = auto(connect(new Domains())).createSharedDurableConsumer(NEWS, "work", "a is null");
        assertThat(List.of(text(one), text(two))).containsExactlyInAnyOrder("1", "2");
        one.close();
        two.close();
        sender.unsubscribe("work");
    }

    @Test
    void shouldGiveWhatALeavingMemberHeldToAnother_6_2_7() throws JMSException {
        BelfryConnection leaves = connect(new Domains());
        BelfrySession session = transacted(leaves);
        MessageConsumer first = session.createSharedDurableConsumer(NEWS, "work");
        publish(auto(connect()), "a", "b");
        assertThat(text(first)).isEqualTo("a");
        leaves.close();
        MessageConsumer second = auto(connect()).createSharedDurableConsumer(NEWS, "work");
        TextMessage again = next(second);
        assertThat(again.getText()).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(text(second)).isEqualTo("b");
    }

    // ---- temporary topics, the other interfaces

    @Test
    void shouldLetItsConnectionAloneConsumeATemporaryTopic_6_2_2() throws JMSException {
        BelfryConnection owner = connect("clientID=c");
        Session session = auto(owner);
        TemporaryTopic mine = session.createTemporaryTopic();
        Session other = auto(connect(new Domains()));
        assertThatThrownBy(() -> other.createConsumer(mine)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(mine, "x"))
                .isInstanceOf(InvalidDestinationException.class);
        MessageConsumer consumer = session.createConsumer(mine);
        other.createProducer(mine).send(other.createTextMessage("x"));
        assertThat(text(consumer)).isEqualTo("x");
        assertThatThrownBy(mine::delete).hasMessageContaining("has a consumer");
        consumer.close();
        mine.delete();
        assertThatThrownBy(() -> session.createConsumer(mine)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> other.createProducer(mine).send(other.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @WaitsForOthers
    @Test
    void shouldServeATopicRequestor_6_2_3() throws Exception {
        TopicSession session = auto(connect());
        BelfrySession server = auto(connect(new Domains()));
        server.createConsumer(NEWS).setMessageListener(m -> {
            try {
                assertThat(m.getJMSReplyTo()).isInstanceOf(TemporaryTopic.class);
                server.createProducer(m.getJMSReplyTo()).send(server.createTextMessage("pong"));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        TopicRequestor requestor = new TopicRequestor(session, NEWS);
        assertThat(((TextMessage) requestor.request(session.createTextMessage("ping"))).getText())
                .isEqualTo("pong");
        requestor.close();
    }

    @Test
    void shouldHaveTheOldInterfaces_9() throws JMSException {
        TopicSession session = auto(connect());
        TopicSubscriber subscriber = session.createSubscriber(session.createTopic("news"), "a is null", true);
        assertThat(subscriber.getTopic()).isEqualTo(NEWS);
        assertThat(subscriber.getNoLocal()).isTrue();
        TopicPublisher publisher = auto(connect()).createPublisher(NEWS);
        assertThat(publisher.getTopic()).isEqualTo(NEWS);
        publisher.publish(session.createTextMessage("x"));
        assertThat(text(subscriber)).isEqualTo("x");
        subscriber.close();
        assertThatThrownBy(subscriber::getTopic).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createTopic("")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSubscriber(null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void shouldBeThereInContexts_2_8() throws JMSException {
        try (JMSContext context = BelfryContext.of(open(new Domains(), "clientID=c"), JMSContext.AUTO_ACKNOWLEDGE)) {
            Topic topic = context.createTopic("news");
            List<JMSConsumer> all = List.of(
                    context.createConsumer(topic),
                    context.createSharedConsumer(topic, "s"),
                    context.createDurableConsumer(topic, "d"),
                    context.createSharedDurableConsumer(topic, "sd"));
            context.createProducer().send(topic, "x");
            for (JMSConsumer one : all) {
                assertThat(one.receiveBody(String.class)).isEqualTo("x");
                one.close();
            }
            context.unsubscribe("d");
            context.unsubscribe("sd");
            assertThat(context.createTemporaryTopic()).isNotNull();
        }
    }

    // ---- room

    @Test
    void shouldNameTheSubscriptionThatHoldsAFullDomain() throws JMSException {
        BelfryConnection connection = connect("clientID=c", "capacity=64k", "maxCapacity=64k", "sendTimeout=100ms");
        auto(connection).createDurableConsumer(NEWS, "audit").close();
        Session session = auto(connection);
        String long1000 = "x".repeat(1000);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) publish(session, long1000);
                })
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("topic 'news' with")
                .hasMessageContaining("the durable subscription 'audit' of client 'c' that nobody uses");
        session.unsubscribe("audit");
        for (int i = 0; i < 200; i++) publish(session, long1000);
    }

    @Test
    void shouldKeepWhatLivesWhileTheLogIsLapped() throws JMSException {
        BelfryConnection connection = connect("clientID=c", "capacity=64k", "maxCapacity=64k");
        auto(connection).createDurableConsumer(NEWS, "audit").close();
        Session session = auto(connection);
        publish(session, "a", "b");
        for (int i = 0; i < 2_000; i++) {
            send(session, "q", "x".repeat(100));
            assertThat(drain(session.createConsumer(queue("q")))).hasSize(1);
            if (i == 1000) publish(session, "c");
        }
        BelfryConnection late = connect(new Domains());
        Message none = auto(late).createConsumer(NEWS).receiveNoWait();
        assertThat(none).isNull();
        assertThat(drain(auto(connection).createDurableConsumer(NEWS, "audit"))).containsExactly("a", "b", "c");
    }
}
