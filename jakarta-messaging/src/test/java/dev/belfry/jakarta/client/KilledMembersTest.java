package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.spi.Log;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes share the queues of a domain in shared memory, and one of them is killed. */
@WaitsForOthers
class KilledMembersTest extends DomainTest {
    /** Messages that one transaction sends to each of two queues. */
    static final int EACH = 60;

    private static final int ALL = 120;
    private static final int ENDED = 5;
    private static final int HELD = 3;
    /** Of so many messages a log of 64 KiB is lapped twice. */
    private static final int LAPPING = 600;

    private static final String FILLING = " ".repeat(200);
    private static final Topic NEWS = new BelfryTopic("news");

    private final List<ChildJvm> children = new ArrayList<>();

    @Override
    String scheme() {
        return "shm";
    }

    /** Before the domain is deleted. */
    @AfterEach
    void endChildren() {
        children.forEach(ChildJvm::close);
    }

    private ChildJvm member(String title, int mode) {
        return member(title, "", mode);
    }

    private ChildJvm member(String title, String settings, int mode) {
        ChildJvm child = JavaCommand.of(QueueMember.class, domain + settings, "" + mode)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .title(title)
                .start();
        children.add(child);
        return child;
    }

    private static List<String> hold(ChildJvm consumer, int n) {
        consumer.tell("hold " + n);
        List<String> got = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            String[] words = consumer.expect("got").split(" ");
            assertThat(words[1]).as("%s was redelivered", words[0]).isEqualTo("false");
            got.add(words[0]);
        }
        return got;
    }

    @Slow
    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void shouldGiveWhatAKilledConsumerHeldToAnother(int mode) throws JMSException {
        ChildJvm producer = member("producer", Session.AUTO_ACKNOWLEDGE);
        ChildJvm victim = member("victim", mode);
        ChildJvm other = member("other", mode);
        for (ChildJvm one : children) one.expect("ready");
        victim.ask("consume q", "ok");
        other.ask("consume q", "ok");
        producer.ask("send q 0 " + ALL / 2, "ok");
        List<String> ended = hold(victim, ENDED);
        victim.ask("end", "ok");
        List<String> held = hold(victim, HELD);

        producer.tell("send q " + ALL / 2 + " " + ALL);
        other.tell("serve " + (ALL - ENDED));
        List<String> redelivered = new ArrayList<>();
        for (int i = 0; i < ALL - ENDED; i++) {
            if (i == 1) victim.kill(); // the others are in the middle of their work
            String[] words = other.expect("served").split(" ");
            ended.add(words[0]);
            if (words[1].equals("true")) redelivered.add(words[0]);
        }
        producer.expect("ok");
        assertThat(ended).containsExactlyInAnyOrderElementsOf(numbers());
        assertThat(redelivered).containsAll(held);
        assertThat(other.ask("rest")).isEqualTo("nothing");
        if (mode == Session.SESSION_TRANSACTED)
            assertThat(drain(auto(connect()).createConsumer(queue("done"))))
                    .containsExactlyInAnyOrderElementsOf(numbers());
    }

    /** It is the last one. Whoever comes next asks once for what is there now, and ends. */
    @Test
    void shouldGiveWhatAKilledConsumerHeldToOneThatDoesNotWait() throws JMSException {
        ChildJvm victim = member("victim", Session.CLIENT_ACKNOWLEDGE);
        victim.expect("ready");
        victim.ask("consume q", "ok");
        victim.ask("send q 0 " + HELD, "ok");
        hold(victim, HELD);
        victim.kill();
        assertThat(drain(auto(connect()).createConsumer(queue("q"))))
                .containsExactlyElementsOf(numbers().subList(0, HELD));
    }

    /** One of each kind is killed with messages in its hands; what is shared or durable goes on where it was. */
    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    @Slow
    void shouldKeepTheSubscriptionsOfKilledConsumers(int mode) throws JMSException {
        ChildJvm producer = member("producer", Session.AUTO_ACKNOWLEDGE);
        ChildJvm plain = member("plain", mode);
        ChildJvm sharing = member("sharing", mode);
        ChildJvm durable = member("durable", "?clientID=c", mode);
        ChildJvm survivor = member("survivor", mode);
        ChildJvm witness = member("witness", mode);
        for (ChildJvm one : children) one.expect("ready");
        plain.ask("subscribe plain", "ok");
        sharing.ask("subscribe shared-durable work", "ok");
        survivor.ask("subscribe shared-durable work", "ok");
        durable.ask("subscribe durable audit", "ok");
        witness.ask("subscribe plain", "ok");
        producer.ask("publish 0 " + ALL / 2, "ok");
        hold(plain, HELD);
        List<String> shared = hold(sharing, ENDED);
        sharing.ask("end", "ok");
        List<String> held = hold(sharing, HELD);
        hold(durable, ENDED);
        durable.ask("end", "ok");
        hold(durable, HELD);
        for (ChildJvm one : List.of(plain, sharing, durable)) one.kill();
        producer.ask("publish " + ALL / 2 + " " + ALL, "ok");

        survivor.tell("serve " + (ALL - ENDED));
        List<String> redelivered = served(survivor, ALL - ENDED, shared);
        assertThat(shared).containsExactlyInAnyOrderElementsOf(numbers());
        assertThat(redelivered).containsAll(held);
        ChildJvm again = member("again", "?clientID=c", mode);
        again.expect("ready");
        again.ask("subscribe durable audit", "ok");
        again.tell("serve " + (ALL - ENDED));
        List<String> audited = new ArrayList<>();
        assertThat(served(again, ALL - ENDED, audited)).containsAll(numbers().subList(ENDED, ENDED + HELD));
        assertThat(audited).containsExactlyInAnyOrderElementsOf(numbers().subList(ENDED, ALL));
        witness.tell("serve " + ALL);
        List<String> seen = new ArrayList<>();
        assertThat(served(witness, ALL, seen)).isEmpty();
        assertThat(seen).containsExactlyElementsOf(numbers());
        for (ChildJvm one : List.of(survivor, again, witness))
            assertThat(one.ask("rest")).isEqualTo("nothing");
    }

    /** It had a plain subscription, a temporary queue and a temporary topic of its own, and one subscription shared. */
    @Test
    @Slow
    void shouldEndWhatAKilledProcessHadAlone() throws JMSException {
        BelfryConnection connection = connect("capacity=64k", "maxCapacity=64k");
        BelfrySession here = auto(connection);
        MessageConsumer requests = here.createConsumer(queue("requests"));
        MessageConsumer survivor = here.createSharedConsumer(NEWS, "work");
        MessageConsumer witness = here.createConsumer(NEWS);
        ChildJvm victim = member("victim", Session.CLIENT_ACKNOWLEDGE);
        victim.expect("ready");
        victim.ask("request queue", "ok");
        victim.ask("request topic", "ok");
        victim.ask("subscribe shared work", "ok");
        publish(here, 0, ALL / 2);
        List<String> held = hold(victim, HELD);
        victim.ask("subscribe plain", "ok");
        publish(here, ALL / 2, ALL);
        hold(victim, HELD);
        MessageProducer producer = here.createProducer(null);
        List<Destination> replies =
                List.of(next(requests).getJMSReplyTo(), next(requests).getJMSReplyTo());
        for (Destination one : replies) producer.send(one, here.createTextMessage("in time"));
        victim.kill();
        for (Destination one : replies)
            assertThatThrownBy(() -> producer.send(one, here.createTextMessage("late")))
                    .isInstanceOf(InvalidDestinationException.class);

        List<String> shared = new ArrayList<>();
        List<String> redelivered = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < LAPPING; i++) {
            if (i >= ALL) publish(here, i, i + 1);
            TextMessage message = next(survivor);
            shared.add(message.getText().strip());
            if (message.getJMSRedelivered()) redelivered.add(message.getText().strip());
            seen.add(text(witness).strip());
        }
        assertThat(shared).containsExactlyInAnyOrderElementsOf(numbers(LAPPING));
        assertThat(redelivered).containsAll(held);
        assertThat(seen).isEqualTo(numbers(LAPPING));
        Patience.until("nothing is left", () -> Held.size(connection.domain) == 0);
    }

    private static void publish(BelfrySession session, int from, int to) throws JMSException {
        MessageProducer producer = session.createProducer(NEWS);
        for (int i = from; i < to; i++) producer.send(session.createTextMessage(i + FILLING));
        producer.close();
    }

    /** Those that were redelivered; all are added to {@code to}. */
    private static List<String> served(ChildJvm by, int n, List<String> to) {
        List<String> redelivered = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            String[] words = by.expect("served").split(" ");
            to.add(words[0]);
            if (words[1].equals("true")) redelivered.add(words[0]);
        }
        return redelivered;
    }

    private static List<String> numbers() {
        return numbers(ALL);
    }

    private static List<String> numbers(int n) {
        return IntStream.range(0, n).mapToObj(i -> "" + i).toList();
    }

    /** Of a commit in stages this is the first or second of many. */
    private static void killAfterItsNextRecord(ChildJvm producer, MessageQueue log) {
        long before = log.stats().newestPosition();
        while (log.stats().newestPosition() == before && producer.isAlive()) Thread.onSpinWait();
        producer.killSoon();
        producer.kill();
    }

    /** In one record, and in several stages. */
    @ParameterizedTest
    @ValueSource(ints = {10, 20_000})
    @Slow
    void shouldSendToBothQueuesOrToNone(int length) throws JMSException {
        ChildJvm producer = member("producer", Session.SESSION_TRANSACTED);
        producer.expect("ready");
        int committed = -1;
        try (MessageQueue log = MessageQueues.open(domain + "?create=OPEN_EXISTING&" + Log.KIND + "=" + Log.DOMAIN)) {
            producer.tell("pairs q p " + length); // now that the log is open here: it goes on until it is killed
            for (int i = 0; i < 8; i++) {
                producer.expect("commit " + i);
                if (i < 7) producer.expect("committed " + i);
                if (i < 7) committed = i;
            }
            killAfterItsNextRecord(producer, log);
        }
        List<String> both = new ArrayList<>();
        BelfrySession session = auto(connect());
        for (String queue : List.of("q", "p")) {
            MessageConsumer consumer = session.createConsumer(queue(queue));
            List<String> got =
                    drain(consumer).stream().map(s -> s.split(" ")[0]).toList();
            List<String> whole = IntStream.range(0, got.size())
                    .mapToObj(i -> i / EACH + "." + i % EACH)
                    .toList();
            assertThat(got).isEqualTo(whole);
            both.add(got.size() + "");
            assertThat(got.size() % EACH).isZero();
            assertThat(got.size() / EACH).isGreaterThan(committed);
        }
        assertThat(both.get(0)).isEqualTo(both.get(1));
    }
}
