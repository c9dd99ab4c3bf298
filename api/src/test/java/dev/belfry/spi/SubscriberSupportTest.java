package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.OnFailure;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@Tag("Waits")
class SubscriberSupportTest {
    private static final Duration SECONDS = Duration.ofSeconds(20);
    private final List<Toy> toys = new ArrayList<>();

    @AfterEach
    void closeAll() {
        toys.forEach(Toy::close);
        assertThat(Thread.interrupted()).isFalse();
    }

    private Toy toy(SubscriberOptions options) {
        Toy toy = new Toy(options);
        toys.add(toy);
        return toy;
    }

    private Toy toy(AckMode mode) {
        return toy(SubscriberOptions.builder().ackMode(mode).build());
    }

    // ---- receive and poll

    @Test
    void shouldReceiveInOrderAndAcknowledgeEach() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b");
        assertThat(toy.position()).isZero();
        assertThat(toy.receive().text()).isEqualTo("a");
        assertThat(toy.receive(Duration.ofSeconds(Long.MAX_VALUE)).text()).isEqualTo("b");
        assertThat(toy.receiveNoWait()).isNull();
        assertThat(toy.acknowledged).containsExactly(1L, 2L);
        assertThat(toy.position()).isEqualTo(2);
        assertThat(toy.lag()).isZero();
    }

    @Test
    void shouldAcknowledgeOncePerBatch() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b", "c");
        List<String> seen = new ArrayList<>();
        assertThat(toy.poll(m -> seen.add(m.text()), 2)).isEqualTo(2);
        assertThat(toy.poll(m -> seen.add(m.text()), 9)).isEqualTo(1);
        assertThat(toy.poll(m -> seen.add(m.text()), 9)).isZero();
        assertThat(seen).containsExactly("a", "b", "c");
        assertThat(toy.acknowledged).containsExactly(2L, 3L);
    }

    @Test
    void shouldWaitForTheFirstOnly() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        assertThat(toy.poll(m -> {}, 5, SECONDS)).isEqualTo(1);
        long start = System.nanoTime();
        assertThat(toy.poll(m -> {}, 5, Duration.ofMillis(50))).isZero();
        assertThat(toy.receive(Duration.ofMillis(50))).isNull();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(100_000_000L);
    }

    @Test
    void shouldNotReadTheClockWhenItNeedNotWait() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b", "c");
        toy.poll(m -> {}, 2);
        toy.receiveNoWait();
        toy.receive(Duration.ofSeconds(-1));
        assertThat(toy.deadlines).containsOnly(Deadlines.PAST);
        toy.publish("d").receive();
        assertThat(toy.deadlines).last().isEqualTo(Deadlines.FOREVER);
    }

    @Test
    void shouldSayBeforeEachPollHowLongItMayWait() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b", "c", "d", "e");
        toy.poll(m -> assertThat(toy.begun).containsExactly(SECONDS.toNanos()), 2, SECONDS);
        toy.poll(m -> {}, 2);
        toy.receive(SECONDS);
        assertThat(toy.begun).containsExactly(SECONDS.toNanos(), 0L, 0L);
    }

    @Test
    void shouldNotWaitForWhatItsBeginningHasSpent() {
        Toy toy = toy(AckMode.AUTO);
        toy.spent = SECONDS.toNanos();
        assertThat(toy.poll(m -> {}, 2, SECONDS)).isZero();
        assertThat(toy.deadlines).containsOnly(Deadlines.PAST);
    }

    @Test
    void shouldTellOnlyTheTransportThatNoneHasRead() {
        Toy toy = toy(AckMode.NONE).publish("a", "b", "c");
        toy.poll(m -> {}, 2);
        toy.receive();
        toy.acknowledge();
        assertThat(toy.acknowledged).isEmpty();
        assertThat(toy.consumed).containsExactly(2L, 3L);
    }

    @Test
    void shouldCheckArguments() {
        Toy toy = toy(AckMode.AUTO);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> toy.poll(m -> {}, 0))
                .withMessage("limit must be > 0, was 0");
        assertThatNullPointerException().isThrownBy(() -> toy.poll(null, 1)).withMessage("handler");
        assertThatNullPointerException()
                .isThrownBy(() -> toy.poll(m -> {}, 1, null))
                .withMessage("timeout");
        assertThatNullPointerException().isThrownBy(() -> toy.receive(null)).withMessage("timeout");
        assertThatNullPointerException().isThrownBy(() -> toy.setListener(null)).withMessage("listener");
    }

    @Test
    void shouldGiveAgainWhatReceiveCouldNotAcknowledge() {
        for (AckMode mode : List.of(AckMode.AUTO, AckMode.NONE)) {
            Toy toy = toy(mode).publish("a", "b");
            List<Long> stored = mode == AckMode.AUTO ? toy.acknowledged : toy.consumed;
            Error trouble = new StackOverflowError();
            toy.storing = trouble;
            assertThatThrownBy(toy::receive).isSameAs(trouble);
            assertThat(toy.position()).isZero();
            assertThatThrownBy(toy::receive).isSameAs(trouble);
            toy.storing = null;
            Message again = toy.receive();
            assertThat(again.text()).isEqualTo("a");
            assertThat(again.redelivered()).isFalse();
            assertThat(stored).containsExactly(1L);
            assertThat(toy.receive().text()).isEqualTo("b");
            assertThat(toy.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldGiveAHandlerWhatReceiveCouldNotAcknowledge() throws Exception {
        Toy toy = toy(AckMode.AUTO).publish("a", "b");
        toy.storing = new StackOverflowError();
        assertThatThrownBy(toy::receive).isInstanceOf(StackOverflowError.class);
        toy.storing = null;
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 2; i++)
            assertThatThrownBy(() -> toy.poll(
                            m -> {
                                seen.add(m.text());
                                m.bytes()[0] = 'x';
                                throw new IllegalStateException();
                            },
                            9))
                    .isInstanceOf(IllegalStateException.class);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        toy.setListener(m -> heard.add(m.text()));
        assertThat(List.of(heard.take(), heard.take())).containsExactly("a", "b");
        assertThat(seen).containsExactly("a", "a");
    }

    /** A publisher may wait for just that. */
    @Test
    void shouldAcknowledgeLaterWhatItCouldNotThoughNothingElseComes() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        toy.storing = new StackOverflowError();
        assertThatThrownBy(() -> toy.poll(m -> {}, 9)).isInstanceOf(StackOverflowError.class);
        toy.storing = null;
        assertThat(toy.poll(m -> {}, 9)).isZero();
        assertThat(toy.poll(m -> {}, 9)).isZero();
        assertThat(toy.acknowledged).containsExactly(1L);
    }

    // ---- handlers that throw or call back

    @Test
    void shouldRepeatTheMessageWhenItsHandlerThrows() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b", "c");
        IllegalStateException trouble = new IllegalStateException("b");
        assertThatThrownBy(() -> toy.poll(failOn("b", trouble), 9)).isSameAs(trouble);
        assertThat(toy.acknowledged).containsExactly(1L);
        assertThat(toy.position()).isEqualTo(1);
        assertThatThrownBy(() -> toy.poll(failOn("b", trouble), 9)).isSameAs(trouble);
        List<String> seen = new ArrayList<>();
        assertThat(toy.poll(m -> seen.add(m.text() + m.redelivered()), 9)).isEqualTo(2);
        assertThat(seen).containsExactly("btrue", "cfalse");
        assertThat(toy.acknowledged).containsExactly(1L, 3L);
    }

    /** With so little of the stack left that nothing can be done about a handler that has thrown. */
    @Test
    void shouldRepeatTheMessageWhenNoCallSucceedsAfterItsHandler() {
        for (AckMode mode : List.of(AckMode.AUTO, AckMode.CLIENT)) {
            Toy toy = toy(mode).publish("a", "b", "c");
            toy.batches = true;
            assertThatThrownBy(() -> toy.poll(
                            m -> {
                                if (m.text().equals("a")) return;
                                toy.overflowing = true;
                                throw new IllegalStateException();
                            },
                            9))
                    .isInstanceOf(StackOverflowError.class);
            toy.overflowing = false;
            List<String> seen = new ArrayList<>();
            assertThat(toy.poll(m -> seen.add(m.text() + m.redelivered()), 9)).isEqualTo(2);
            assertThat(seen).containsExactly("btrue", "cfalse");
            assertThat(toy.position()).isEqualTo(3);
        }
    }

    @Test
    void shouldRepeatItUnchangedWhateverTheHandlerDidToItsCopies() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        for (int i = 0; i < 3; i++)
            assertThatThrownBy(() -> toy.poll(
                            m -> {
                                assertThat(m.text()).isEqualTo("a");
                                m.bytes()[0] = 'x';
                                m.copy().bytes()[0] = 'x';
                                throw new IllegalStateException();
                            },
                            9))
                    .isInstanceOf(IllegalStateException.class);
        assertThat(toy.receive().text()).isEqualTo("a");
    }

    @Test
    void shouldGiveAFailedMessageToReceiveToo() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b");
        assertThatThrownBy(() -> toy.poll(failOn("a", new IllegalStateException()), 9))
                .isInstanceOf(IllegalStateException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> toy.acknowledge(1))
                .withMessage("position must be <= 0 (the last handed over to Anonymous subscriber of 'toys'), was 1");
        Message again = toy.receiveNoWait();
        assertThat(again.text()).isEqualTo("a");
        assertThat(again.redelivered()).isTrue();
        assertThat(toy.receiveNoWait().redelivered()).isFalse();
    }

    @Test
    void shouldLetAHandlerAcknowledge() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b", "c");
        toy.poll(
                m -> {
                    if (m.position() == 2) toy.acknowledge();
                    if (m.position() == 3) toy.acknowledge(3);
                },
                9);
        assertThat(toy.acknowledged).containsExactly(2L, 3L);
    }

    @Test
    void shouldEndTheBatchWhenAHandlerCloses() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b");
        assertThat(toy.poll(m -> toy.close(), 9)).isEqualTo(1);
        assertThat(toy.acknowledged).containsExactly(1L);
        assertThat(toy.released).isEqualTo(1);
        assertThatThrownBy(toy::receiveNoWait).isInstanceOf(QueueClosedException.class);
    }

    @Test
    void shouldGoBackWhenAHandlerRecovers() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b", "c");
        List<String> seen = new ArrayList<>();
        toy.poll(
                m -> {
                    seen.add(m.text() + (m.redelivered() ? "!" : ""));
                    if (seen.size() == 1) toy.acknowledge();
                    if (seen.size() == 3) toy.recover();
                },
                9);
        assertThat(seen).containsExactly("a", "b", "c", "b!", "c!");
    }

    @Test
    void shouldStartAtTheFirstUnacknowledgedWhenAHandlerRecoversAndThrows() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b");
        toy.receive();
        assertThatThrownBy(() -> toy.poll(
                        m -> {
                            toy.recover();
                            throw new IllegalStateException();
                        },
                        9))
                .isInstanceOf(IllegalStateException.class);
        assertThat(toy.receiveNoWait().text()).isEqualTo("a");
        assertThat(toy.receiveNoWait().text()).isEqualTo("b");
        assertThat(toy.receiveNoWait()).isNull();
    }

    @Test
    void shouldRefuseToPollInsideAHandler() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        toy.poll(
                m -> assertThatThrownBy(() -> toy.poll(x -> {}, 1))
                        .isInstanceOf(ConcurrentModificationException.class)
                        .hasMessage("Anonymous subscriber of 'toys' is being read already by this thread: "
                                + "its handler may not receive or poll from it"),
                1);
    }

    @Test
    void shouldRefuseASecondThread() throws Exception {
        Toy toy = toy(AckMode.AUTO);
        FutureTask<Message> waiting = start(toy::receive, "first");
        toy.awaitWaiting();
        assertThatThrownBy(toy::receiveNoWait)
                .isInstanceOf(ConcurrentModificationException.class)
                .hasMessage("Anonymous subscriber of 'toys' is being read by thread 'first': one thread at a time");
        assertThatThrownBy(toy::recover).isInstanceOf(ConcurrentModificationException.class);
        toy.publish("a");
        assertThat(waiting.get().text()).isEqualTo("a");
    }

    // ---- acknowledging

    @Test
    void shouldAcknowledgeWhatWasHandedOverOnly() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b", "c");
        toy.receive();
        toy.receive();
        assertThatIllegalArgumentException().isThrownBy(() -> toy.acknowledge(3));
        toy.acknowledge(2);
        toy.acknowledge(1);
        assertThat(toy.acknowledged).containsExactly(2L, 1L);
    }

    @Test
    void shouldRecoverToTheFirstUnacknowledged() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b", "c");
        for (int i = 0; i < 3; i++) assertThat(toy.receive().redelivered()).isFalse();
        toy.acknowledge(1);
        toy.recover();
        assertThat(toy.position()).isEqualTo(1);
        toy.acknowledge(); // nothing was handed over since
        assertThat(toy.receive().text()).isEqualTo("b");
        assertThat(toy.receive().redelivered()).isTrue();
        toy.publish("d").receive();
        assertThat(toy.acknowledged).containsExactly(1L, 1L);
    }

    @Test
    void shouldLetAPoolAcknowledgeWhatWasHandedOverBeforeRecover() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b");
        toy.receive();
        toy.receive();
        toy.recover();
        assertThatCode(() -> toy.acknowledge(2)).doesNotThrowAnyException();
    }

    @Test
    void shouldIgnoreRecoverAndAcknowledgeInAutoMode() {
        Toy toy = toy(AckMode.AUTO).publish("a", "b");
        toy.receive();
        toy.recover();
        toy.acknowledge(1);
        assertThat(toy.receive().text()).isEqualTo("b");
        assertThat(toy.acknowledged).containsExactly(1L, 2L);
    }

    @Test
    void shouldContinueWhereANamedOneStopped() {
        Toy toy = new Toy(
                SubscriberOptions.builder()
                        .name("audit")
                        .ackMode(AckMode.CLIENT)
                        .build(),
                1,
                2);
        toys.add(toy.publish("a", "b", "c"));
        assertThat(toy.name()).isEqualTo("audit");
        assertThat(toy.position()).isEqualTo(1);
        assertThat(toy.receive().redelivered()).isTrue();
        assertThat(toy.receive().redelivered()).isFalse();
    }

    /** By a pool, say. */
    @Test
    void shouldNotGiveAgainWhatWasAcknowledgedSinceItsHandlerThrew() {
        Toy toy = toy(AckMode.CLIENT).publish("a", "b", "c");
        for (int i = 0; i < 2; i++) toy.receive();
        toy.recover();
        assertThatThrownBy(() -> toy.poll(failOn("a", new IllegalStateException()), 9))
                .isInstanceOf(IllegalStateException.class);
        toy.acknowledge(1);
        List<String> seen = new ArrayList<>();
        toy.poll(m -> seen.add(m.text()), 9);
        assertThat(seen).containsExactly("b", "c");
    }

    // ---- closing and interrupts

    @Test
    void shouldReleaseAtTheNextCloseWhatCouldNotBeReleased() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        toy.releasing = new StackOverflowError();
        assertThatThrownBy(toy::close).isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(toy::receive).isInstanceOf(QueueClosedException.class);
        toy.releasing = null;
        toy.close();
        toy.close();
        assertThat(toy.released).isEqualTo(1);
    }

    /** It may wait for a disk. Closing does not need its lock, and the last to leave releases. */
    @Test
    void shouldReleaseWhenTheLastAcknowledgementHasEnded() throws Exception {
        CountDownLatch stands = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        Toy toy = new Toy(SubscriberOptions.builder().ackMode(AckMode.CLIENT).build()) {
            @Override
            protected void acknowledged(long position) {
                stands.countDown();
                Use.awaitUninterruptibly(goesOn, Deadlines.FOREVER);
                super.acknowledged(position);
            }
        };
        toys.add(toy);
        toy.publish("a").receive();
        FutureTask<Void> acknowledging = start(
                () -> {
                    toy.acknowledge();
                    return null;
                },
                "acknowledge");
        stands.await();
        FutureTask<Void> closing = start(
                () -> {
                    toy.close();
                    return null;
                },
                "close");
        while (!(toy.state() instanceof SubscriberState.Closed)) Thread.onSpinWait();
        assertThatThrownBy(toy::acknowledge).isInstanceOf(QueueClosedException.class);
        assertThat(toy.released).isZero();
        goesOn.countDown();
        acknowledging.get();
        closing.get();
        assertThat(toy.acknowledged).containsExactly(1L);
        assertThat(toy.released).isOne();
        assertThat(toy.touchedAfterRelease).isFalse();
    }

    @Test
    void shouldWakeWhoeverWaitsWhenClosed() throws Exception {
        Toy receiver = toy(AckMode.AUTO);
        FutureTask<Message> receive = start(receiver::receive, "receive");
        receiver.awaitWaiting();
        receiver.close();
        assertThat(receive.get()).isNull();
        assertThat(receiver.released).isEqualTo(1);
        Toy poller = toy(AckMode.AUTO);
        FutureTask<Integer> poll = start(() -> poller.poll(m -> {}, 9, SECONDS), "poll");
        poller.awaitWaiting();
        poller.close();
        assertThat(poll.get()).isZero();
    }

    @Test
    void shouldThrowFromEveryCallOnceClosed() {
        Toy toy = toy(SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .build());
        toy.publish("a").receive();
        toy.close();
        toy.close();
        assertThat(toy.released).isEqualTo(1);
        assertThatThrownBy(toy::receive)
                .isInstanceOf(QueueClosedException.class)
                .hasMessage("Subscriber 'audit' of 'toys' is closed. Open or create it again.");
        assertThatThrownBy(() -> toy.poll(m -> {}, 1)).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(() -> toy.setListener(m -> {})).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(toy::acknowledge).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(() -> toy.acknowledge(1)).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(toy::recover).isInstanceOf(QueueClosedException.class);
        assertThat(toy.name()).isEqualTo("audit");
        assertThat(toy.position()).isEqualTo(1);
    }

    @Test
    void shouldWaitForAHandlerInAnotherThread() throws Exception {
        Toy toy = toy(AckMode.AUTO).publish("a");
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Integer> poll = start(() -> toy.poll(m -> awaitBoth(inHandler, goOn), 9), "poll");
        inHandler.await();
        FutureTask<Integer> close = start(
                () -> {
                    toy.close();
                    return toy.released;
                },
                "close");
        Thread.sleep(50);
        assertThat(close.isDone()).isFalse();
        assertThat(toy.released).isZero();
        goOn.countDown();
        assertThat(close.get()).isEqualTo(1);
        assertThat(poll.get()).isEqualTo(1);
        assertThat(toy.acknowledged).containsExactly(1L);
    }

    /** It wakes when it is closed, and leaves the queue's list before it is released. */
    @Test
    void shouldWaitForAReaderThatLeavesTheListMeanwhile() throws Exception {
        List<Toy> all = new CopyOnWriteArrayList<>();
        Toy toy = new Toy(SubscriberOptions.defaults()) {
            @Override
            protected synchronized void wake() {
                super.wake();
                all.remove(this);
            }
        };
        toys.add(toy.publish("a"));
        all.add(toy);
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Integer> poll = start(() -> toy.poll(m -> awaitBoth(inHandler, goOn), 9), "poll");
        inHandler.await();
        FutureTask<Integer> close = start(
                () -> {
                    SubscriberSupport.closeAll(all);
                    return toy.released;
                },
                "close");
        Thread.sleep(50);
        assertThat(all).isEmpty();
        goOn.countDown();
        assertThat(close.get()).isEqualTo(1);
        assertThat(poll.get()).isEqualTo(1);
    }

    @Test
    @Tag("Slow")
    void shouldGiveUpWaitingForAHandlerAfterFiveSeconds() throws Exception {
        Toy toy = toy(AckMode.AUTO).publish("a");
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Integer> poll = start(() -> toy.poll(m -> awaitBoth(inHandler, goOn), 9), "poll");
        inHandler.await();
        long start = System.nanoTime();
        toy.close();
        assertThat(System.nanoTime() - start).as("not before").isGreaterThanOrEqualTo(4_900_000_000L);
        assertThat(toy.released).isZero();
        goOn.countDown();
        assertThat(poll.get()).isEqualTo(1);
        assertThat(toy.released).as("by whoever was inside").isEqualTo(1);
    }

    @Test
    void shouldKeepTheInterruptFlag() {
        Toy toy = toy(AckMode.AUTO).publish("a");
        Thread.currentThread().interrupt();
        assertThat(toy.receive().text()).isEqualTo("a");
        assertThat(toy.receiveNoWait()).isNull();
        assertThatThrownBy(toy::receive).isInstanceOf(InterruptedQueueException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(toy.publish("b").receive().text()).isEqualTo("b");
    }

    @Test
    void shouldCloseAlsoWhenInterrupted() throws Exception {
        Toy toy = toy(AckMode.AUTO);
        FutureTask<Message> receive = start(toy::receive, "receive");
        toy.awaitWaiting();
        Thread.currentThread().interrupt();
        toy.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(receive.get()).isNull();
        assertThat(toy.released).isEqualTo(1);
    }

    @Test
    @Tag("Slow")
    void shouldReleaseOnceWhenReadersAndClosersRace() throws Exception {
        for (int i = 0; i < 500; i++) {
            Toy toy = toy(AckMode.AUTO).publish("a", "b", "c");
            FutureTask<Void> reader = start(
                    () -> {
                        try {
                            while (true) toy.receiveNoWait();
                        } catch (QueueClosedException e) {
                            return null;
                        }
                    },
                    "reader");
            FutureTask<Void> closer = start(
                    () -> {
                        toy.close();
                        assertThat(toy.released).isEqualTo(1);
                        return null;
                    },
                    "closer");
            toy.close();
            assertThat(toy.released).isEqualTo(1);
            closer.get();
            reader.get();
            assertThat(toy.touchedAfterRelease).isFalse();
        }
    }

    @Test
    void shouldThrowDisconnectedEachTime() {
        Toy toy = toy(AckMode.AUTO);
        toy.trouble = Errors.disconnected("toy:toys", null, 1, 2, "x");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(toy::receive).isInstanceOf(SubscriberDisconnectedException.class);
            assertThatThrownBy(() -> toy.poll(m -> {}, 1)).isInstanceOf(SubscriberDisconnectedException.class);
        }
    }

    // ---- listener

    @Test
    void shouldCallTheListenerInADaemonThreadOfItsOwn() throws Exception {
        Toy toy = toy(SubscriberOptions.builder().name("audit").build());
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        toy.publish("a").setListener(m -> threads.add(Thread.currentThread()));
        Thread thread = threads.take();
        assertThat(thread.getName()).isEqualTo("belfry-toys-audit");
        assertThat(thread.isDaemon()).isTrue();
        toy.publish("b");
        assertThat(threads.take()).isSameAs(thread);
        String text = "Subscriber 'audit' of 'toys' has a listener: receive, poll and setListener are refused";
        assertThatIllegalStateException().isThrownBy(toy::receiveNoWait).withMessage(text);
        assertThatIllegalStateException()
                .isThrownBy(() -> toy.setListener(m -> {}))
                .withMessage(text);
        toy.close();
        thread.join();
        assertThat(toy.acknowledged).containsExactly(1L, 2L);
        assertThat(toy.released).isEqualTo(1);
    }

    @Test
    void shouldNumberAnonymousListeners() throws Exception {
        BlockingQueue<String> names = new LinkedBlockingQueue<>();
        toy(AckMode.AUTO)
                .publish("a")
                .setListener(m -> names.add(Thread.currentThread().getName()));
        assertThat(names.take()).matches("belfry-toys-\\d+");
    }

    @Test
    void shouldUseTheThreadFactory() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        toy(SubscriberOptions.builder()
                        .threadFactory(r -> new Thread(r, "mine"))
                        .build())
                .publish("a")
                .setListener(m -> threads.add(Thread.currentThread()));
        assertThat(threads.take().getName()).isEqualTo("mine");
    }

    /** At once, before setListener has gone on; and a second time. */
    @Test
    void shouldHearInWhicheverThreadTheFactoryHasRunIt() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        List<Thread> pool = new ArrayList<>();
        Toy toy = toy(SubscriberOptions.builder()
                        .threadFactory(r -> {
                            for (int i = 0; i < 2; i++) {
                                pool.add(new Thread(r, "pool"));
                                pool.get(i).start();
                            }
                            return new Thread(() -> {});
                        })
                        .build())
                .publish("a", "b");
        toy.setListener(m -> threads.add(Thread.currentThread()));
        assertThat(threads.take()).isIn(pool).isSameAs(threads.take());
        toy.close();
        for (Thread each : pool) each.join(60_000);
        assertThat(pool).noneMatch(Thread::isAlive);
    }

    @Test
    void shouldRefuseAFactoryThatRunsTheListenerAtOnce() {
        Toy toy = toy(SubscriberOptions.builder()
                        .threadFactory(r -> {
                            r.run();
                            return new Thread(r);
                        })
                        .build())
                .publish("a");
        assertThatIllegalStateException()
                .isThrownBy(() -> toy.setListener(m -> {}))
                .withMessageContaining("in another thread");
        assertThat(toy.receiveNoWait().text()).isEqualTo("a");
    }

    @Test
    void shouldStayUsableWhenTheThreadFactoryFails() {
        Toy toy = toy(SubscriberOptions.builder().threadFactory(r -> null).build())
                .publish("a");
        assertThatNullPointerException().isThrownBy(() -> toy.setListener(m -> {}));
        assertThat(toy.receiveNoWait().text()).isEqualTo("a");
    }

    /** It would read beside whoever calls next. */
    @Test
    void shouldRefuseAThreadThatHasStartedAlready() {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        List<Thread> eager = new ArrayList<>();
        Toy toy = toy(SubscriberOptions.builder()
                        .threadFactory(r -> {
                            eager.add(new Thread(r, "eager"));
                            eager.get(0).start();
                            return eager.get(0);
                        })
                        .build())
                .publish("a");
        assertThatIllegalStateException()
                .isThrownBy(() -> toy.setListener(m -> heard.add(m.text())))
                .withMessageContaining("must return a thread that was not started");
        assertThat(toy.receiveNoWait().text()).isEqualTo("a");
        assertThat(eager.get(0)).satisfies(t -> t.join(60_000));
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldEndItsThreadAsEverWhenOnErrorThrowsWhatItWasGiven() throws Exception {
        List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        Toy toy = toy(SubscriberOptions.builder()
                .maxRedeliveries(0)
                .threadFactory(work -> {
                    Thread thread = new Thread(work);
                    thread.setUncaughtExceptionHandler((ended, e) -> uncaught.add(e));
                    threads.add(thread);
                    return thread;
                })
                .onError(e -> {
                    throw (RuntimeException) e;
                })
                .build());
        IllegalStateException trouble = new IllegalStateException("b");
        toy.publish("a").setListener(m -> {
            throw trouble;
        });
        threads.get(0).join();
        assertThat(uncaught).isEmpty();
        assertThat(trouble).hasNoSuppressedExceptions();
        assertThat(toy.state()).isEqualTo(new SubscriberState.Stopped(trouble, 1));
    }

    @Test
    void shouldRepeatThenStopWhenTheListenerThrows() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        Toy toy = toy(SubscriberOptions.builder()
                .maxRedeliveries(2)
                .onError(e -> {
                    told.set(e);
                    done.countDown();
                })
                .build());
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Exception trouble = new Exception("b");
        toy.publish("a", "b", "c").setListener(m -> {
            seen.add(m.text() + (m.redelivered() ? "!" : ""));
            m.bytes()[0] = 'x'; // its own copy
            if (m.position() == 2) throw trouble;
        });
        done.await();
        assertThat(told).hasValue(trouble);
        assertThat(seen).containsExactly("a", "b", "b!", "b!");
        assertThat(toy.released).as("before onError").isEqualTo(1);
        assertThat(toy.acknowledged).containsExactly(1L);
        assertThat(toy.position()).isEqualTo(1);
        assertThatThrownBy(toy::receive).isInstanceOf(QueueClosedException.class);
        assertThat(toy.state()).isEqualTo(new SubscriberState.Stopped(trouble, 2));
        assertThat(toy.stoppedWhenReleased).isEqualTo(2);
        toy.close();
        assertThat(toy.state()).as("why stays known").isInstanceOf(SubscriberState.Stopped.class);
    }

    /** An interrupt is no failure of the message, so it is not skipped. */
    @Test
    void shouldSkipNoMessageForOneOfAnotherQueue() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        Toy toy = toy(SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.skip())
                .onError(e -> {
                    told.set(e);
                    done.countDown();
                })
                .build());
        RuntimeException other = new IncompatibleVersionException("message 3 of another queue", 3);
        toy.publish("a", "b", "c", "d").setListener(m -> {
            Thread.currentThread().interrupt();
            throw other;
        });
        done.await();
        assertThat(told).hasValue(other);
        assertThat(toy.state()).isEqualTo(new SubscriberState.Stopped(other, 1));
    }

    @Test
    void shouldCountFailuresOfOneMessageOnly() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        MessageListener everyFirstTime = m -> {
            seen.add(m.text());
            if (m.position() == 3 && m.redelivered()) done.countDown();
            if (!m.redelivered()) throw new Exception();
        };
        toy(SubscriberOptions.builder().maxRedeliveries(1).build())
                .publish("a", "b", "c")
                .setListener(everyFirstTime);
        done.await();
        assertThat(seen).containsExactly("a", "a", "b", "b", "c", "c");
    }

    @Test
    void shouldStopAListenerThatRecoversAndThrowsForEver() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Toy toy = toy(SubscriberOptions.builder()
                .ackMode(AckMode.CLIENT)
                .maxRedeliveries(1)
                .onError(e -> done.countDown())
                .build());
        toy.publish("a", "b").setListener(m -> {
            seen.add(m.text());
            if (m.position() == 1) return;
            toy.recover();
            throw new Exception();
        });
        done.await();
        assertThat(seen).containsExactly("a", "b", "a", "b");
    }

    @Test
    void shouldTellOnErrorWhenDisconnected() throws Exception {
        BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
        Toy toy = toy(SubscriberOptions.builder().onError(told::add).build());
        toy.trouble = Errors.disconnected("toy:toys", null, 1, 2, "x");
        toy.setListener(m -> {});
        assertThat(told.take()).isSameAs(toy.trouble);
        assertThat(toy.state()).isEqualTo(new SubscriberState.Stopped(toy.trouble, 1));
    }

    @Test
    void shouldLetAListenerClose() throws Exception {
        BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
        Toy toy = toy(SubscriberOptions.builder().onError(told::add).build());
        toy.publish("a", "b").setListener(m -> toy.close());
        toy.awaitReleased();
        assertThat(toy.acknowledged).containsExactly(1L);
        assertThat(told).isEmpty();
        assertThat(toy.state()).isEqualTo(new SubscriberState.Closed());
    }

    // ---- the toy

    private static MessageHandler failOn(String text, RuntimeException trouble) {
        return m -> {
            if (m.text().equals(text)) throw trouble;
        };
    }

    private static void awaitBoth(CountDownLatch down, CountDownLatch await) {
        down.countDown();
        try {
            await.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> FutureTask<T> start(java.util.concurrent.Callable<T> call, String name) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** A list under a monitor: the whole of a transport, as far as a subscriber goes. */
    private static class Toy extends SubscriberSupport {
        private final List<Message> log = new ArrayList<>();
        final List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
        final List<Long> consumed = Collections.synchronizedList(new ArrayList<>());
        long spent;
        final List<Long> begun = Collections.synchronizedList(new ArrayList<>());
        final List<Long> deadlines = Collections.synchronizedList(new ArrayList<>());
        volatile int released;
        volatile long stoppedWhenReleased;
        volatile boolean touchedAfterRelease;
        volatile RuntimeException trouble;
        Error storing;
        Error releasing;
        boolean batches;
        boolean overflowing; // its views have no stack left
        private boolean waiting;
        private boolean woken;
        private long next = 1;
        private long done;

        Toy(SubscriberOptions options) {
            super("toys", "toys", options);
        }

        Toy(SubscriberOptions options, long acknowledged, long given) {
            super("toys", "toys", options);
            standing().attached(acknowledged, given);
            done = acknowledged;
            next = acknowledged + 1;
        }

        synchronized Toy publish(String... texts) {
            for (String text : texts)
                log.add(new HeapMessage(log.size() + 1, 0, text.getBytes(), MessageProperties.empty(), false));
            notifyAll();
            return this;
        }

        synchronized void awaitWaiting() throws InterruptedException {
            while (!waiting) wait();
        }

        synchronized void awaitReleased() throws InterruptedException {
            while (released == 0) wait();
        }

        @Override
        protected long begins(long nanos) {
            begun.add(nanos);
            return nanos - spent;
        }

        @Override
        protected synchronized MessageView next(long deadlineNanos) {
            touch();
            deadlines.add(deadlineNanos);
            if (trouble != null) throw trouble;
            while (next > log.size()) {
                long left = Deadlines.remaining(deadlineNanos);
                if (woken || left <= 0) {
                    woken = false;
                    return null;
                }
                waiting = true;
                notifyAll();
                try {
                    wait(Math.max(1, Math.min(left / 1_000_000 + 1, 1_000_000)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw Errors.interrupted("a message of 'toy:toys'");
                }
            }
            Message m = log.get((int) next++ - 1);
            return HeapMessage.copyOf(m, standing().isGiven(m.position()));
        }

        @Override
        protected int drain(MessageHandler handler, int limit, long deadlineNanos) {
            if (!batches) return super.drain(handler, limit, deadlineNanos);
            batchBegins();
            long first = next;
            int n = 0;
            for (; n < limit && next <= log.size(); n++) {
                MessageView view = new View(log.get((int) next++ - 1));
                try {
                    standing().handsOver(view.position());
                    handler.onMessage(view);
                } catch (Throwable failure) {
                    failedInBatch = view;
                    batchFailed(view, first);
                    throw failure;
                }
            }
            if (n > 0) batchEnds(next - 1);
            return n;
        }

        @Override
        protected synchronized void acknowledged(long position) {
            touch();
            if (storing != null) throw storing;
            (options().ackMode() == AckMode.NONE ? consumed : acknowledged).add(position);
            done = Math.max(done, position);
        }

        @Override
        protected synchronized void rewind() {
            touch();
            next = done + 1;
        }

        @Override
        protected synchronized void wake() {
            touch();
            woken = true;
            notifyAll();
        }

        @Override
        protected synchronized void release() {
            touch();
            if (releasing != null) throw releasing;
            stoppedWhenReleased = stoppedAt();
            released++;
            notifyAll();
        }

        private void touch() {
            if (released > 0) touchedAfterRelease = true;
        }

        @Override
        public synchronized long lag() {
            return log.size() - position();
        }

        @Override
        public long lostCount() {
            return 0;
        }

        /** In place, as far as a subscriber knows. */
        private final class View extends ReadableArray implements MessageView {
            private final Message message;

            View(Message message) {
                this.message = message;
            }

            @Override
            public long position() {
                if (overflowing) throw new StackOverflowError();
                return message.position();
            }

            @Override
            public long timestampMillis() {
                return message.timestampMillis();
            }

            @Override
            protected byte[] array() {
                return message.bytes();
            }

            @Override
            public byte[] bytes() {
                return message.bytes().clone();
            }

            @Override
            public String text() {
                return message.text();
            }

            @Override
            public MessageProperties properties() {
                return message.properties();
            }

            @Override
            public boolean redelivered() {
                return false;
            }

            @Override
            public Message copy() {
                return HeapMessage.copyOf(this, false);
            }
        }
    }
}
