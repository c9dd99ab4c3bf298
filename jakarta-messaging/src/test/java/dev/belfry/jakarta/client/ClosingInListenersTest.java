package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection or session that is closed while one of its listeners runs. */
@WaitsForOthers
class ClosingInListenersTest extends DomainTest {
    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> CompletableFuture<T> start(Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(call.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** The listeners of its session end: a record of a newer version ends them. */
    private void endListeners(BelfryConnection connection) throws JMSException {
        auto(connection).createConsumer(queue("q")).setMessageListener(m -> {});
        Newer.append(domain);
    }

    @Test
    void shouldBeAllowedInAnExceptionListener() throws Exception {
        BelfryConnection connection = connect(new Domains());
        CompletableFuture<Void> closed = new CompletableFuture<>();
        connection.setExceptionListener(e -> {
            Thread.interrupted();
            try {
                connection.close();
                closed.complete(null);
            } catch (JMSException refused) {
                closed.completeExceptionally(refused);
            }
        });
        endListeners(connection);
        closed.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Test
    void shouldEndWhileAnExceptionListenerClosesToo() throws Exception {
        BelfryConnection connection = connect(new Domains());
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        connection.setExceptionListener(e -> {
            Thread.interrupted();
            told.countDown();
            await(goOn);
            try {
                connection.close();
            } catch (JMSException refused) {
                fail(refused);
            }
            over.countDown();
        });
        endListeners(connection);
        await(told);
        CompletableFuture<Void> closes = start(() -> {
            connection.close();
            return null;
        });
        Patience.pause(100); // so that it waits for the listener, if it does
        goOn.countDown();
        closes.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        await(over);
    }

    /** As one that is of no use any more. */
    private static CompletionListener after(Jms.Action action, CompletableFuture<Void> result) {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message sent) {
                try {
                    action.run();
                    result.complete(null);
                } catch (JMSException | RuntimeException e) {
                    result.completeExceptionally(e);
                }
            }

            @Override
            public void onException(Message sent, Exception e) {
                result.completeExceptionally(e);
            }
        };
    }

    private static void get(CompletableFuture<?> result) throws Exception {
        result.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Only close, commit and rollback are forbidden there. */
    @Test
    void shouldStopInACompletionListener() throws Exception {
        BelfryConnection connection = connect(new Domains());
        BelfrySession session = auto(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        CompletableFuture<Void> stops = new CompletableFuture<>();
        session.createProducer(queue("q")).send(session.createMessage(), after(connection::stop, stops));
        get(stops);
        assertThat(consumer.receiveNoWait()).isNull();
        connection.start();
        assertThat(consumer.receive(Patience.limit().toMillis())).isNotNull();
    }

    /** The callback is of this session, or of another one that the listener uses. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStopThoughAListenerWaitsForTheCallback(boolean ofAnother) throws Exception {
        BelfryConnection connection = connect(new Domains());
        BelfrySession listens = transacted(connection);
        BelfrySession sends = ofAnother ? transacted(connection) : listens;
        CompletableFuture<Void> stops = new CompletableFuture<>();
        CompletableFuture<Void> ends = new CompletableFuture<>();
        listens.createConsumer(queue("q")).setMessageListener(m -> {
            try {
                CountDownLatch commits = new CountDownLatch(1);
                Jms.Action stop = () -> {
                    await(commits);
                    Patience.pause(SHORT); // so that the commit waits, if it does
                    connection.stop();
                };
                sends.createProducer(queue("out")).send(sends.createMessage(), after(stop, stops));
                commits.countDown();
                sends.commit();
                ends.complete(null);
            } catch (JMSException e) {
                ends.completeExceptionally(e);
            }
        });
        send(auto(connection), "q", "1");
        get(stops);
        get(ends);
    }

    @Test
    void shouldEndThoughTwoCloseEachOtherInTheirCallbacks() throws Exception {
        BelfryConnection connection = connect(new Domains());
        BelfrySession one = auto(connection);
        BelfrySession other = auto(connection);
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        CyclicBarrier both = new CyclicBarrier(2);
        one.createProducer(queue("q")).send(one.createMessage(), after(() -> meet(both, other::close), first));
        other.createProducer(queue("q")).send(other.createMessage(), after(() -> meet(both, one::close), second));
        get(first);
        get(second);
    }

    private static void meet(CyclicBarrier both, Jms.Action action) throws JMSException {
        try {
            both.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
        action.run();
    }

    /** One would end a transaction whose callbacks still run. */
    @Test
    void shouldRefuseOneOfTwoThatCommitEachOtherInTheirCallbacks() throws Exception {
        BelfryConnection connection = connect(new Domains());
        BelfrySession one = transacted(connection);
        BelfrySession other = transacted(connection);
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        CyclicBarrier both = new CyclicBarrier(2);
        one.createProducer(queue("q")).send(one.createMessage(), after(() -> meet(both, other::commit), first));
        other.createProducer(queue("q")).send(other.createMessage(), after(() -> meet(both, one::rollback), second));
        List<Throwable> refused = new CopyOnWriteArrayList<>();
        for (CompletableFuture<Void> result : List.of(first, second)) {
            try {
                get(result);
            } catch (ExecutionException e) {
                refused.add(e.getCause());
            }
        }
        assertThat(refused)
                .singleElement()
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(Codes.WAITS_FOR_ITSELF);
    }

    /** A callback that stops would wait for a listener, which waits for a close, which waits for the callback. */
    @Test
    void shouldStopInACallbackForWhichACloseWaitsThatAListenerAwaits() throws Exception {
        BelfryConnection connection = connect(new Domains());
        BelfrySession listens = auto(connection);
        BelfrySession closed = auto(connection);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch in = new CountDownLatch(1);
        CompletableFuture<Void> stops = new CompletableFuture<>();
        CompletableFuture<Void> returns = new CompletableFuture<>();
        Jms.Action stop = () -> {
            await(goOn);
            connection.stop();
        };
        closed.createProducer(queue("out")).send(closed.createMessage(), after(stop, stops));
        CompletableFuture<Void> closes = start(() -> {
            closed.close();
            return null;
        });
        Patience.until("it is being closed", closed.state::isClosed);
        listens.createConsumer(queue("q")).setMessageListener(m -> {
            in.countDown();
            try {
                closed.close();
                returns.complete(null);
            } catch (JMSException e) {
                returns.completeExceptionally(e);
            }
        });
        send(auto(connection), "q", "1");
        await(in);
        Patience.pause(SHORT); // so that it waits for the close
        goOn.countDown();
        get(stops);
        get(closes);
        get(returns);
    }

    @Test
    void shouldWaitForTheCallbackOfWhatAListenerSends() throws Exception {
        BelfrySession session = auto(connect(new Domains()));
        MessageProducer producer = session.createProducer(queue("out"));
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(1);
        session.createConsumer(queue("q")).setMessageListener(m -> {
            in.countDown();
            await(goOn);
            try {
                producer.send(m, new CompletionListener() {
                    @Override
                    public void onCompletion(Message sent) {
                        await(mayEnd);
                        called.countDown();
                    }

                    @Override
                    public void onException(Message sent, Exception e) {}
                });
            } catch (JMSException e) {
                fail(e);
            }
        });
        send(auto(connect()), "q", "1");
        await(in);
        CompletableFuture<Long> closes = start(() -> {
            session.close();
            return called.getCount();
        });
        Patience.pause(100); // so that it waits for the listener
        goOn.countDown();
        Patience.pause(100); // so that it would have returned
        mayEnd.countDown();
        assertThat(closes.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                .as("callbacks that are to come")
                .isZero();
    }

    @Test
    void shouldCloseAContextOnceForTwoThatCloseIt() throws Exception {
        JMSContext context = BelfryContext.of(connect(new Domains()), JMSContext.AUTO_ACKNOWLEDGE);
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch heard = new CountDownLatch(1);
        context.createConsumer(queue("q")).setMessageListener(m -> {
            in.countDown();
            await(goOn);
            context.close(); // another thread does it, and waits for this one
            heard.countDown();
        });
        send(auto(connect()), "q", "1");
        await(in);
        List<CompletableFuture<Long>> closes =
                List.of(start(() -> left(context, heard)), start(() -> left(context, heard)));
        Patience.pause(100); // so that both wait for the listener
        goOn.countDown();
        for (CompletableFuture<Long> one : closes)
            assertThat(one.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .as("listeners that run after the close")
                    .isZero();
    }

    private static long left(JMSContext context, CountDownLatch heard) {
        context.close();
        return heard.getCount();
    }

    /** A close waits for it [6.2.15]. */
    @Test
    void shouldServeAListenerUntilItsContextIsClosed() throws Exception {
        JMSContext context = BelfryContext.of(connect(new Domains()), JMSContext.SESSION_TRANSACTED);
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Void> served = new CompletableFuture<>();
        context.createConsumer(queue("q")).setMessageListener(m -> {
            in.countDown();
            await(goOn);
            try {
                context.createProducer().send(queue("out"), "x");
                context.commit();
                served.complete(null);
            } catch (RuntimeException e) {
                served.completeExceptionally(e);
            }
        });
        send(auto(connect()), "q", "1");
        await(in);
        CompletableFuture<Long> closes = start(() -> left(context, goOn));
        Patience.until("it is closed for others", () -> isClosed(context));
        goOn.countDown();
        served.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        closes.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        assertThat(text(auto(connect()).createConsumer(queue("out")))).isEqualTo("x");
        assertThat(isClosed(context)).isTrue();
    }

    private static boolean isClosed(JMSContext context) {
        try {
            context.getTransacted();
            return false;
        } catch (IllegalStateRuntimeException closed) {
            return true;
        }
    }

    /** A message of a higher priority for one of two listeners of a session, while the other has many. */
    @Test
    void shouldHearTheHigherPriorityNext() throws Exception {
        BelfrySession sends = auto(connect());
        for (int i = 0; i < 400; i++) send(sends, "q1", "" + i);
        BelfrySession session = auto(connect());
        List<String> heard = new CopyOnWriteArrayList<>();
        CountDownLatch all = new CountDownLatch(401);
        MessageConsumer first = session.createConsumer(queue("q1"));
        session.createConsumer(queue("q2")).setMessageListener(m -> {
            heard.add("urgent");
            all.countDown();
        });
        first.setMessageListener(m -> {
            heard.add("plain");
            if (heard.size() == 131) sendUrgent(sends);
            all.countDown();
        });
        await(all);
        assertThat(heard.indexOf("urgent")).isBetween(131, 133);
    }

    private void sendUrgent(BelfrySession session) {
        try {
            session.createProducer(queue("q2")).send(session.createTextMessage("!"), 2, 9, 0);
        } catch (JMSException e) {
            fail(e);
        }
    }
}
