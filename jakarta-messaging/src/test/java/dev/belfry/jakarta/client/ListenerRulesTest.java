package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners, and starting, stopping and closing [6.1.3, 6.2.15, 7.3, 8.7, 8.8]: one rule each. */
class ListenerRulesTest extends DomainTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private static String textOf(Message m) {
        try {
            return ((TextMessage) m).getText() + (count(m) > 1 ? "*" + count(m) : "");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** The body of {@code test} while a listener of this consumer runs, which ends after it. */
    private void inTheMiddleOfAListener(BelfrySession session, MessageConsumer consumer, Callable<Void> test)
            throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        consumer.setMessageListener(m -> {
            runs.countDown();
            await(end);
            heard.add(textOf(m));
        });
        send(session, "q", "1");
        await(runs);
        try {
            test.call();
        } finally {
            end.countDown();
        }
    }

    @Test
    void shouldRefuseReceiveBodyWhileAListenerRuns() throws Exception {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        BelfryConsumer consumer = (BelfryConsumer) session.createConsumer(queue("q"));
        inTheMiddleOfAListener(auto(connection), consumer, () -> {
            Future<?> refused = threads.submit(() -> session.receiving.receiveBody(consumer, String.class, 0));
            assertThatThrownBy(() -> result(refused)).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(heard).isEmpty();
            return null;
        });
    }

    @Test
    void shouldWaitForTheListenerWhenItsConsumerIsClosedOnceMore() throws Exception {
        BelfryConnection connection = connect();
        MessageConsumer consumer = auto(connection).createConsumer(queue("q"));
        List<Future<Integer>> closes = new CopyOnWriteArrayList<>();
        Callable<Integer> close = () -> {
            consumer.close();
            return heard.size();
        };
        inTheMiddleOfAListener(auto(connection), consumer, () -> {
            closes.add(threads.submit(close));
            Patience.until("it is being closed", ((BelfryConsumer) consumer)::isClosed);
            closes.add(threads.submit(close));
            for (Future<?> one : closes) expectBlocked(one);
            return null;
        });
        for (Future<Integer> one : closes) assertThat(result(one)).isOne();
    }

    private void untilHeard(int n) {
        Patience.until("the listener has heard " + n + ", not only " + heard, () -> heard.size() >= n);
    }

    private static <T> T result(Future<T> future) throws Exception {
        return future.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** It does not end while this is so. */
    private static void expectBlocked(Future<?> future) throws InterruptedException {
        Thread.sleep(SHORT);
        assertThat(future.isDone()).isFalse();
    }

    // ---- 8.7 listeners

    @WaitsForOthers
    @Test
    void shouldListenInOrderAndOneAtATime_8_7() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        AtomicBoolean inside = new AtomicBoolean();
        MessageListener listener = m -> {
            if (inside.getAndSet(true)) heard.add("two at a time");
            heard.add(textOf(m));
            inside.set(false);
        };
        session.createConsumer(queue("q")).setMessageListener(listener);
        session.createConsumer(queue("p")).setMessageListener(listener);
        send(auto(connection), "q", "1", "2", "3");
        send(auto(connection), "p", "4");
        untilHeard(4);
        assertThat(heard).containsSubsequence("1", "2", "3").contains("4").hasSize(4);
    }

    /** As one does that handed its thread's interrupt on. */
    @WaitsForOthers
    @Test
    void shouldListenOnAfterAListenerLeftItsThreadInterrupted_8_7() throws JMSException {
        BelfryConnection connection = connect();
        auto(connection).createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(textOf(m));
            Thread.currentThread().interrupt();
            if (heard.size() == 1) throw new RuntimeException("planted");
        });
        send(auto(connection), "q", "1", "2", "3");
        untilHeard(4);
        assertThat(heard).containsExactly("1", "1*2", "2", "3");
    }

    @WaitsForOthers
    @Test
    void shouldRedeliverAtOnceWhatAListenerThrowsAt_8_7() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=3");
        auto(connection).createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(textOf(m));
            if (textOf(m).startsWith("bad")) throw new RuntimeException("on purpose");
        });
        send(auto(connection), "q", "bad", "good");
        untilHeard(4);
        assertThat(heard).containsExactly("bad", "bad*2", "bad*3", "good");
        assertThat(text(auto(connection).createConsumer(queue("DLQ")))).isEqualTo("bad");
    }

    @WaitsForOthers
    @Test
    void shouldGoOnAfterAThrowInATransaction_8_7() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = transacted(connection);
        session.createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(textOf(m));
            if (textOf(m).equals("1")) throw new RuntimeException("on purpose");
            try {
                if (textOf(m).equals("2")) session.rollback();
                if (textOf(m).equals("2*2")) session.commit();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        send(auto(connection), "q", "1", "2");
        untilHeard(4);
        assertThat(heard).containsExactly("1", "2", "1*2", "2*2");
        session.close();
        assertThat(auto(connection).createConsumer(queue("q")).receiveNoWait()).isNull();
    }

    @WaitsForOthers
    @Test
    void shouldRecoverTheMessageInHand_8_7() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        session.createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(textOf(m));
            try {
                if (textOf(m).equals("1")) session.recover();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        send(auto(connection), "q", "1", "2");
        untilHeard(3);
        assertThat(heard).containsExactly("1", "1*2", "2");
    }

    @WaitsForOthers
    @Test
    void shouldRefuseInAListenerWhatWouldWaitForIt_8_8() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        session.createConsumer(queue("q")).setMessageListener(m -> {
            for (Callable<?> call : List.<Callable<?>>of(
                    () -> run(session::close), () -> run(connection::close), () -> run(connection::stop))) {
                try {
                    call.call();
                    heard.add("did it");
                } catch (IllegalStateException e) {
                    heard.add("refused");
                } catch (Exception e) {
                    heard.add(e.toString());
                }
            }
        });
        send(auto(connection), "q", "1");
        untilHeard(3);
        assertThat(heard).containsExactly("refused", "refused", "refused");
    }

    private static Void run(Jms.Action action) throws JMSException {
        action.run();
        return null;
    }

    @WaitsForOthers
    @Test
    void shouldCloseItsOwnConsumerAndAcknowledge_8_8() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        consumer.setMessageListener(m -> {
            try {
                consumer.close();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
            heard.add(textOf(m));
        });
        send(auto(connection), "q", "1", "2");
        untilHeard(1);
        MessageConsumer other = auto(connection).createConsumer(queue("q"));
        assertThat(text(other)).isEqualTo("2");
        assertThat(other.receiveNoWait()).isNull();
        assertThat(heard).containsExactly("1");
    }

    @Test
    void shouldRefuseReceiveBesideAListener_6_2() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        MessageConsumer listens = session.createConsumer(queue("q"));
        MessageConsumer other = session.createConsumer(queue("p"));
        listens.setMessageListener(m -> {});
        assertThatThrownBy(other::receiveNoWait).isInstanceOf(IllegalStateException.class);
        listens.setMessageListener(null);
        assertThat(other.receiveNoWait()).isNull();
    }

    // ---- 6.1.5 start and stop

    @WaitsForOthers
    @Test
    void shouldDeliverNothingBeforeItIsStarted_6_1_5() throws Exception {
        BelfryConnection connection = open(new Domains());
        BelfrySession session = auto(connection);
        send(session, "q", "1");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(consumer.receive(SHORT)).isNull();
        Future<String> waits = threads.submit(() -> text(consumer));
        expectBlocked(waits);
        connection.start();
        assertThat(result(waits)).isEqualTo("1");
        connection.stop();
        connection.stop();
        send(session, "q", "2");
        assertThat(consumer.receiveNoWait()).isNull();
        connection.start();
        assertThat(text(consumer)).isEqualTo("2");
    }

    @WaitsForOthers
    @Test
    void shouldStopWhenNoListenerRuns_6_1_5() throws Exception {
        BelfryConnection connection = connect();
        CountDownLatch goOn = new CountDownLatch(1);
        auto(connection).createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(textOf(m));
            await(goOn);
            heard.add("end");
        });
        send(auto(connection), "q", "1", "2");
        untilHeard(1);
        Future<Void> stops = threads.submit(() -> run(connection::stop));
        expectBlocked(stops);
        goOn.countDown();
        result(stops);
        assertThat(heard).containsExactly("1", "end");
        Thread.sleep(SHORT);
        assertThat(heard).hasSize(2);
        connection.start();
        untilHeard(4);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- 6.1.7, 6.2.15, 8.8 close

    @WaitsForOthers
    @Test
    void shouldEndReceivesWithNullWhenClosed_8_8() throws Exception {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        MessageConsumer one = session.createConsumer(queue("q"));
        Future<Message> waits = threads.submit(() -> one.receive());
        expectBlocked(waits);
        one.close();
        assertThat(result(waits)).isNull();
        MessageConsumer two = session.createConsumer(queue("q"));
        Future<Message> again = threads.submit(() -> two.receive());
        expectBlocked(again);
        session.close();
        assertThat(result(again)).isNull();
        MessageConsumer three = auto(connection).createConsumer(queue("q"));
        Future<Message> last = threads.submit(() -> three.receive());
        expectBlocked(last);
        connection.close();
        assertThat(result(last)).isNull();
    }

    @WaitsForOthers
    @Test
    void shouldWaitForTheListenerWhenClosed_6_2_15() throws Exception {
        BelfryConnection connection = connect();
        BelfrySession session = transacted(connection);
        CountDownLatch goOn = new CountDownLatch(1);
        session.createConsumer(queue("q")).setMessageListener(m -> {
            heard.add("begin");
            await(goOn);
            try {
                send(session, "out", textOf(m)); // the session serves it to its end
                session.commit();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
            heard.add("end");
        });
        send(auto(connection), "q", "1", "2");
        untilHeard(1);
        Future<Void> closes = threads.submit(() -> run(connection::close));
        expectBlocked(closes);
        goOn.countDown();
        result(closes);
        assertThat(heard).containsExactly("begin", "end");
        BelfryConnection other = connect(new Domains());
        assertThat(text(auto(other).createConsumer(queue("q")))).isEqualTo("2");
        assertThat(text(auto(other).createConsumer(queue("out")))).isEqualTo("1");
    }

    /** Pools set none before they lend a session once more. */
    @Test
    void shouldTakeNoListenerOfAWholeSession() throws JMSException {
        BelfrySession session = auto(connect());
        session.setMessageListener(null);
        assertThat(session.getMessageListener()).isNull();
        assertThatThrownBy(() -> session.setMessageListener(m -> {})).hasMessageContaining("for containers");
    }

    @Test
    void shouldRefuseAllButCloseWhenClosed_6() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        var producer = session.createProducer(queue("q"));
        Message message = session.createMessage();
        consumer.close();
        consumer.close();
        assertClosed(consumer::receive, consumer::receiveNoWait, consumer::getMessageSelector);
        producer.close();
        producer.close();
        assertClosed(() -> run(() -> producer.send(message)), producer::getPriority);
        session.close();
        session.close();
        assertClosed(
                session::createMessage,
                session::getTransacted,
                () -> session.createConsumer(queue("q")),
                () -> session.createProducer(null),
                () -> run(session::recover),
                () -> session.createQueue("q"));
        connection.close();
        connection.close();
        assertClosed(
                connection::getMetaData,
                connection::getClientID,
                connection::createSession,
                () -> run(connection::start),
                () -> run(connection::stop),
                () -> run(() -> connection.setExceptionListener(null)));
    }

    private static void assertClosed(Callable<?>... calls) {
        for (Callable<?> call : calls) assertThatThrownBy(call::call).isInstanceOf(IllegalStateException.class);
    }

    // ---- 6.1.8

    @WaitsForOthers
    @Test
    void shouldTellOnceThatTheDomainIsGone_6_1_8() throws Exception {
        BelfryConnection connection = connect();
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        Session session = auto(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        Newer.append(domain);
        assertThatThrownBy(() -> consumer.receive()).hasMessageContaining("newer version");
        Patience.until("it was told", () -> !told.isEmpty());
        assertThat(told).hasSize(1);
        assertThatThrownBy(() -> send(session, "q", "x"))
                .hasMessageContaining("newer version")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(IncompatibleVersionException.CODE);
        BelfryConnection next = connect(); // another member, which is told the same
        assertThat(next.domain).isNotSameAs(connection.domain);
        assertThatThrownBy(() -> auto(next).createConsumer(queue("q"))).hasMessageContaining("newer version");
    }

    /** To each connection, in whatever order it fails, is connected to, and is listened to. */
    @Test
    void shouldTellALateExceptionListener_6_1_8() throws Exception {
        BelfryConnection before = connect();
        MessageConsumer consumer = auto(before).createConsumer(queue("q"));
        Newer.append(domain);
        assertThatThrownBy(() -> consumer.receive()).hasMessageContaining("newer version");
        before.domain.fail(new IncompatibleVersionException("newer version"));
        List<JMSException> told = new CopyOnWriteArrayList<>();
        before.setExceptionListener(told::add);
        assertThat(told).hasSize(1);
        before.setExceptionListener(told::add);
        assertThat(told).as("once").hasSize(1);
        List<RuntimeException> late = new CopyOnWriteArrayList<>();
        before.domain.onFailure(late::add);
        assertThat(late).hasSize(1);
    }

    /** Each of its threads meets it: those of the sessions, and the member's own. */
    @WaitsForOthers
    @Test
    void shouldTellOnceWhatEndsAllListeners_6_1_8() throws Exception {
        BelfryConnection connection = connect();
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        List<Thread> listening = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            auto(connection).createConsumer(queue("q" + i)).setMessageListener(m -> {
                listening.add(Thread.currentThread());
            });
            send(auto(connection), "q" + i, "x");
        }
        Patience.until("all listen", () -> listening.size() == 3);
        Newer.append(domain);
        Patience.until("all have ended", () -> listening.stream().noneMatch(Thread::isAlive));
        Patience.pause(1_500); // so that the member's own thread meets it, too
        assertThat(told).hasSize(1);
    }
}
