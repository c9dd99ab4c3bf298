package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberLoop;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.spi.SharedSleep;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 58: many subscribers, of several queues, that one thread reads. */
@WaitsForOthers
public abstract class SubscribersSuite extends ConformanceSuite {
    private static final int BODY = 100;

    private final List<Subscriber> members = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();

    protected SubscribersSuite() {}

    /** A queue each, with a publisher and a member. */
    private Subscribers all(int queues) {
        for (int i = 0; i < queues; i++) another();
        return closing(Subscribers.of(members.toArray(Subscriber[]::new)));
    }

    private Subscriber another() {
        nextQueue();
        MessageQueue queue = open();
        publishers.add(queue.createPublisher());
        members.add(queue.createSubscriber());
        return members.get(members.size() - 1);
    }

    private void untilItSleeps(Subscribers all) {
        assertThat(all.poll((from, view) -> {}, 1, SHORT)).isZero();
    }

    private static Subscribers.Received received(Subscribers all) {
        Subscribers.Received received = all.receive(Patience.limit());
        assertThat(received).as("a message").isNotNull();
        return received;
    }

    @Test
    void b58EachMemberIsReadInItsOrderAndNothingTwice() {
        Subscribers all = all(5);
        List<List<String>> sent = new ArrayList<>();
        List<Call<List<String>>> calls = new ArrayList<>();
        int each = has(Capability.CROSS_HOST) ? 50 : 500;
        for (Publisher publisher : publishers)
            calls.add(call(() -> {
                List<String> texts = new ArrayList<>();
                Random random = new Random(58);
                for (int i = 0; i < each; i++) {
                    publisher.publish("message " + i);
                    texts.add("message " + i);
                    if (random.nextInt(50) == 0) Patience.pause(1);
                }
                return texts;
            }));
        Map<Subscriber, List<String>> seen = new HashMap<>();
        int got = 0;
        while (got < 5 * each) {
            int n = all.poll(
                    (from, view) ->
                            seen.computeIfAbsent(from, f -> new ArrayList<>()).add(view.text()),
                    20,
                    Patience.limit());
            assertThat(n).isPositive();
            got += n;
        }
        calls.forEach(call -> sent.add(call.result()));
        for (int i = 0; i < 5; i++) assertThat(seen.get(members.get(i))).isEqualTo(sent.get(i));
        untilItSleeps(all);
    }

    @Test
    void b58ReceiveTakesTurns() {
        Subscribers all = all(3);
        for (Publisher publisher : publishers) publish(publisher, "message ", 3);
        members.forEach(member -> assertThat(member.lag()).isIn(3L, -1L));
        List<Subscriber> from = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Subscribers.Received received = received(all);
            from.add(received.from());
            assertThat(received.message().text()).isEqualTo("message " + (i / 3 + 1));
        }
        assertThat(from.subList(3, 6)).isEqualTo(from.subList(0, 3));
        assertThat(from.subList(6, 9)).isEqualTo(from.subList(0, 3));
        assertThat(from.subList(0, 3)).containsExactlyInAnyOrderElementsOf(members);
        assertThat(all.receive(SHORT)).isNull();
    }

    /** One that never ends keeps no other waiting: it gets its limit in each call, and no more. */
    @Test
    void b58LimitIsForEachMember() {
        Subscribers all = all(2);
        publish(publishers.get(0), "busy ", 100);
        publishers.get(1).publish("rare");
        List<String> seen = new ArrayList<>();
        while (!seen.contains("rare"))
            assertThat(all.poll((from, view) -> seen.add(view.text()), 10, Patience.limit()))
                    .isPositive();
        assertThat(seen).hasSizeLessThanOrEqualTo(21);
    }

    @Test
    void b58SleepsUntilAnyHasAMessage() {
        Subscribers all = all(4);
        for (int i : List.of(2, 0, 3, 3, 1)) {
            Call<Subscribers.Received> waiting =
                    call(() -> all.receive(LONG_TIME)).untilItWaits();
            publishers.get(i).publish("message");
            assertThat(waiting.result().from()).isSameAs(members.get(i));
        }
    }

    @Test
    void b58MemberIsAddedWhileItSleeps() {
        Subscribers all = all(2);
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        Subscriber added = another();
        all.add(added);
        publishers.get(2).publish("to the new one");
        assertThat(waiting.result()).satisfies(r -> {
            assertThat(r.from()).isSameAs(added);
            assertThat(r.message().text()).isEqualTo("to the new one");
        });
        assertThat(all.members()).containsExactlyElementsOf(members);
    }

    /** Also what its thread had found already is its owner's, once and in order. */
    @Test
    void b58MemberThatIsRemovedIsItsOwnersAgain() {
        Subscribers all = all(2);
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        Subscriber removed = members.get(1);
        assertThat(all.remove(removed)).isTrue();
        assertThat(all.remove(removed)).isFalse();
        publish(publishers.get(1), "message ", 3);
        assertThat(texts(removed, 2)).containsExactly("message 1", "message 2");
        assertThat(waiting.isDone()).isFalse();
        all.add(removed);
        assertThat(waiting.result().message().text()).isEqualTo("message 3");
        untilItSleeps(all);
        publish(publishers.get(1), "more ", 2);
        Patience.until("its thread has found them", () -> members.get(1).lag() != 0);
        Patience.pause(20);
        assertThat(all.remove(removed)).isTrue();
        assertThat(texts(removed, 2)).containsExactly("more 1", "more 2");
        assertNothingComes(removed);
    }

    /** Where a thread of its own waits for it, it is removed first. */
    @Test
    void b58MemberIsReadAloneBetweenTwoCalls() {
        Subscribers all = all(2);
        untilItSleeps(all);
        Subscriber member = members.get(1);
        boolean shares = member instanceof SharedSleep.Sleeper;
        if (!shares) all.remove(member);
        publish(publishers.get(1), "message ", 3);
        assertThat(texts(member, 2)).containsExactly("message 1", "message 2");
        if (has(Capability.SEEK)) member.seek(StartAt.OLDEST_RETAINED);
        if (!shares) all.add(member);
        for (int i = has(Capability.SEEK) ? 1 : 3; i <= 3; i++)
            assertThat(received(all).message().text()).isEqualTo("message " + i);
        untilItSleeps(all);
    }

    @Test
    void b58HandlerMayRemoveItsMemberAndCloseAll() {
        Subscribers all = all(2);
        publish(publishers.get(0), "message ", 1);
        assertThat(all.poll((from, view) -> assertThat(all.remove(from)).isTrue(), 1, Patience.limit()))
                .isOne();
        assertThat(all.members()).containsExactly(members.get(1));
        publishers.get(0).publish("next");
        assertThat(next(members.get(0)).text()).isEqualTo("next");
        publishers.get(1).publish("last");
        assertThat(all.poll((from, view) -> all.close(), 1, Patience.limit())).isOne();
        assertThatThrownBy(() -> all.poll((from, view) -> {}, 1)).isInstanceOf(QueueClosedException.class);
        publishers.get(1).publish("after it");
        assertThat(next(members.get(1)).text()).isEqualTo("after it");
    }

    /** The messages after it are its owner's, and were not handed over. */
    @Test
    void b58TurnEndsWithTheMessageAtWhichItsMemberIsRemoved() {
        Subscribers all = all(2);
        publish(publishers.get(0), "message ", 4);
        assertThat(all.poll((from, view) -> all.remove(from), 100, Patience.limit()))
                .isOne();
        for (int i = 2; i <= 4; i++) assertThat(next(members.get(0))).satisfies(isFresh("message " + i));
    }

    private static Consumer<Message> isFresh(String text) {
        return message -> {
            assertThat(message.text()).isEqualTo(text);
            assertThat(message.redelivered()).isFalse();
        };
    }

    @Test
    void b58RemoveAndCloseEndTheTurnAndWaitForIt() {
        Subscribers all = all(2);
        Subscriber member = members.get(0);
        publish(publishers.get(0), "message ", 4);
        endsTheTurn(all, () -> all.remove(member));
        assertThat(next(member)).satisfies(isFresh("message 2"));
        all.add(member);
        endsTheTurn(all, all::close);
        assertThat(next(member)).satisfies(isFresh("message 4"));
    }

    private void endsTheTurn(Subscribers all, Runnable end) {
        CountDownLatch heard = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        Call<Integer> reading = call(() -> all.poll(
                (from, view) -> {
                    heard.countDown();
                    await(goesOn);
                },
                100,
                Patience.limit()));
        await(heard);
        Call<Void> ending = run(end::run).untilItWaits();
        goesOn.countDown();
        ending.result();
        assertThat(reading.result()).isOne();
    }

    /** The handler goes on, and the member is out. */
    @Test
    void b58InterruptAndCloseEndTheWaitForAHandler() {
        Subscribers all = all(2);
        Subscriber member = members.get(0);
        stayingInTheHandler(all, () -> {
            Call<Void> removing = run(() -> all.remove(member)).untilItWaits();
            removing.interrupt();
            assertThat(removing.failure())
                    .isInstanceOf(InterruptedQueueException.class)
                    .hasMessageContaining("waiting for the handler that has a message of " + member);
            assertThat(removing.interruptFlag()).isTrue();
            assertThat(all.members()).containsExactly(members.get(1));
        });
        all.add(member);
        stayingInTheHandler(all, () -> {
            Call<Boolean> removing = call(() -> all.remove(member)).untilItWaits();
            all.close();
            assertThat(removing.result()).isTrue();
        });
        Subscribers others = closing(Subscribers.of(member));
        stayingInTheHandler(others, () -> {
            Call<Void> closing = run(others::close).untilItWaits();
            closing.interrupt();
            closing.result();
            assertThat(closing.interruptFlag()).isTrue();
        });
    }

    private void stayingInTheHandler(Subscribers all, Runnable check) {
        CountDownLatch heard = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        publish(publishers.get(0), "message ", 1);
        Call<Integer> reading = call(() -> all.poll(
                (from, view) -> {
                    heard.countDown();
                    await(goesOn);
                },
                1,
                Patience.limit()));
        await(heard);
        try {
            check.run();
        } finally {
            goesOn.countDown();
        }
        assertThat(reading.result()).isOne();
    }

    @Test
    void b58CloseAndInterruptWakeItAndLeaveTheMembersOpen() {
        Subscribers all = all(3);
        Call<Subscribers.Received> interrupted =
                call(() -> all.receive(LONG_TIME)).untilItWaits();
        interrupted.interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(interrupted.interruptFlag()).isTrue();
        publishers.get(0).publish("message");
        assertThat(received(all).message().text()).isEqualTo("message");
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        all.close();
        assertThat(waiting.result()).isNull();
        all.close();
        for (Publisher publisher : publishers) publisher.publish("after it");
        for (Subscriber member : members) assertThat(next(member).text()).isEqualTo("after it");
    }

    @Test
    void b58MemberThatIsClosedIsTakenOut() {
        Subscribers all = all(3);
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        members.get(0).close();
        Patience.until("it is taken out", () -> all.members().equals(members.subList(1, 3)));
        publishers.get(1).publish("message");
        assertThat(waiting.result().message().text()).isEqualTo("message");
        Call<Subscribers.Received> last = call(() -> all.receive(LONG_TIME)).untilItWaits();
        members.get(1).close();
        members.get(2).close();
        assertThat(last.failure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("add one before they are read");
    }

    @Test
    void b58HandlerThatThrowsGetsTheMessageAgain() {
        Subscribers all = all(2);
        publish(publishers.get(0), "message ", 2);
        assertThatThrownBy(() -> all.poll(
                        (from, view) -> {
                            throw new UnsupportedOperationException("mine");
                        },
                        1,
                        Patience.limit()))
                .hasMessage("mine");
        assertThat(all.members()).isEqualTo(members);
        publishers.get(1).publish("other");
        Map<Subscriber, List<String>> seen = new HashMap<>();
        while (seen.values().stream().mapToInt(List::size).sum() < 3)
            assertThat(all.poll(
                            (from, view) -> seen.computeIfAbsent(from, f -> new ArrayList<>())
                                    .add(view.text()),
                            1,
                            Patience.limit()))
                    .isPositive();
        assertThat(seen)
                .isEqualTo(Map.of(members.get(0), List.of("message 1", "message 2"), members.get(1), List.of("other")));
    }

    /** A message that a member's thread has only found is not handed over. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b58WhatIsFoundIsNotAcknowledgedAndComesAgainAfterRecover() {
        queue = open();
        publisher = queue.createPublisher();
        subscriber = queue.createSubscriber(options().ackMode(AckMode.CLIENT).build());
        Subscribers all = closing(Subscribers.of(subscriber));
        untilItSleeps(all);
        publish(publisher, "message ", 3);
        Patience.pause(20);
        assertThat(subscriber.position()).isZero();
        assertThat(subscriber.lag()).isEqualTo(3);
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i <= 3; i++) {
                Message message = received(all).message();
                assertThat(message.text()).isEqualTo("message " + i);
                assertThat(message.redelivered()).isEqualTo(round == 1);
            }
            all.remove(subscriber);
            subscriber.recover();
            all.add(subscriber);
        }
        received(all);
        subscriber.acknowledge();
        assertThat(received(all).message().text()).isEqualTo("message 2");
    }

    @Test
    @Tag("NAMED")
    void b58NamedMemberKeepsWhatItWasNotGiven() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber named = queue.createSubscriber(options().name("audit").build());
        Subscribers all = closing(Subscribers.of(named));
        untilItSleeps(all);
        publish(publisher, "message ", 2);
        Patience.pause(20);
        named.close();
        Subscriber again = queue.createSubscriber(options().name("audit").build());
        assertThat(texts(again, 2)).containsExactly("message 1", "message 2");
    }

    @Test
    void b58BadCallsAreRefusedAndTheOthersReadOn() {
        Subscribers all = all(2);
        assertThatThrownBy(Subscribers::of)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 were given");
        Subscriber first = members.get(0);
        assertThatThrownBy(() -> all.add(first))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a member already");
        Subscriber closed = another();
        closed.close();
        assertThatThrownBy(() -> all.add(closed)).isInstanceOf(QueueClosedException.class);
        Subscriber listening = another();
        listening.setListener(message -> {});
        assertThatThrownBy(() -> all.add(listening))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has a listener");
        Subscriber read = another();
        Call<Message> reading = call(() -> read.receive(LONG_TIME)).untilItWaits();
        assertThatThrownBy(() -> all.add(read)).isInstanceOf(ConcurrentModificationException.class);
        assertThat(reading.isDone()).isFalse();
        assertThatThrownBy(() -> all.add(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> all.remove(null)).isInstanceOf(NullPointerException.class);
        assertThat(all.remove(read)).isFalse();
        assertThatThrownBy(() -> all.poll(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> all.poll((from, view) -> {}, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> all.poll((from, view) -> {}, 1, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> all.receive(null)).isInstanceOf(NullPointerException.class);
        publishers.get(1).publish("message");
        assertThatThrownBy(() -> all.poll((from, view) -> all.receive(SHORT), 1, Patience.limit()))
                .as("in its handler")
                .isInstanceOf(ConcurrentModificationException.class)
                .hasMessageContaining("one thread at a time");
        assertThat(received(all).message().text()).as("comes again").isEqualTo("message");
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        assertThatThrownBy(() -> all.receive(SHORT)).isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(() -> first.receive(SHORT)).isInstanceOf(ConcurrentModificationException.class);
        publishers.get(0).publish("message");
        assertThat(waiting.result().from()).isSameAs(first);
    }

    /** Also while the other set sleeps for it. */
    @Test
    void b58MemberOfAnotherSetIsRefusedUntilItIsRemovedThere() {
        Subscribers all = all(2);
        Subscriber member = members.get(0);
        Subscribers other = closing(Subscribers.of(another()));
        Call<Subscribers.Received> waiting = call(() -> all.receive(LONG_TIME)).untilItWaits();
        assertThatThrownBy(() -> Subscribers.of(member))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("remove it there first");
        assertThatThrownBy(() -> other.add(member)).hasMessageContaining(member.toString());
        publishers.get(0).publish("message 1");
        assertThat(waiting.result().message().text()).isEqualTo("message 1");
        assertThat(all.remove(member)).isTrue();
        other.add(member);
        publishers.get(0).publish("message 2");
        assertThat(received(other).message().text()).isEqualTo("message 2");
        other.close();
        all.add(member);
        publishers.get(0).publish("message 3");
        assertThat(received(all).message().text()).isEqualTo("message 3");
    }

    @Test
    void b58LoopHearsAllMembersInOneThread() {
        for (int i = 0; i < 3; i++) another();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        SubscriberLoop loop = closing(SubscriberLoop.of(
                (from, view) -> {
                    threads.add(Thread.currentThread());
                    heard.add(members.indexOf(from) + " " + view.text());
                },
                null,
                members.get(0),
                members.get(1)));
        loop.add(members.get(2));
        for (int i : List.of(2, 0, 1)) publish(publishers.get(i), "message ", 2);
        Patience.until("all are heard", () -> heard.size() == 6);
        for (int i = 0; i < 3; i++) assertThat(heard).containsSubsequence(i + " message 1", i + " message 2");
        assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
        assertThat(loop.remove(members.get(0))).isTrue();
        loop.close();
        for (Publisher publisher : publishers) publisher.publish("after it");
        for (Subscriber member : members) assertThat(next(member).text()).isEqualTo("after it");
        assertThat(heard).hasSize(6);
    }

    /** And it waits for new members when the last one has gone. */
    @Test
    void b58LoopTakesOutAMemberWhoseListenerThrows() {
        for (int i = 0; i < 2; i++) another();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        Queue<String> failed = new ConcurrentLinkedQueue<>();
        SubscriberLoop loop = closing(SubscriberLoop.of(
                (from, view) -> {
                    heard.add(view.text());
                    if (view.text().equals("bad") && !view.redelivered()) throw new IllegalStateException("mine");
                },
                (member, failure) -> failed.add(members.indexOf(member) + " " + failure.getMessage()),
                members.get(0),
                members.get(1)));
        publishers.get(0).publish("bad");
        Patience.until("it is told", () -> failed.size() == 1);
        assertThat(failed).containsExactly("0 mine");
        assertThat(loop.members()).containsExactly(members.get(1));
        publishers.get(1).publish("good");
        Patience.until("the other is heard", () -> heard.contains("good"));
        members.get(1).close();
        Patience.until("it is taken out", () -> loop.members().isEmpty());
        loop.add(members.get(0));
        Patience.until("it is heard again", () -> heard.size() == 3);
        assertThat(heard).containsExactly("bad", "good", "bad");
        assertThat(failed).hasSize(1);
    }

    @Test
    void b58LoopCloseWaitsForOneMessageAndNoMoreIsHeard() {
        another();
        publish(publishers.get(0), "message ", 3);
        CountDownLatch hears = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        SubscriberLoop loop = closing(SubscriberLoop.of(
                (from, view) -> {
                    heard.add(view.text());
                    hears.countDown();
                    await(goesOn);
                },
                null,
                members.get(0)));
        await(hears);
        Call<Void> closing = run(loop::close).untilItWaits();
        goesOn.countDown();
        closing.result();
        for (int i = 2; i <= 3; i++) assertThat(next(members.get(0))).satisfies(isFresh("message " + i));
        assertThat(heard).containsExactly("message 1");
    }

    @Test
    void b58LoopIsLeftByItsLastMemberWithoutAFailure() {
        another();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        SubscriberLoop loop = closing(SubscriberLoop.of(
                (from, view) -> heard.add(view.text()), (member, failure) -> failed.add(failure), members.get(0)));
        for (int i = 1; i <= 5; i++) {
            int round = i;
            publishers.get(0).publish("message " + i);
            Patience.until("it is heard", () -> heard.size() == round);
            Patience.pause(20);
            assertThat(loop.remove(members.get(0))).isTrue();
            Patience.pause(5);
            loop.add(members.get(0));
        }
        assertThat(failed).isEmpty();
    }

    /** Also a failure that an interrupt caused, and one after it has removed the member itself. */
    @Test
    void b58LoopTellsWhateverItsListenerThrows() {
        for (int i = 0; i < 2; i++) another();
        Queue<String> failed = new ConcurrentLinkedQueue<>();
        AtomicReference<SubscriberLoop> itself = new AtomicReference<>();
        SubscriberLoop loop = closing(SubscriberLoop.of(
                (from, view) -> {
                    if (view.text().equals("interrupted")) throw new InterruptedQueueException("mine", null);
                    itself.get().remove(from);
                    throw new IllegalStateException("removed");
                },
                (member, failure) -> failed.add(members.indexOf(member) + " " + failure.getMessage()),
                members.get(0),
                members.get(1)));
        itself.set(loop);
        publishers.get(0).publish("interrupted");
        Patience.until("it is told", () -> failed.size() == 1);
        publishers.get(1).publish("message");
        Patience.until("the other is told", () -> failed.size() == 2);
        assertThat(failed).containsExactly("0 mine", "1 removed");
        assertThat(loop.members()).isEmpty();
    }

    /** It is taken out, and told once. */
    @Test
    void b58MemberThatGetsAListenerIsTakenOut() throws Exception {
        Subscribers all = all(2);
        CountDownLatch heard = new CountDownLatch(1);
        members.get(0).setListener(message -> heard.countDown());
        publishers.get(1).publish("message");
        assertThatThrownBy(() -> all.poll((from, view) -> {}, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has a listener");
        assertThat(all.members()).containsExactly(members.get(1));
        assertThat(received(all).message().text()).isEqualTo("message");
        publishers.get(0).publish("to the listener");
        await(heard);
    }

    /** A message that a set has only found was not handed over. */
    @Test
    @Tag("NAMED")
    @Tag("OVERRUN")
    @Tag("MEMBERS")
    void b58MemberHasLostWhatNoHandlerGot() {
        AtomicLong told = new AtomicLong();
        SubscriberOptions overrun = options()
                .name("overrun")
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .onOverrun(told::addAndGet)
                .build();
        MessageQueue queue = open(SMALL);
        Publisher publisher = queue.createPublisher();
        Subscriber member = queue.createSubscriber(overrun);
        publisher.publish("hello");
        Subscribers.of(member).close();
        assertThat(queue.stats().subscribers().get(0).position()).isEqualTo(member.position());
        member.close();
        for (int i = 0; i < 200; i++) publisher.publish(bytes(1_000));
        overwritten();
        Subscriber again = queue.createSubscriber(overrun);
        Message first = next(again);
        assertThat(first.redelivered()).isFalse();
        assertThat(told).hasValue(first.position() - 1);
        assertThat(again.lostCount()).isEqualTo(first.position() - 1);
    }
}
