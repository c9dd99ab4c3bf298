package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.TextMessage;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Asynchronous sends [7.3]: one rule each. */
@WaitsForOthers
class AsynchronousSendTest extends DomainTest {
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private interface OnCompletion extends CompletionListener {
        @Override
        default void onException(Message message, Exception exception) {
            throw new AssertionError(exception);
        }
    }

    private final OnCompletion hears = this::hear;

    private void hear(Message message) {
        try {
            heard.add(((TextMessage) message).getText());
            assertThat(message.getJMSMessageID()).startsWith("ID:");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private void untilHeard(int n) {
        Patience.until("heard " + n + ", not only " + heard, () -> heard.size() >= n);
    }

    @Test
    void shouldCallBackInTheOrderOfTheSendsInAnotherThread_7_3() throws JMSException {
        BelfrySession session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        MessageProducer anywhere = session.createProducer(null);
        List<Thread> threads = new CopyOnWriteArrayList<>();
        OnCompletion notesItsThread = m -> {
            threads.add(Thread.currentThread());
            hear(m);
        };
        producer.send(session.createTextMessage("1"), notesItsThread);
        producer.send(session.createTextMessage("2"), 1, 7, 0, hears);
        anywhere.send(queue("q"), session.createTextMessage("3"), hears);
        anywhere.send(queue("q"), session.createTextMessage("4"), 2, 1, 0, hears);
        untilHeard(4);
        assertThat(heard).containsExactly("1", "2", "3", "4");
        assertThat(threads).doesNotContain(Thread.currentThread());
        assertThat(texts(session.createConsumer(queue("q")), 4)).containsExactly("2", "1", "3", "4");
    }

    @Test
    void shouldThrowWhatFailsAtOnceAndNotCallBack_7_3() throws JMSException {
        BelfrySession session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        MessageProducer anywhere = session.createProducer(null);
        Message message = session.createTextMessage("x");
        assertThatThrownBy(() -> producer.send(message, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> anywhere.send(null, message, hears)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(message, 2, 10, 0, hears)).hasMessageContaining("Priority");
        producer.close();
        assertThatThrownBy(() -> producer.send(message, hears)).isInstanceOf(IllegalStateException.class);
        session.close();
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldWaitForTheCallbacks_7_3() throws Exception {
        BelfryConnection connection = connect();
        for (String call : new String[] {"commit", "rollback", "close", "producer", "connection"}) {
            heard.clear();
            BelfrySession session = transacted(connection);
            MessageProducer producer = session.createProducer(queue("q"));
            CountDownLatch goOn = new CountDownLatch(1);
            OnCompletion waits = m -> {
                awaitLatch(goOn);
                hear(m);
            };
            producer.send(session.createTextMessage("x"), waits);
            CompletableFuture<Void> ends = CompletableFuture.runAsync(() -> end(call, session, producer));
            assertThatThrownBy(() -> ends.get(SHORT, TimeUnit.MILLISECONDS))
                    .as(call)
                    .hasNoCause();
            goOn.countDown();
            ends.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
            assertThat(heard).as(call).hasSize(1);
        }
    }

    /** One that another thread is about to make, too: it may be sent already. */
    @Test
    void shouldWaitForTheCallbackOfASendThatIsUnderWay_7_3() throws Exception {
        for (String call : new String[] {"close", "producer", "connection"}) {
            heard.clear();
            BelfrySession session = auto(connect());
            MessageProducer producer = session.createProducer(queue("q"));
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            Message slow = foreign(() -> {
                begun.countDown();
                awaitLatch(goOn);
                return "x";
            });
            OnCompletion adds = m -> heard.add("x");
            CompletableFuture<Void> sends =
                    CompletableFuture.runAsync(() -> Jms.uncheckedAct(() -> producer.send(slow, adds)));
            awaitLatch(begun);
            CompletableFuture<Void> ends = CompletableFuture.runAsync(() -> end(call, session, producer));
            assertThatThrownBy(() -> ends.get(SHORT, TimeUnit.MILLISECONDS))
                    .as(call)
                    .isInstanceOf(TimeoutException.class);
            CompletableFuture<Void> endsToo = CompletableFuture.runAsync(() -> end(call, session, producer));
            assertThatThrownBy(() -> endsToo.get(SHORT, TimeUnit.MILLISECONDS))
                    .as(call + ", a second time")
                    .isInstanceOf(TimeoutException.class);
            goOn.countDown();
            endsToo.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
            assertThat(heard).as(call).hasSize(1);
            ends.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
            sends.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Of another provider: what it says is asked within the send. */
    private static Message foreign(Supplier<String> text) {
        TextMessage inside = new BelfryTextMessage();
        return (Message) Proxy.newProxyInstance(
                TextMessage.class.getClassLoader(),
                new Class<?>[] {TextMessage.class},
                (proxy, method, args) -> method.getName().equals("getText") ? text.get() : method.invoke(inside, args));
    }

    @Test
    void shouldGoOnAfterASendThatFails_7_3() throws JMSException {
        BelfrySession session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        Message fails = foreign(() -> {
            throw new UnsupportedOperationException("on purpose");
        });
        assertThatThrownBy(() -> producer.send(fails, hears)).isInstanceOf(UnsupportedOperationException.class);
        session.close();
        assertThat(heard).isEmpty();
    }

    private static void end(String call, BelfrySession session, MessageProducer producer) {
        Jms.uncheckedAct(() -> {
            switch (call) {
                case "commit" -> session.commit();
                case "rollback" -> session.rollback();
                case "producer" -> producer.close();
                case "connection" -> session.connection.close();
                default -> session.close();
            }
        });
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldRefuseInACallbackWhatWouldWaitForIt_7_3() throws JMSException {
        BelfrySession session = transacted(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        OnCompletion refused = m -> {
            for (String call : new String[] {"commit", "rollback", "close", "producer", "connection"}) {
                try {
                    end(call, session, producer);
                    heard.add(call + " was done");
                } catch (jakarta.jms.IllegalStateRuntimeException e) {
                    heard.add("refused");
                }
            }
        };
        producer.send(session.createTextMessage("x"), refused);
        untilHeard(5);
        assertThat(heard).containsOnly("refused");
        session.commit();
        assertThat(text(auto(connect()).createConsumer(queue("q")))).isEqualTo("x");
    }

    /** The commit of a listener waits for a callback, and what that sends belongs to the transaction. */
    @Test
    void shouldSendInACallbackForWhichACommitWaits_7_3() throws Exception {
        BelfrySession session = transacted(connect());
        MessageProducer producer = session.createProducer(queue("out"));
        OnCompletion sendsToo = m -> Jms.uncheckedAct(() -> producer.send(session.createTextMessage("2")));
        CompletableFuture<Void> committed = new CompletableFuture<>();
        session.createConsumer(queue("q")).setMessageListener(m -> {
            try {
                producer.send(session.createTextMessage("1"), sendsToo);
                session.commit();
                committed.complete(null);
            } catch (JMSException e) {
                committed.completeExceptionally(e);
            }
        });
        send(auto(connect()), "q", "x");
        committed.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        assertThat(texts(auto(connect()).createConsumer(queue("out")), 2)).containsExactly("1", "2");
    }

    /** A listener waits for a callback, which needs the session that the listener has. */
    @Test
    void shouldServeACallbackForWhichAListenerWaits_7_3() throws Exception {
        for (String call : new String[] {"acknowledge", "recover", "receive", "consumer", "listener"}) {
            shouldServe(call, 0, SHORT);
            shouldServe(call, SHORT, 0);
        }
    }

    /** The one that pauses is later. */
    private void shouldServe(String call, long callbackPauses, long listenerPauses) throws Exception {
        BelfrySession session = client(connect());
        BelfryConsumer consumer = (BelfryConsumer) session.createConsumer(queue("q"));
        CompletableFuture<Void> served = new CompletableFuture<>();
        CompletableFuture<Void> returned = new CompletableFuture<>();
        consumer.setMessageListener(m -> {
            if (served.isDone()) return; // after the recover
            try (MessageProducer producer = session.createProducer(queue("out"))) {
                producer.send(session.createTextMessage("x"), (OnCompletion) sent -> {
                    Patience.pause(callbackPauses);
                    Jms.uncheckedAct(() -> serve(call, session, consumer, m));
                    served.complete(null);
                });
                Patience.pause(listenerPauses);
            } catch (JMSException e) {
                returned.completeExceptionally(e);
            }
            returned.complete(null);
        });
        send(auto(connect()), "q", "1");
        served.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        returned.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        session.close();
        int left = drain(auto(connect()).createConsumer(queue("q"))).size();
        assertThat(left).as("messages after " + call).isEqualTo(call.equals("acknowledge") ? 0 : 1);
    }

    private static void serve(String call, BelfrySession session, BelfryConsumer consumer, Message message)
            throws JMSException {
        switch (call) {
            case "acknowledge" -> message.acknowledge();
            case "recover" -> session.recover();
            case "receive" ->
                assertThatThrownBy(() -> session.receiving.receiveBody(consumer, String.class, 0))
                        .hasMessageContaining("has a MessageListener");
            case "consumer" -> consumer.close();
            default -> consumer.setMessageListener(null);
        }
    }

    @Test
    void shouldGoOnAfterACallbackThatThrows_7_3() throws JMSException {
        BelfrySession session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        OnCompletion throwing = m -> {
            throw new IllegalArgumentException("on purpose");
        };
        producer.send(session.createTextMessage("1"), throwing);
        producer.send(session.createTextMessage("2"), hears);
        untilHeard(1);
        session.close();
    }

    @Test
    void shouldSendByAContext_7_3() throws JMSException {
        try (JMSContext context = BelfryContext.of(connect(), JMSContext.AUTO_ACKNOWLEDGE)) {
            context.createProducer().setAsync(hears).send(queue("q"), "1").send(queue("q"), "2");
            untilHeard(2);
        }
        assertThat(heard).containsExactly("1", "2");
    }
}
