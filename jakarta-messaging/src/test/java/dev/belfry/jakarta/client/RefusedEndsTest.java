package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.domain.HeldLog;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The end of what a session has taken is refused, as the log is held. Then no message is done that was not to be, and
 * none stays with nobody: it comes again, or is gone, once the log is free.
 */
@WaitsForOthers
@Slow
class RefusedEndsTest extends DomainTest {
    private static final String AT_ONCE = "sendTimeout=0s";

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private BelfryConnection connection;
    private BelfrySession other;

    @BeforeEach
    void begin() throws JMSException {
        connection = connect(AT_ONCE);
        other = auto(connection);
    }

    /** Another session of the same member: what a dead list held would never come to it. */
    private void assertComes(String queue, String text, int deliveries) throws JMSException {
        try (MessageConsumer consumer = other.createConsumer(queue(queue))) {
            TextMessage message = next(consumer);
            assertThat(message.getText()).isEqualTo(text);
            assertThat(count(message)).isEqualTo(deliveries);
        }
    }

    private void awaitNothingLeft() {
        Patience.until("no message is left", () -> Held.live(connection.domain) == 0);
    }

    private void assertOwned(BelfrySession session) {
        assertThat(Held.notOwned(connection.domain, session.settlement.delivered))
                .isEmpty();
    }

    // ---- transactions

    @Test
    void shouldRollBackACommitThatIsRefused() throws JMSException {
        send(other, "q", "request");
        BelfrySession session = transacted(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("request");
        send(session, "out", "reply");
        HeldLog.during(domain, () -> {
            assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
            assertOwned(session);
        });
        session.commit(); // of nothing
        assertThat(drain(other.createConsumer(queue("out")))).isEmpty();
        TextMessage again = next(consumer);
        assertThat(count(again)).isEqualTo(2);
        send(session, "out", "reply 2");
        session.commit();
        session.close();
        assertThat(drain(other.createConsumer(queue("out")))).containsExactly("reply 2");
        awaitNothingLeft();
    }

    @Test
    void shouldRollBackThoughThatIsRefused() throws JMSException {
        send(other, "q", "1");
        BelfrySession session = transacted(connection);
        assertThat(text(session.createConsumer(queue("q")))).isEqualTo("1");
        send(session, "q", "2");
        HeldLog.during(domain, () -> {
            session.rollback();
            assertOwned(session);
        });
        session.commit();
        session.close();
        assertComes("q", "1", 2);
        awaitNothingLeft();
    }

    // ---- closing

    @ParameterizedTest
    @ValueSource(ints = {Session.SESSION_TRANSACTED, Session.CLIENT_ACKNOWLEDGE})
    void shouldGiveBackWhatASessionHadThatWasClosed(int mode) throws JMSException {
        send(other, "q", "1");
        BelfrySession session = connection.createSession(mode);
        assertThat(text(session.createConsumer(queue("q")))).isEqualTo("1");
        HeldLog.during(domain, () -> {
            session.close();
            assertOwned(session);
        });
        assertComes("q", "1", 2);
    }

    @Test
    void shouldAcknowledgeWhatALazySessionHadThatWasClosed() throws JMSException {
        send(other, "q", "1");
        BelfrySession session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        assertThat(text(session.createConsumer(queue("q")))).isEqualTo("1");
        HeldLog.during(domain, () -> {
            session.close();
            assertOwned(session);
        });
        send(other, "q", "2");
        assertComes("q", "2", 1);
        assertThat(drain(other.createConsumer(queue("q")))).isEmpty();
    }

    /** The first that is refused: what comes after it would be refused as well, each after a wait. */
    @Test
    void shouldTryOnceToTellWhatBecomesOfAll() throws JMSException {
        for (int i = 0; i < 4; i++) send(other, "q" + i, "" + i);
        BelfrySession session = transacted(connect("sendTimeout=20s"));
        for (int i = 0; i < 4; i++) {
            MessageConsumer consumer = session.createConsumer(queue("q" + i));
            assertThat(text(consumer)).isEqualTo("" + i);
            if (i < 2) consumer.close();
        }
        HeldLog.during(domain, () -> {
            session.rollback();
            session.close();
            assertThat(Held.refused(connection.domain)).isOne();
            assertOwned(session);
        });
        for (int i = 0; i < 4; i++) assertComes("q" + i, "" + i, 2);
    }

    /** Its end could not be told before the member leaves, which gives back what it holds. */
    @Test
    void shouldTellBeforeTheMemberLeavesWhatWasHandled() throws Exception {
        send(other, "q", "1");
        BelfryConnection leaves = connect(new Domains(), "sendTimeout=20s");
        BelfrySession session = leaves.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        assertThat(text(session.createConsumer(queue("q")))).isEqualTo("1");
        CompletableFuture<Void> left = new CompletableFuture<>();
        HeldLog.during(domain, () -> {
            session.close();
            new Thread(() -> {
                        Jms.uncheckedAct(leaves::close);
                        left.complete(null);
                    })
                    .start();
            Patience.pause(2_000); // so that a first try was refused
            assertThat(left).isNotDone();
        });
        left.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        assertThat(drain(other.createConsumer(queue("q")))).isEmpty();
        awaitNothingLeft();
    }

    // ---- receiving

    @Test
    void shouldMoveLaterWhatWasInterruptedOnItsWayToTheDeadLetters() throws JMSException {
        send(other, "q", "1");
        BelfrySession session = transacted(connect("sendTimeout=20s", "maxDeliveries=1"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("1");
        session.rollback();
        HeldLog.during(domain, () -> {
            Thread.currentThread().interrupt();
            assertThat(consumer.receiveNoWait()).isNull();
            assertThat(Thread.interrupted()).isTrue();
            assertOwned(session);
        });
        session.close();
        BelfrySession moves = auto(connect("maxDeliveries=1"));
        MessageConsumer again = moves.createConsumer(queue("q"));
        MessageConsumer dead = other.createConsumer(queue("DLQ"));
        Message moved = null;
        while (moved == null) {
            assertThat(again.receive(SHORT)).isNull();
            moved = dead.receiveNoWait();
        }
    }

    @Test
    void shouldEndWhatHasExpired() throws Exception {
        BelfrySession session = client(connection);
        BelfryConsumer consumer = (BelfryConsumer) session.createConsumer(queue("q"));
        MessageProducer producer = other.createProducer(queue("q"));
        producer.setTimeToLive(2_000);
        for (int i = 0; i < 100; i++) producer.send(other.createTextMessage("" + i));
        Message last = next(consumer);
        while (((LocalConsumer) consumer.local).isEmpty())
            last = next(consumer); // it takes more than one as it goes on
        consumer.local.hungry(true); // so that they stay buffered
        Thread.sleep(2_000);
        HeldLog.during(domain, () -> {
            assertThat(consumer.receiveNoWait()).isNull();
            assertOwned(session);
        });
        last.acknowledge();
        session.close();
        assertThat(other.createConsumer(queue("q")).receiveNoWait())
                .as("it drops what was not taken")
                .isNull();
        awaitNothingLeft();
    }

    @Test
    void shouldReceiveAgainWhatCouldNotBeAcknowledged() throws JMSException {
        send(other, "q", "1");
        BelfrySession session = auto(connection);
        BelfryConsumer consumer = (BelfryConsumer) session.createConsumer(queue("q"));
        consumer.local.hungry(true);
        connection.domain.turn();
        HeldLog.during(domain, () -> {
            assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(ResourceAllocationException.class);
            assertOwned(session);
        });
        assertThat(count(next(consumer))).isOne();
        awaitNothingLeft();
    }

    // ---- listeners

    /** The first message is handed over while the log is free, and its end is refused. */
    private interface Body {
        void run(int turn) throws JMSException;
    }

    private List<String> listenHeld(BelfrySession session, Body body) throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        session.createConsumer(queue("q"))
                .setMessageListener(m -> Jms.uncheckedAct(() -> {
                    got.add(((TextMessage) m).getText() + "/" + count(m));
                    int turn = got.size();
                    entered.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    try {
                        body.run(turn);
                    } finally {
                        if (turn > 1) refused.countDown();
                    }
                }));
        for (int i = 0; i < 3; i++) send(other, "q", "" + i);
        entered.await();
        HeldLog.during(domain, () -> {
            goOn.countDown();
            Patience.pause(1_500); // so that the end of the first one was refused
        });
        send(other, "q", "3");
        return got;
    }

    private void awaitEach(List<String> got, String... texts) {
        Patience.until("all are delivered: " + got, () -> got.containsAll(List.of(texts)));
        awaitNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void shouldAcknowledgeLaterWhatAListenerHasHandled(int mode) throws Exception {
        List<String> got = listenHeld(connection.createSession(mode), turn -> {});
        awaitEach(got, "0/1", "1/1", "2/1", "3/1");
        assertThat(got).hasSize(4);
    }

    /** Or it would come again after the session is closed. */
    @Test
    void shouldCloseAfterItWasToldWhatAListenerHasHandled() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BelfrySession session = auto(connect("sendTimeout=20s"));
        session.createConsumer(queue("q")).setMessageListener(m -> {
            entered.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        send(other, "q", "1");
        entered.await();
        AtomicReference<CompletableFuture<Void>> closing = new AtomicReference<>();
        HeldLog.during(domain, () -> {
            closing.set(CompletableFuture.runAsync(() -> Jms.uncheckedAct(session::close)));
            Patience.until("it is being closed", () -> isClosed(session));
            goOn.countDown();
            Patience.pause(3_000); // its acknowledgement is refused before
            assertThat(closing.get()).as("the close of its session").isNotDone();
        });
        closing.get().join();
        assertThat(log.text()).doesNotContain("is told later");
        assertThat(Held.live(connection.domain)).isZero();
    }

    private static boolean isClosed(Session session) {
        try {
            session.getTransacted();
            return false;
        } catch (JMSException closed) {
            return true;
        }
    }

    /** While it waits for a message, and while it tells that it has handled one. */
    @Test
    void shouldListenOnThoughItsThreadIsInterrupted() throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        AtomicReference<Thread> listens = new AtomicReference<>();
        CountDownLatch goOn = new CountDownLatch(1);
        auto(connect("sendTimeout=20s"))
                .createConsumer(queue("q"))
                .setMessageListener(m -> Jms.uncheckedAct(() -> {
                    listens.set(Thread.currentThread());
                    got.add(((TextMessage) m).getText() + "/" + count(m));
                    if (got.size() != 2) return;
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }));
        send(other, "q", "1");
        Patience.until("it listens", () -> got.size() == 1);
        Patience.pause(SHORT); // so that it waits
        listens.get().interrupt();
        send(other, "q", "2");
        Patience.until("it listens on", () -> got.size() == 2);
        HeldLog.during(domain, () -> {
            goOn.countDown();
            Patience.pause(800); // so that it waits for the log
            listens.get().interrupt();
            Patience.pause(SHORT);
        });
        send(other, "q", "3");
        awaitEach(got, "1/1", "2/1", "3/1");
        assertThat(got).hasSize(3);
    }

    @Test
    void shouldDeliverAgainWhatAListenerHasNotHandled() throws Exception {
        List<String> got = listenHeld(auto(connection), turn -> {
            if (turn == 1) throw new IllegalStateException("planted");
        });
        awaitEach(got, "0/1", "0/2", "1/1", "2/1", "3/1");
        assertThat(got).hasSize(5);
    }

    @Test
    void shouldDeliverAgainWhatAListenerHasRecovered() throws Exception {
        BelfrySession session = auto(connection);
        List<String> got = listenHeld(session, turn -> {
            if (turn == 1) session.recover();
        });
        awaitEach(got, "0/1", "0/2", "1/1", "2/1", "3/1");
        assertThat(got).hasSize(5);
    }
}
