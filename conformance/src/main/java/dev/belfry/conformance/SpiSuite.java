package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.UnsupportedCapabilityException;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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

/** 43-45: what a transport tells of itself, views, and virtual threads. */
@WaitsForOthers
public abstract class SpiSuite extends ConformanceSuite {
    protected SpiSuite() {}

    // ---- 43: capabilities

    @Test
    void b43WhatIsNotDeclaredIsRefusedAndChangesNothing() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        int subscribers = queue.stats().subscribers().size();
        int publishers = queue.stats().publisherCount();
        probes(queue, publisher, subscriber).forEach((capability, probe) -> {
            if (has(capability)) return;
            assertThatThrownBy(probe, "without %s", capability)
                    .isInstanceOf(UnsupportedCapabilityException.class)
                    .hasMessageMatching("(" + fixture().scheme() + ":|This transport) cannot do " + capability
                            + " \\(wanted by .*\\)\\. It can: .*");
        });
        assertThat(queue.stats().subscribers()).hasSize(subscribers);
        assertThat(queue.stats().publisherCount()).isEqualTo(publishers);
        publisher.publish("untroubled");
        assertThat(next(subscriber).text()).isEqualTo("untroubled");
        assertNothingComes(subscriber);
    }

    /** The calls that ask for each capability that can be asked for. */
    private Map<Capability, ThrowingCallable> probes(MessageQueue queue, Publisher publisher, Subscriber subscriber) {
        Map<Capability, ThrowingCallable> probes = new EnumMap<>(Capability.class);
        probes.put(Capability.HISTORY, () -> queue.createSubscriber(StartAt.OLDEST_RETAINED));
        probes.put(Capability.SEEK, () -> subscriber.seek(StartAt.NOW));
        probes.put(Capability.HISTORY_BY_TIME, () -> queue.createSubscriber(StartAt.time(Instant.EPOCH)));
        if (has(Capability.SEEK))
            probes.put(Capability.HISTORY_BY_TIME, () -> subscriber.seek(StartAt.time(Instant.EPOCH)));
        probes.put(
                Capability.NAMED,
                () -> queue.createSubscriber(options().name("audit").build()));
        probes.put(
                Capability.CLIENT_ACK,
                () -> queue.createSubscriber(options().ackMode(AckMode.CLIENT).build()));
        probes.put(Capability.AWAIT_ACK, () -> publisher.awaitAcknowledged(1, 1, Duration.ZERO));
        probes.put(Capability.AWAIT_DURABLE, publisher::durablePosition);
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
        probes.put(Capability.EXCLUSIVE, () -> queue.createPublisher(LifeSuite.exclusive()));
        probes.put(Capability.BATCH, () -> publisher.batch(100));
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
                        v.bytes()[0] = 99; // nothing else could share it
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

    /** By each accessor, where a message is read in place, where it may be passed, and in a copy. */
    @Test
    void b44BodiesAreReadByTheirIndex() {
        MessageQueue queue = open();
        List<Subscriber> subscribers = new ArrayList<>(List.of(queue.createSubscriber()));
        if (has(Capability.OVERRUN))
            subscribers.add(queue.createSubscriber(SubscriberOptions.builder()
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .build()));
        Publisher publisher = queue.createPublisher();
        List<byte[]> bodies = new ArrayList<>();
        for (int length : List.of(0, 1, 8, 9, 64, 333)) {
            byte[] body = new byte[length];
            for (int i = 0; i < length; i++) body[i] = (byte) (i * 37 + length);
            bodies.add(body);
            publisher.publish(body);
            if (!has(Capability.PROPERTIES)) continue;
            MessageProperties odd =
                    MessageProperties.builder().put("odd", "name").build();
            publisher.publish(ByteBuffer.wrap(body), odd);
            bodies.add(body);
        }
        for (Subscriber subscriber : subscribers)
            for (int n = 0; n < bodies.size(); ) {
                int from = n;
                int[] in = {0};
                n += subscriber.poll(
                        view -> {
                            byte[] body = bodies.get(from + in[0]++);
                            assertReads(view, body);
                            assertReads(view.copy(), body);
                        },
                        bodies.size() - n,
                        Patience.limit());
            }
    }

    /** All of a body, by each way; and nothing outside it. */
    static void assertReads(MessageView view, byte[] body) {
        ByteBuffer expected = ByteBuffer.wrap(body);
        assertThat(view.length()).isEqualTo(body.length);
        for (int i = 0; i < body.length; i++) assertThat(view.getByte(i)).isEqualTo(body[i]);
        for (int i = 0; i <= body.length - 2; i++) assertThat(view.getShort(i)).isEqualTo(expected.getShort(i));
        for (int i = 0; i <= body.length - 4; i++) {
            assertThat(view.getInt(i)).isEqualTo(expected.getInt(i));
            assertThat(Float.floatToIntBits(view.getFloat(i))).isEqualTo(Float.floatToIntBits(expected.getFloat(i)));
        }
        for (int i = 0; i <= body.length - 8; i++) {
            assertThat(view.getLong(i)).isEqualTo(expected.getLong(i));
            assertThat(Double.doubleToLongBits(view.getDouble(i)))
                    .isEqualTo(Double.doubleToLongBits(expected.getDouble(i)));
        }
        expected.order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i <= body.length - 8; i++) {
            assertThat(view.getShortLE(i)).isEqualTo(expected.getShort(i));
            assertThat(view.getIntLE(i)).isEqualTo(expected.getInt(i));
            assertThat(view.getLongLE(i)).isEqualTo(expected.getLong(i));
            assertThat(Float.floatToIntBits(view.getFloatLE(i))).isEqualTo(Float.floatToIntBits(expected.getFloat(i)));
            assertThat(Double.doubleToLongBits(view.getDoubleLE(i)))
                    .isEqualTo(Double.doubleToLongBits(expected.getDouble(i)));
        }
        int half = body.length / 2;
        byte[] copied = new byte[body.length + 1];
        view.copyTo(half, copied, 1, body.length - half);
        assertThat(Arrays.copyOfRange(copied, 1, 1 + body.length - half))
                .isEqualTo(Arrays.copyOfRange(body, half, body.length));
        for (ByteBuffer target : List.of(ByteBuffer.allocate(half + 2), ByteBuffer.allocateDirect(half + 2))) {
            view.copyTo(0, target.position(1), half);
            assertThat(target.position()).isEqualTo(half + 1);
            assertThat(target.flip().position(1)).isEqualTo(ByteBuffer.wrap(body, 0, half));
            target.position(target.limit());
            if (half > 0) {
                assertThatThrownBy(() -> view.copyTo(0, target, 1)).isInstanceOf(BufferOverflowException.class);
                assertThat(target.hasRemaining()).isFalse();
            }
        }
        for (int bad : List.of(-1, body.length, Integer.MIN_VALUE, Integer.MAX_VALUE)) {
            assertOutside(() -> view.getByte(bad));
            assertOutside(() -> view.copyTo(bad, copied, 0, 1));
            assertOutside(() -> view.copyTo(bad, ByteBuffer.allocate(1), 1));
        }
        for (int bad : List.of(-1, body.length - 1, Integer.MAX_VALUE)) assertOutside(() -> view.getShort(bad));
        for (int bad : List.of(-1, body.length - 3, Integer.MAX_VALUE)) assertOutside(() -> view.getInt(bad));
        for (int bad : List.of(-1, body.length - 7, Integer.MAX_VALUE)) assertOutside(() -> view.getLong(bad));
        assertThatThrownBy(() -> view.getLong(body.length)).hasMessageEndingWith("for length " + body.length);
        ByteBuffer head = view.buffer().limit(half);
        ByteBuffer rest = view.buffer().position(half).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(head).isEqualTo(ByteBuffer.wrap(body, 0, half));
        assertThat(head.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        assertThat(rest).isEqualTo(ByteBuffer.wrap(body, half, body.length - half));
    }

    private static void assertOutside(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** A view that is kept shows anything, or throws; its queue goes on. */
    @Test
    void b44KeptViewSaysNothingOfItsQueue() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        boolean named = has(Capability.PROPERTIES);
        MessageProperties properties =
                named ? MessageProperties.builder().put("name", "value").build() : MessageProperties.empty();
        publisher.publish(bytes(100), properties);
        MessageView[] kept = {null};
        assertThat(subscriber.poll(view -> kept[0] = view, 1, Patience.limit())).isOne();
        for (int length = 1; length < 300; length++) {
            byte[] body = new byte[length];
            Arrays.fill(body, (byte) -1);
            publisher.publish(body);
            next(subscriber);
            for (Runnable read : List.<Runnable>of(kept[0]::properties, kept[0]::bytes, kept[0]::text, kept[0]::copy))
                try {
                    read.run();
                } catch (RuntimeException anything) {
                    assertThat(anything).matches(ApiStates::isOfTheApi);
                }
        }
        publisher.publish("goes on");
        assertThat(next(subscriber).text()).isEqualTo("goes on");
    }

    @Test
    @Tag("POSITIONS")
    void b44KeptViewShowsNoOtherMessage() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 3);
        List<MessageView> kept = new ArrayList<>();
        while (kept.size() < 3) subscriber.poll(kept::add, 3 - kept.size(), Patience.limit());
        publisher.publish("another");
        for (boolean another : List.of(false, true)) {
            if (another) next(subscriber);
            for (int i = 0; i < 3; i++) {
                MessageView view = kept.get(i);
                assertShowsOrThrows(view::position, i + 1L);
                assertShowsOrThrows(view::text, "message " + (i + 1));
                assertShowsOrThrows(view::length, 9);
                assertShowsOrThrows(() -> view.getByte(8), (byte) ('1' + i));
                assertShowsOrThrows(() -> view.copy().position(), i + 1L);
                assertShowsOrThrows(() -> view.buffer().get(8), (byte) ('1' + i));
                assertShowsOrThrows(view::redelivered, false);
                assertShowsOrThrows(view::properties, MessageProperties.empty());
            }
        }
    }

    private static void assertShowsOrThrows(Callable<Object> read, Object shown) {
        Object result;
        try {
            result = read.call();
        } catch (Exception ended) {
            assertThat(ended).isInstanceOf(IllegalStateException.class).hasMessageContaining("copy()");
            return;
        }
        assertThat(result).isEqualTo(shown);
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

    /** Zeros, other messages and exceptions are all allowed, as long as the JVM lives. */
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

    /**
     * A transport whose waits hold a carrier for a slice lets the threads take turns slowly, where
     * other processes need the processors as well: 3 s become more than 60.
     */
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
