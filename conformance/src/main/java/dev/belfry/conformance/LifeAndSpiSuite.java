package dev.belfry.conformance;

import static dev.belfry.conformance.WaitingAndClosingSuite.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.UnsupportedCapabilityException;
import dev.belfry.spi.MessageQueueProvider;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 39-45: how queues come and go, and what a transport tells of itself. */
@Waits
public abstract class LifeAndSpiSuite extends ConformanceSuite {
    protected LifeAndSpiSuite() {}

    // ---- 39: create

    @Test
    void b39OpenExistingNeedsAQueueAndCreateNewNeedsNone() {
        assertThatThrownBy(() -> open("create=OPEN_EXISTING"))
                .isInstanceOf(QueueNotFoundException.class)
                .hasMessageStartingWith("No queue '" + queueName() + "' in ");
        MessageQueue created = open("create=CREATE_NEW");
        assertThatThrownBy(() -> open("create=CREATE_NEW"))
                .isInstanceOf(QueueExistsException.class)
                .hasMessageContaining("'" + queueName() + "'");
        Subscriber subscriber =
                open(fixture().config().create(Create.OPEN_EXISTING).build()).createSubscriber();
        open("create=CREATE_OR_OPEN").createPublisher().publish("one queue");
        assertThat(next(subscriber).text()).isEqualTo("one queue");
        created.createPublisher().publish("still one");
        assertThat(next(subscriber).text()).isEqualTo("still one");
    }

    @Test
    void b39OneOfManyCreatorsWins() {
        for (int round = 0; round < (LONG ? 200 : 10); round++) {
            List<Object> outcomes = race(8, () -> {
                try {
                    return open("create=CREATE_NEW");
                } catch (QueueExistsException e) {
                    return e;
                }
            });
            List<MessageQueue> created = outcomes.stream()
                    .filter(MessageQueue.class::isInstance)
                    .map(MessageQueue.class::cast)
                    .toList();
            assertThat(created).hasSize(1);
            created.get(0).close();
            fixture().remove(plainUri());
            if (!has(Capability.DELETE)) return;
        }
    }

    @Test
    void b39RacingOpenersGetTheSameQueue() {
        List<MessageQueue> queues = race(8, () -> open());
        if (has(Capability.POSITIONS))
            assertThat(queues.stream().map(q -> q.stats().id()).distinct()).hasSize(1);
        List<Subscriber> subscribers =
                queues.stream().map(MessageQueue::createSubscriber).toList();
        queues.get(3).createPublisher().publish("to all");
        for (Subscriber subscriber : subscribers)
            assertThat(next(subscriber).text()).isEqualTo("to all");
    }

    private <T> List<T> race(int runners, Callable<T> body) {
        CountDownLatch start = new CountDownLatch(1);
        List<Call<T>> calls = new ArrayList<>();
        for (int i = 0; i < runners; i++)
            calls.add(call(() -> {
                await(start);
                return body.call();
            }));
        start.countDown();
        return calls.stream().map(Call::result).toList();
    }

    // ---- 40, 41: delete

    @Test
    @Tag("DELETE")
    void b40WhatComesAfterADeletedQueueHasNothingOfIt() {
        MessageQueue old = open();
        Publisher oldPublisher = old.createPublisher();
        Subscriber oldSubscriber = old.createSubscriber();
        oldPublisher.publish("before");
        UUID id = old.stats().id();
        assertThat(MessageQueues.delete(plainUri())).isTrue();
        assertThat(MessageQueues.delete(plainUri())).isFalse();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        MessageQueue anew = open();
        Subscriber subscriber = anew.createSubscriber();
        if (has(Capability.POSITIONS)) assertThat(anew.stats().id()).isNotEqualTo(id);
        try {
            oldPublisher.publish("to the old one");
        } catch (MessageQueueException atItsEnd) {
            assertThat(has(Capability.MEMBERS)).isFalse();
        }
        long first = anew.createPublisher().publish("to the new one");
        if (has(Capability.POSITIONS)) assertThat(first).isOne();
        assertThat(next(subscriber).text()).isEqualTo("to the new one");
        assertNothingComes(subscriber);
        try {
            for (Message message : drain(oldSubscriber))
                assertThat(message.text()).isIn("before", "to the old one");
        } catch (MessageQueueException atItsEnd) {
            assertThat(has(Capability.MEMBERS)).isFalse();
        }
    }

    @Test
    @Tag("DELETE")
    @Tag("MEMBERS")
    void b40DeletedQueueGoesOnAmongThoseAttachedAndANewOneIsNew() {
        MessageQueue old = open();
        MessageQueue alsoOld = open();
        Subscriber oldSubscriber = alsoOld.createSubscriber();
        Publisher oldPublisher = old.createPublisher();
        oldPublisher.publish("before");
        assertThat(MessageQueues.delete(plainUri())).isTrue();
        assertThat(MessageQueues.delete(plainUri())).isFalse();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        MessageQueue anew = open();
        Subscriber newSubscriber = anew.createSubscriber();
        oldPublisher.publish("among the old");
        long first = anew.createPublisher().publish("among the new");
        assertThat(texts(oldSubscriber, 2)).containsExactly("before", "among the old");
        assertThat(texts(newSubscriber, 1)).containsExactly("among the new");
        assertNothingComes(oldSubscriber);
        assertNothingComes(newSubscriber);
        alsoOld.createSubscriber().close();
        if (!has(Capability.POSITIONS)) return;
        assertThat(first).isOne();
        assertThat(anew.stats().id()).isNotEqualTo(old.stats().id());
        assertThat(old.stats().id()).isEqualTo(alsoOld.stats().id());
        assertThat(old.stats().newestPosition()).isEqualTo(2);
    }

    @Test
    @Tag("DELETE")
    @Tag("NAMED")
    void b40DeleteRemovesNamedSubscriptions() {
        MessageQueue queue = open();
        queue.createSubscriber(options().name("audit").build()).close();
        queue.close();
        assertThat(MessageQueues.delete(uri())).isTrue();
        assertThat(open().unsubscribe("audit")).isFalse();
    }

    @Test
    @Tag("MEMBERS")
    void b41LastCloseDeletesOnlyWhenAskedTo() {
        MessageQueue first = open("deleteOnLastClose=true");
        MessageQueue second = open();
        second.createSubscriber();
        first.close();
        MessageQueue third = open("create=OPEN_EXISTING"); // still there
        second.close();
        third.close();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        open().close();
        open("create=OPEN_EXISTING").close(); // not asked to
    }

    @Test
    @Tag("MEMBERS")
    void b41ObserversKeepItAndLeaveNothingBehind() {
        MessageQueue creator = open("deleteOnLastClose=true");
        MessageQueue watching = open("create=OPEN_EXISTING");
        Subscriber observer = watching.createSubscriber(
                has(Capability.OVERRUN) ? SubscriberOptions.observer(StartAt.NOW) : SubscriberOptions.defaults());
        if (has(Capability.NAMED))
            creator.createSubscriber(options().name("audit").build()).close();
        UUID id = creator.stats().id();
        creator.createPublisher().publish("last words");
        creator.close();
        assertThat(next(observer).text()).isEqualTo("last words");
        assertThat(watching.stats().id()).isEqualTo(id);
        watching.close();
        MessageQueue anew = open("create=CREATE_NEW");
        if (has(Capability.NAMED)) assertThat(anew.unsubscribe("audit")).isFalse();
        if (has(Capability.POSITIONS)) assertThat(anew.stats().id()).isNotEqualTo(id);
    }

    @Test
    @Tag("MEMBERS")
    @Tag("CROSS_PROCESS")
    void b41LastHandleOfAnyProcessDeletesAlsoAfterAKill() {
        RemoteJvm creator = remote("deleteOnLastClose=true");
        MessageQueue queue = open("create=OPEN_EXISTING");
        creator.jvm().kill();
        MessageQueue second = open("create=OPEN_EXISTING");
        queue.close();
        second.close();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        RemoteJvm orderly = remote("deleteOnLastClose=true");
        MessageQueue other = open("create=OPEN_EXISTING");
        other.close();
        MessageQueue stillThere = open("create=OPEN_EXISTING");
        stillThere.close();
        orderly.ask("close");
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
    }

    // ---- 42: exclusive

    @Test
    @Tag("EXCLUSIVE")
    void b42ExclusivePublisherIsAlone() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher shared = queue.createPublisher();
        for (MessageQueue handle : List.of(queue, open()))
            assertThatThrownBy(() -> handle.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        shared.publish("shared");
        shared.close();
        Publisher alone = queue.createPublisher(exclusive());
        for (MessageQueue handle : List.of(queue, open())) {
            assertThatThrownBy(handle::createPublisher).isInstanceOf(InUseException.class);
            assertThatThrownBy(() -> handle.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        }
        publish(alone, "alone ", 100);
        alone.close();
        Publisher again = queue.createPublisher();
        again.publish("shared again");
        assertThat(next(subscriber).text()).isEqualTo("shared");
        assertThat(texts(subscriber, 100)).last().isEqualTo("alone 100");
        assertThat(next(subscriber).text()).isEqualTo("shared again");
    }

    @Test
    @Tag("EXCLUSIVE")
    void b42ExclusivePublisherDoesAllThatAPublisherDoes() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(exclusive());
        Call<Void> reading = run(() -> {
            for (int i = 1; i <= 5_000; i++)
                assertThat(Payload.of(next(subscriber).bytes()).serial()).isEqualTo(i);
        });
        for (int i = 1; i <= 5_000; i++) publisher.publish(new Payload(0, i).bytes());
        reading.result();
        if (has(Capability.CLAIM)) {
            try (var claim = publisher.claim(3)) {
                claim.buffer().put("yes".getBytes());
                claim.commit();
            }
            assertThat(next(subscriber).text()).isEqualTo("yes");
        }
    }

    @Test
    @Tag("EXCLUSIVE")
    @Tag("CROSS_PROCESS")
    void b42ExclusivePublisherOfAnotherProcessIsFreedByItsDeath() {
        MessageQueue queue = open();
        RemoteJvm other = remote();
        other.ask("publisher exclusive");
        other.ask("publish before 3");
        assertThatThrownBy(queue::createPublisher)
                .isInstanceOf(InUseException.class)
                .hasMessageContaining("pid " + other.jvm().pid());
        assertThatThrownBy(() -> queue.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        other.jvm().kill();
        Publisher publisher = queue.createPublisher(exclusive());
        Subscriber subscriber = queue.createSubscriber();
        publisher.publish("after");
        assertThat(next(subscriber).text()).isEqualTo("after");
        RemoteJvm third = remote();
        assertThat(third.askForError("publisher")).startsWith("InUseException");
        publisher.close();
        third.ask("publisher");
    }

    private static PublisherOptions exclusive() {
        return PublisherOptions.builder().exclusive(true).build();
    }

    // ---- 43: capabilities

    @Test
    void b43WhatIsNotDeclaredIsRefusedAndChangesNothing() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        int subscribers = queue.stats().subscribers().size();
        int publishers = queue.stats().publishers();
        probes(queue, publisher, subscriber).forEach((capability, probe) -> {
            if (has(capability)) return;
            assertThatThrownBy(probe, "without %s", capability)
                    .isInstanceOf(UnsupportedCapabilityException.class)
                    .hasMessageStartingWith(fixture().scheme() + ": cannot do " + capability + " (wanted by ")
                    .hasMessageContaining("It can: ");
        });
        assertThat(queue.stats().subscribers()).hasSize(subscribers);
        assertThat(queue.stats().publishers()).isEqualTo(publishers);
        publisher.publish("untroubled");
        assertThat(next(subscriber).text()).isEqualTo("untroubled");
        assertNothingComes(subscriber);
    }

    /** What asks for each capability that can be asked for. */
    private Map<Capability, ThrowingCallable> probes(MessageQueue queue, Publisher publisher, Subscriber subscriber) {
        Map<Capability, ThrowingCallable> probes = new EnumMap<>(Capability.class);
        probes.put(Capability.HISTORY, () -> queue.createSubscriber(StartAt.OLDEST_RETAINED));
        probes.put(
                Capability.NAMED,
                () -> queue.createSubscriber(options().name("audit").build()));
        probes.put(
                Capability.CLIENT_ACK,
                () -> queue.createSubscriber(options().ackMode(AckMode.CLIENT).build()));
        probes.put(Capability.AWAIT_ACK, () -> publisher.awaitAcknowledged(1, 1, Duration.ZERO));
        probes.put(Capability.GATING, () -> open("maxGateTime=1h"));
        probes.put(Capability.TIME_LIMITS, () -> queue.createPublisher(FullAndSlowSuite.timeout(SHORT)));
        probes.put(Capability.MEMBERS, () -> open("deleteOnLastClose=true"));
        probes.put(
                Capability.OVERRUN,
                () -> queue.createSubscriber(
                        options().slowSubscriber(SlowSubscriber.OVERRUN).build()));
        probes.put(
                Capability.DISCONNECT,
                () -> queue.createSubscriber(
                        options().slowSubscriber(SlowSubscriber.DISCONNECT).build()));
        probes.put(
                Capability.PROPERTIES,
                () -> publisher.publish(
                        bytes(1), MessageProperties.builder().put("a", 1).build()));
        probes.put(Capability.CLAIM, () -> publisher.claim(1));
        probes.put(Capability.EXCLUSIVE, () -> queue.createPublisher(exclusive()));
        probes.put(Capability.LIST, () -> MessageQueues.list(fixture().scheme()));
        probes.put(Capability.DELETE, () -> MessageQueues.delete(plainUri()));
        return probes;
    }

    @Test
    void b43ProviderSaysWhatItIs() {
        List<ProviderInfo> found = MessageQueues.providers().stream()
                .filter(p -> p.scheme().equals(fixture().scheme()))
                .toList();
        assertThat(found).singleElement().satisfies(p -> {
            assertThat(p.name()).isNotBlank();
            assertThat(p.version()).isNotBlank();
            assertThat(p.unavailableReason()).isNull();
            assertThat(p.capabilities()).isEqualTo(fixture().capabilities());
        });
        assertThat(open().capabilities()).isEqualTo(fixture().capabilities());
    }

    @Test
    void b43ProviderIsRegisteredForBothPathsAndItsConstructorIsPublic() throws Exception {
        MessageQueueProvider provider = ServiceLoader.load(MessageQueueProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.scheme().equals(fixture().scheme()))
                .findFirst()
                .orElseThrow();
        assertThat(provider.getClass().getConstructor().canAccess(null)).isTrue();
    }

    @Test
    @Tag("LIST")
    void b43ListShowsTheQueueAndJoinsNothing() {
        MessageQueue queue = open();
        int subscribers = queue.stats().subscribers().size();
        List<QueueInfo> listed = MessageQueues.list(fixture().scheme()).stream()
                .filter(q -> q.uri().equals(plainUri()))
                .toList();
        assertThat(listed).singleElement().satisfies(q -> {
            assertThat(q.problem()).isNull();
            assertThat(q.id()).isEqualTo(queue.stats().id());
        });
        assertThat(queue.stats().subscribers()).hasSize(subscribers);
        queue.close();
        fixture().remove(plainUri());
        if (has(Capability.DELETE))
            assertThat(MessageQueues.list(fixture().scheme()))
                    .extracting(QueueInfo::uri)
                    .doesNotContain(plainUri());
    }

    @Test
    void b43UnwrapOfAStrangeTypeIsRefused() {
        assertThatThrownBy(() -> open().unwrap(UUID.class)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- 44: views

    @Test
    void b44ViewsBufferIsReadOnlyAndFreshAtEachHandOver() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Subscriber other = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] body = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        for (int i = 0; i < 5; i++) publisher.publish(body);
        for (int n = 0; n < 4; )
            n += subscriber.poll(
                    v -> {
                        for (int k = 0; k < 2; k++) {
                            ByteBuffer buffer = v.buffer();
                            assertThat(buffer.isReadOnly()).isTrue();
                            assertThat(buffer.hasArray()).isFalse();
                            assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                            assertThat(buffer.remaining()).isEqualTo(9);
                            assertThat(buffer.capacity()).isGreaterThanOrEqualTo(9);
                            assertThatThrownBy(() -> buffer.put(0, (byte) 9))
                                    .isInstanceOf(ReadOnlyBufferException.class);
                            assertThat(buffer.getLong()).isEqualTo(0x0102030405060708L);
                            buffer.order(ByteOrder.LITTLE_ENDIAN).position(3).limit(5);
                        }
                        v.bytes()[0] = 99; // whose else's could it be
                        v.copy().bytes()[1] = 99;
                    },
                    4 - n,
                    Patience.limit());
        for (int i = 0; i < 5; i++) assertThat(next(other).bytes()).isEqualTo(body);
        ByteBuffer copys = next(subscriber).buffer();
        assertThat(copys.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        assertThat(copys.isReadOnly()).isTrue();
        assertThat(copys.getLong()).isEqualTo(0x0102030405060708L);
    }

    @Test
    void b44CopyOfAViewIsKept() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        List<MessageView> kept = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            publish(publisher, "round " + round + " ", 50);
            for (int n = 0; n < 50; ) n += subscriber.poll(v -> kept.add(v.copy()), 50 - n, Patience.limit());
        }
        queue.close();
        for (int i = 0; i < kept.size(); i++)
            assertThat(kept.get(i).text()).isEqualTo("round " + i / 50 + " " + (i % 50 + 1));
    }

    @Test
    void b44LateUseIsHarmless() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        List<MessageView> views = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            publish(publisher, "round " + round + " ", 50);
            for (int n = 0; n < 50; )
                n += subscriber.poll(
                        v -> {
                            views.add(v);
                            buffers.add(v.buffer());
                        },
                        50 - n,
                        Patience.limit());
            useLate(views, buffers);
        }
        if (has(Capability.CLAIM))
            try (var claim = publisher.claim(50)) {
                ByteBuffer buffer = claim.buffer();
                claim.commit();
                buffers.add(buffer.asReadOnlyBuffer());
            }
        subscriber.close();
        useLate(views, buffers);
        queue.close();
        useLate(views, buffers);
        fixture().remove(plainUri());
        useLate(views, buffers);
        MessageQueue anew = open(SMALL);
        Subscriber fresh = anew.createSubscriber();
        anew.createPublisher().publish("untroubled");
        assertThat(next(fresh).text()).isEqualTo("untroubled");
    }

    /** Zeros, other messages and exceptions are all fine, as long as the JVM lives to tell. */
    private static void useLate(List<MessageView> views, List<ByteBuffer> buffers) {
        for (MessageView view : views)
            for (Callable<Object> use : List.<Callable<Object>>of(
                    view::position,
                    view::timestampMillis,
                    view::buffer,
                    view::bytes,
                    view::text,
                    view::properties,
                    view::redelivered,
                    view::copy))
                try {
                    use.call();
                } catch (Exception e) {
                    assertThat(e).isInstanceOf(RuntimeException.class);
                }
        long sum = 0;
        for (ByteBuffer buffer : buffers) for (int i = 0; i < buffer.limit(); i++) sum += buffer.get(i);
        assertThat(sum).isGreaterThan(Long.MIN_VALUE);
    }

    // ---- 45: virtual threads

    /** Each wait holds a carrier for a slice. Where other processes want the processors as well, the threads take turns slowly: 3 s become more than 60. */
    private static final Duration MANY_WAIT = Duration.ofMinutes(5);

    @Test
    @Tag("F62")
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b45ManyVirtualThreadsMayWait() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "needs virtual threads, hence Java 21");
        MessageQueue queue = open();
        int many = 60;
        AtomicInteger received = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(many);
        for (int i = 0; i < many; i++) {
            Subscriber subscriber = queue.createSubscriber();
            threads.add(virtual(() -> {
                ready.countDown();
                for (int k = 0; k < 3; k++) if (subscriber.receive(MANY_WAIT) != null) received.incrementAndGet();
            }));
        }
        await(ready);
        Publisher publisher = queue.createPublisher();
        for (int k = 0; k < 3; k++) {
            int round = k + 1;
            virtual(() -> publisher.publish("to all")).join();
            Patience.until("all have heard round " + round, MANY_WAIT, () -> received.get() == round * many);
        }
        for (Thread thread : threads) thread.join();
    }

    @Test
    @Tag("F62")
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @Tag("GATING")
    void b45ManyVirtualPublishersMayWaitForSpace() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "needs virtual threads, hence Java 21");
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, 100);
        int many = 60;
        AtomicInteger published = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < many; i++)
            threads.add(virtual(() -> {
                publisher.publish(bytes(100));
                published.incrementAndGet();
            }));
        next(subscriber, taken + many);
        Patience.until("all have published", MANY_WAIT, () -> published.get() == many);
        for (Thread thread : threads) thread.join();
    }

    private static Thread virtual(Runnable body) throws ReflectiveOperationException {
        return (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
    }
}
