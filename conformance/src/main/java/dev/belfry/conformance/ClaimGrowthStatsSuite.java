package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static dev.belfry.conformance.WaitingAndClosingSuite.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 26-30: claims, growth, figures, and what misuse is answered with. */
@Waits
public abstract class ClaimGrowthStatsSuite extends ConformanceSuite {
    protected ClaimGrowthStatsSuite() {}

    // ---- 26: claim

    @Test
    @Tag("CLAIM")
    void b26CommitPublishesTheWholeOrTheFirstBytes() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] body = "0123456789".getBytes();
        try (Claim claim = publisher.claim(10)) {
            ByteBuffer buffer = claim.buffer();
            assertThat(buffer.position()).isZero();
            assertThat(buffer.limit()).isEqualTo(10);
            assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(buffer.isReadOnly()).isFalse();
            buffer.put(body);
            assertPosition(1, claim.commit());
        }
        try (Claim claim = publisher.claim(10)) {
            claim.buffer().put(0, body); // the buffer's position does not matter
            assertPosition(2, claim.commit());
        }
        try (Claim claim = publisher.claim(10)) {
            claim.buffer().put(body);
            assertPosition(3, claim.commit(4));
        }
        try (Claim claim = publisher.claim(10)) {
            assertPosition(4, claim.commit(0));
        }
        try (Claim claim = publisher.claim(0)) {
            assertThat(claim.buffer().hasRemaining()).isFalse();
            assertPosition(5, claim.commit());
        }
        publisher.publish("plain");
        assertThat(texts(subscriber, 6)).containsExactly("0123456789", "0123456789", "0123", "", "", "plain");
    }

    @Test
    @Tag("CLAIM")
    void b26ClaimGivenUpLeavesNoHole() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        try (Claim claim = publisher.claim(100)) {
            claim.buffer().put(new byte[100]);
        }
        assertThat(next(subscriber).text()).isEqualTo("before");
        assertNothingComes(subscriber);
        long after = publisher.publish("after");
        assertPosition(2, after);
        assertThat(next(subscriber).text()).isEqualTo("after");
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("CLAIM")
    void b26NothingIsSeenBeforeCommitAndOthersWait() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        CountDownLatch claimed = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Call<Long> claiming = call(() -> {
            try (Claim claim = publisher.claim(5)) {
                claim.buffer().put("first".getBytes());
                claimed.countDown();
                await(goOn);
                return claim.commit();
            }
        });
        await(claimed);
        List<Call<Long>> others =
                List.of(call(() -> publisher.publish("another thread")), call(() -> open().createPublisher()
                        .publish("another handle")));
        others.forEach(Call::untilItWaits);
        assertNothingComes(subscriber);
        others.forEach(o -> o.staysPending(Duration.ofMillis(10)));
        goOn.countDown();
        claiming.result();
        others.forEach(Call::result);
        assertThat(next(subscriber).text()).isEqualTo("first");
        assertThat(texts(subscriber, 2)).containsExactlyInAnyOrder("another thread", "another handle");
    }

    @Test
    @Tag("CLAIM")
    void b26NestedPublishAndClaimAreRefused() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Publisher second = queue.createPublisher();
        try (Claim claim = publisher.claim(5)) {
            for (Publisher nested : List.of(publisher, second)) {
                assertThatThrownBy(() -> nested.claim(1)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> nested.publish("nested")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> nested.offer(bytes(1), Duration.ZERO))
                        .isInstanceOf(IllegalStateException.class);
            }
            claim.buffer().put("outer".getBytes());
            claim.commit();
        }
        second.publish("later");
        assertThat(texts(subscriber, 2)).containsExactly("outer", "later");
    }

    @Test
    @Tag("CLAIM")
    void b26BadLengthsAreRefusedAndHoldNothingUp() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int max = publisher.maxMessageLength();
        assertThatThrownBy(() -> publisher.claim(-1)).isInstanceOf(IllegalArgumentException.class);
        if (max < Integer.MAX_VALUE)
            assertThatThrownBy(() -> publisher.claim(max + 1)).isInstanceOf(MessageTooLargeException.class);
        try (Claim claim = publisher.claim(10)) {
            for (int bad : List.of(-1, 11))
                assertThatThrownBy(() -> claim.commit(bad)).isInstanceOf(IllegalArgumentException.class);
            claim.buffer().put("still open".getBytes());
            claim.commit();
        }
        open().createPublisher().publish("not held up");
        assertThat(texts(subscriber, 2)).containsExactly("still open", "not held up");
    }

    @Test
    @Tag("CLAIM")
    @SuppressWarnings("try")
    void b26CloseAfterCommitOrInAnotherThreadDoesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        try (Claim claim = publisher.claim(4)) {
            run(claim::close).result();
            claim.buffer().put("kept".getBytes());
            claim.commit();
            claim.close();
            claim.close();
        }
        publisher.publish("goes on");
        assertThat(texts(subscriber, 2)).containsExactly("kept", "goes on");
    }

    @Test
    @Tag("CLAIM")
    void b26CloseAfterItsPublisherWasClosedDoesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher closed = queue.createPublisher();
        Publisher publisher = queue.createPublisher();
        Claim given = closed.claim(4);
        closed.close();
        try (Claim claim = publisher.claim(4)) {
            given.close();
            assertThatThrownBy(given::commit).isInstanceOfAny(IllegalStateException.class, QueueClosedException.class);
            Publisher other = queue.createPublisher();
            assertThat(call(() -> other.offer(ByteBuffer.allocate(4), Duration.ZERO))
                            .result())
                    .as("while it is claimed")
                    .isEqualTo(Publisher.REJECTED);
            claim.buffer().put("kept".getBytes());
            claim.commit();
        }
        assertThat(texts(subscriber, 1)).containsExactly("kept");
    }

    @Test
    @Tag("CLAIM")
    void b26ClaimOfAThreadThatHasEndedIsGivenUp() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        Claim[] kept = new Claim[1];
        run(() -> {
                    kept[0] = publisher.claim(4);
                    kept[0].buffer().put("lost".getBytes());
                })
                .result();
        assertThat(publisher.publish("goes on")).isEqualTo(1);
        assertThat(texts(subscriber, 1)).containsExactly("goes on");
        assertThatThrownBy(kept[0]::commit).isInstanceOf(IllegalStateException.class);
    }

    // ---- 27: growth

    @Test
    @Tag("GATING")
    void b27GrowthKeepsOrderContentAndViews() {
        MessageQueue queue = open("capacity=4k&maxCapacity=8m");
        Subscriber holding = queue.createSubscriber();
        Subscriber reading = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        int count = LONG ? 5_000 : 1_000;
        publisher.publish(new Payload(0, 1).bytes(200));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch grown = new CountDownLatch(1);
        Call<Integer> handling = call(() -> holding.poll(
                v -> {
                    byte[] before = v.bytes();
                    ByteBuffer buffer = v.buffer();
                    inside.countDown();
                    await(grown);
                    assertThat(v.bytes()).isEqualTo(before);
                    assertThat(buffer).isEqualTo(ByteBuffer.wrap(before));
                    assertThat(Payload.of(v.bytes())).isEqualTo(new Payload(0, 1));
                },
                1,
                Patience.limit()));
        await(inside);
        Call<Void> readingAlong = run(() -> checkPayloads(reading, 1, count));
        for (int i = 2; i <= count; i++) publisher.publish(new Payload(0, i).bytes(i % 100 == 0 ? 20_000 : i % 700));
        grown.countDown();
        handling.result();
        checkPayloads(holding, 2, count);
        readingAlong.result();
        QueueStats stats = queue.stats();
        assertThat(stats.capacity()).isLessThanOrEqualTo(stats.maxCapacity());
    }

    @Test
    @Tag("GATING")
    void b27GrowthUnderLoadFromSeveralPublishers() {
        MessageQueue queue = open("capacity=4k&maxCapacity=4m");
        int each = LONG ? 50_000 : 3_000;
        List<Subscriber> subscribers = List.of(queue.createSubscriber(), open().createSubscriber());
        List<Call<Void>> publishing = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            int own = p;
            Publisher publisher = open().createPublisher(timeout(Patience.limit()));
            publishing.add(run(() -> {
                for (int i = 1; i <= each; i++) publisher.publish(new Payload(own, i).bytes());
            }));
        }
        List<Call<Void>> reading = subscribers.stream()
                .map(s -> run(() -> {
                    long[] last = new long[3];
                    for (int i = 0; i < 3 * each; i++) {
                        Payload payload = Payload.of(next(s).bytes());
                        assertThat(payload.serial()).isEqualTo(++last[payload.publisher()]);
                        if (i % 500 == 0) Patience.pause(2); // back-pressure
                    }
                }))
                .toList();
        publishing.forEach(Call::result);
        reading.forEach(Call::result);
    }

    @Test
    void b27MessageThatDoesNotFitGrowsTheQueueAtOnce() {
        MessageQueue queue = open("capacity=4k&maxCapacity=1m");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 8; i++) publisher.publish(new Payload(0, i).bytes(1_000 << i % 8));
        checkPayloads(subscriber, 1, 8);
    }

    private static void checkPayloads(Subscriber subscriber, long first, long last) {
        for (long i = first; i <= last; i++) {
            Message message = next(subscriber);
            assertThat(Payload.of(message.bytes()).serial()).isEqualTo(i);
        }
    }

    // ---- 28: figures

    @Test
    @Tag("POSITIONS")
    @Tag("CLAIM")
    void b28OldestAndNewestCountWhatIsRetainedAfterAClaimWasGivenUp() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        int most = publisher.maxMessageLength();
        publisher.claim(most).close(); // of an empty queue
        assertThat(queue.stats().oldestPosition()).isZero();
        for (int i = 1; i <= 5; i++) {
            publisher.publish(bytes(most / 4 * 3));
            publisher.claim(most / 8 * 7).close();
            QueueStats stats = queue.stats();
            assertThat(stats.newestPosition()).isEqualTo(i);
            Subscriber all = queue.createSubscriber(
                    options().startAt(StartAt.OLDEST_RETAINED).build());
            assertThat(all.position()).isEqualTo(stats.oldestPosition() - 1);
            assertThat(drain(all)).hasSize((int) (stats.newestPosition() - stats.oldestPosition() + 1));
            all.close();
        }
    }

    @Test
    @Tag("POSITIONS")
    void b28FiguresOfTheQueueItself() {
        MessageQueue queue = open();
        QueueStats empty = queue.stats();
        assertThat(empty.id()).isNotNull();
        assertThat(empty.oldestPosition()).isZero();
        assertThat(empty.newestPosition()).isZero();
        publish(queue.createPublisher(), "message ", 15);
        QueueStats stats = open().stats();
        assertThat(stats.id()).isEqualTo(empty.id());
        assertThat(stats.oldestPosition()).isEqualTo(1);
        assertThat(stats.newestPosition()).isEqualTo(15);
    }

    @Test
    @Tag("POSITIONS")
    @Tag("MEMBERS")
    void b28FiguresAddUp() {
        MessageQueue queue = open();
        QueueStats empty = queue.stats();
        assertThat(empty.id()).isNotNull();
        assertThat(empty.oldestPosition()).isZero();
        assertThat(empty.newestPosition()).isZero();
        assertThat(empty.publishers()).isZero();
        assertThat(empty.subscribers()).isEmpty();
        Subscriber first = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 10);
        Subscriber second = open().createSubscriber();
        assertThat(first.position()).isZero();
        assertThat(first.lag()).isEqualTo(10);
        assertThat(second.position()).isEqualTo(10);
        assertThat(second.lag()).isZero();
        next(first, 4);
        assertThat(first.position()).isEqualTo(4);
        assertThat(first.lag()).isEqualTo(6);
        publish(publisher, "message ", 5);
        assertThat(first.lag()).isEqualTo(11);
        assertThat(second.lag()).isEqualTo(5);
        QueueStats stats = open().stats();
        assertThat(stats.id()).isEqualTo(empty.id());
        assertThat(stats.oldestPosition()).isEqualTo(1);
        assertThat(stats.newestPosition()).isEqualTo(15);
        assertThat(stats.publishers()).isEqualTo(1);
        assertThat(stats.subscribers()).extracting(SubscriberStats::position).containsExactlyInAnyOrder(4L, 10L);
        assertThat(stats.subscribers()).extracting(SubscriberStats::lag).containsExactlyInAnyOrder(11L, 5L);
        assertThat(stats.subscribers())
                .extracting(SubscriberStats::acknowledgedPosition)
                .containsExactlyInAnyOrder(4L, 10L);
        assertThat(stats.subscribers()).allSatisfy(s -> {
            assertThat(s.name()).isNull();
            assertThat(s.attached()).isTrue();
            assertThat(s.lostCount()).isZero();
            assertThat(s.pid()).isEqualTo(ProcessHandle.current().pid());
        });
        publisher.close();
        first.close();
        assertThat(queue.stats().publishers()).isZero();
        assertThat(queue.stats().subscribers().stream().filter(SubscriberStats::attached))
                .hasSize(1);
    }

    @Test
    @Tag("POSITIONS")
    @Tag("OVERRUN")
    void b28LostCountIsInTheFigures() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(overrun().build());
        publish(queue.createPublisher(), "message ", 3_000);
        overwritten();
        next(subscriber);
        SubscriberStats stats = queue.stats().subscribers().get(0);
        assertThat(stats.lostCount()).isEqualTo(subscriber.lostCount()).isPositive();
        assertThat(stats.position()).isEqualTo(subscriber.position());
        assertThat(stats.lag()).isEqualTo(3_000 - subscriber.position());
        assertThat(queue.stats().oldestPosition()).isEqualTo(subscriber.position());
    }

    @Test
    @Tag("POSITIONS")
    @Tag("NAMED")
    void b28NamedSubscriptionIsShownWhileDetached() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(options().name("audit").build());
        publish(queue.createPublisher(), "message ", 7);
        next(subscriber, 3);
        assertThat(queue.stats().subscribers().get(0).attached()).isTrue();
        subscriber.close();
        assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> {
            assertThat(s.name()).isEqualTo("audit");
            assertThat(s.attached()).isFalse();
            assertThat(s.pid()).isZero();
            assertThat(s.acknowledgedPosition()).isEqualTo(3);
        });
        queue.unsubscribe("audit");
        assertThat(queue.stats().subscribers()).isEmpty();
    }

    // ---- 29: threads

    @Test
    @Tag("F60")
    void b29SecondThreadIsNoticed() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Call<Message> reading = call(() -> subscriber.receive(LONG_TIME)).untilItWaits();
        assertThatThrownBy(subscriber::receiveNoWait).isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(() -> subscriber.poll(v -> {}, 1)).isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(subscriber::recover).isInstanceOf(ConcurrentModificationException.class);
        queue.createPublisher().publish("for the first");
        assertThat(reading.result().text()).isEqualTo("for the first");
        assertThat(subscriber.receiveNoWait()).isNull(); // one after the other is fine
    }

    @Test
    @Tag("F60")
    void b29HandlerMayNotRead() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 2);
        assertThat(subscriber.poll(
                        v -> {
                            assertThatThrownBy(subscriber::receiveNoWait)
                                    .isInstanceOf(ConcurrentModificationException.class);
                            assertThatThrownBy(() -> subscriber.poll(w -> {}, 1))
                                    .isInstanceOf(ConcurrentModificationException.class);
                        },
                        1,
                        Patience.limit()))
                .isOne();
        assertThat(next(subscriber).text()).isEqualTo("message 2");
    }

    @Test
    @Tag("F60")
    void b29ListenerExcludesReceivePollAndAnotherListener() {
        MessageQueue queue = open();
        AtomicReference<Thread> heardBy = new AtomicReference<>();
        Subscriber subscriber = queue.createSubscriber();
        subscriber.setListener(m -> heardBy.set(Thread.currentThread()));
        assertThatThrownBy(subscriber::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> subscriber.poll(v -> {}, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> subscriber.setListener(m -> {})).isInstanceOf(IllegalStateException.class);
        queue.createPublisher().publish("x");
        Patience.until("the listener has heard", () -> heardBy.get() != null);
        assertThat(heardBy.get().isDaemon()).isTrue();
        assertThat(heardBy.get().getName()).startsWith("belfry-" + queueName() + "-");
        subscriber.close();
        Patience.until("its thread has ended", () -> !heardBy.get().isAlive());
    }

    @Test
    @Tag("F60")
    void b29ListenersThreadMayBeTheUsers() {
        MessageQueue queue = open();
        AtomicReference<Thread> made = new AtomicReference<>();
        AtomicReference<Thread> heardBy = new AtomicReference<>();
        Subscriber subscriber = queue.createSubscriber(options()
                .threadFactory(r -> {
                    made.set(new Thread(r, "my own"));
                    return made.get();
                })
                .build());
        subscriber.setListener(m -> heardBy.set(Thread.currentThread()));
        queue.createPublisher().publish("x");
        Patience.until("the listener has heard", () -> heardBy.get() != null);
        assertThat(heardBy.get()).isSameAs(made.get());
        subscriber.close();
        Patience.until("its thread has ended", () -> !made.get().isAlive());
    }

    @Test
    @Tag("F60")
    void b29ListenersThreadMayHaveAnotherRunIt() {
        MessageQueue queue = open();
        AtomicReference<Thread> runs = new AtomicReference<>();
        AtomicReference<Thread> heardBy = new AtomicReference<>();
        Subscriber subscriber = queue.createSubscriber(options()
                .threadFactory(r -> new Thread(() -> {
                    runs.set(new Thread(r, "of a pool"));
                    runs.get().start();
                }))
                .build());
        subscriber.setListener(m -> heardBy.set(Thread.currentThread()));
        queue.createPublisher().publish("x");
        Patience.until("the listener has heard", () -> heardBy.get() != null);
        assertThat(heardBy.get()).isSameAs(runs.get());
        assertThatThrownBy(subscriber::receiveNoWait).isInstanceOf(IllegalStateException.class);
        subscriber.close();
        Patience.until("its thread has ended", () -> !runs.get().isAlive());
    }

    @Test
    @Tag("F60")
    @Tag("EXCLUSIVE")
    @Tag("GATING")
    void b29ExclusivePublisherIsForOneThreadAtATime() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher =
                queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
        fill(publisher, 100);
        Call<Long> waiting = call(() -> publisher.publish(bytes(100))).untilItWaits();
        assertThatThrownBy(() -> publisher.offer(bytes(100), Duration.ZERO))
                .isInstanceOf(ConcurrentModificationException.class);
        drain(subscriber);
        waiting.result();
        publisher.publish("one after the other is fine");
    }

    // ---- 30: messages

    @Test
    void b30UnknownSchemeIsNamedWithWhatThereIs() {
        String wrong = misspelt(fixture().scheme());
        assertThatThrownBy(() -> MessageQueues.open(wrong + ":prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessageStartingWith("No provider for '" + wrong + ":' in '" + wrong + ":prices'. Found: ")
                .hasMessageContaining(fixture().scheme() + " (")
                .hasMessageContaining("Did you mean '" + fixture().scheme() + ":'?")
                .extracting(e -> ((NoProviderException) e).code())
                .isEqualTo("BELFRY-101");
    }

    /** Two letters swapped, or one more. */
    private static String misspelt(String scheme) {
        String swapped = scheme.substring(1, 2) + scheme.charAt(0) + scheme.substring(2);
        return swapped.equals(scheme) ? scheme + "x" : swapped;
    }

    @Test
    void b30UnknownParameterIsNamedWithTheNearest() {
        String uri = plainUri() + "?maxCapacty=64m";
        String text = "Unknown parameter 'maxCapacty' in '" + uri + "'. Did you mean 'maxCapacity'?";
        assertThatThrownBy(() -> MessageQueues.open(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text);
        if (has(Capability.DELETE))
            assertThatThrownBy(() -> MessageQueues.delete(uri))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(text);
    }

    @Test
    void b30BadValuesAreNamed() {
        refused("capacity=4m&maxCapacity=1m", "maxCapacity (1 MiB) is smaller than capacity (4 MiB)");
        refused("capacity=4k&capacity=8k", "capacity");
        refused("capacity=much", "much");
        refused("capacity=-1", "-1");
        refused("capacity=2g", "capacity");
        refused("maxGateTime=soon", "soon");
        refused("deleteOnLastClose=perhaps", "perhaps");
        refused("create=maybe", "maybe");
        refused("capacity", "capacity");
        assertThatThrownBy(() -> QueueConfig.builder()
                        .capacity(4 << 20)
                        .maxCapacity(1 << 20)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxCapacity (1 MiB) is smaller than capacity (4 MiB)");
    }

    private void refused(String parameters, String text) {
        assertThatThrownBy(() -> MessageQueues.open(plainUri() + "?" + parameters), "with %s", parameters)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void b30BadQueueNamesAreRefused() {
        String scheme = fixture().scheme();
        assertThatThrownBy(() -> MessageQueues.open(scheme + ":a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Queue name 'a/b' may contain only A-Z a-z 0-9 . _ - and not begin with a dot");
        for (String bad : List.of("", ".hidden", "..", "a b", "a%00b", "n\u00e4me", "x".repeat(201)))
            assertThatThrownBy(() -> MessageQueues.open(scheme + ":" + bad), "name '%s'", bad)
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void b30UriFormsThatAreGood() {
        MessageQueue queue = open("maxCapacity=64%6B&create=create_or_OPEN");
        assertThat(queue.uri()).isEqualTo(plainUri());
        MessageQueue same = closing(MessageQueues.open(
                URI.create(fixture().scheme() + ":///" + queueName()),
                fixture().config().build()));
        assertThat(same.uri()).isEqualTo(plainUri());
        Subscriber subscriber = same.createSubscriber();
        queue.createPublisher().publish("the same queue");
        assertThat(next(subscriber).text()).isEqualTo("the same queue");
    }

    @Test
    void b30ConfigWinsOverUriAndStoredValuesWinOverBoth() {
        MessageQueue queue = open(fixture().config().maxCapacity(64 << 10).build(), "maxCapacity=32k");
        assumeTrue(queue.stats().maxCapacity() != 0, "This transport has no capacity");
        assertThat(queue.stats().maxCapacity()).isEqualTo(64 << 10);
        assertThat(open().stats().maxCapacity()).isEqualTo(64 << 10);
        assertThatThrownBy(() -> open("maxCapacity=32k"))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("maxCapacity 32 KiB requested, existing queue has 64 KiB");
        assertThat(open("maxCapacity=64k").stats().maxCapacity()).isEqualTo(64 << 10);
    }

    @Test
    void b30NullIsRefusedByName() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        nullRefused("uri", () -> MessageQueues.open(null));
        nullRefused("uri", () -> MessageQueues.open(null, QueueConfig.defaults()));
        nullRefused("config", () -> MessageQueues.open(plainUri(), null));
        nullRefused("scheme", () -> MessageQueues.list(null));
        nullRefused("options", () -> queue.createPublisher(null));
        nullRefused("options", () -> queue.createSubscriber((dev.belfry.api.SubscriberOptions) null));
        nullRefused("startAt", () -> queue.createSubscriber((dev.belfry.api.StartAt) null));
        nullRefused("name", () -> queue.unsubscribe(null));
        nullRefused("type", () -> queue.unwrap(null));
        nullRefused("body", () -> publisher.publish((byte[]) null));
        nullRefused("body", () -> publisher.publish((ByteBuffer) null));
        nullRefused("text", () -> publisher.publish((String) null));
        nullRefused("properties", () -> publisher.publish(bytes(1), null));
        nullRefused("body", () -> publisher.offer(null, Duration.ZERO));
        nullRefused("timeout", () -> publisher.offer(bytes(1), null));
        nullRefused("timeout", () -> subscriber.receive(null));
        nullRefused("handler", () -> subscriber.poll(null, 1));
        nullRefused("timeout", () -> subscriber.poll(v -> {}, 1, null));
        nullRefused("listener", () -> subscriber.setListener(null));
        if (has(Capability.AWAIT_ACK)) nullRefused("timeout", () -> publisher.awaitAcknowledged(1, 1, null));
        assertNothingComes(subscriber);
    }

    private static void nullRefused(String parameter, ThrowingCallable call) {
        assertThatThrownBy(call, "null as %s", parameter)
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining(parameter);
    }

    private void assertPosition(long expected, long position) {
        if (has(Capability.POSITIONS)) assertThat(position).isEqualTo(expected);
    }
}
