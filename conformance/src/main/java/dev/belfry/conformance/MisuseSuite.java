package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 29, 30: what the wrong thread and wrong arguments are answered with. */
@WaitsForOthers
public abstract class MisuseSuite extends ConformanceSuite {
    protected MisuseSuite() {}

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
    void b29ExclusivePublisherIsForAnyThread() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher =
                queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
        fill(publisher, 100);
        Call<Long> waiting = call(() -> publisher.publish(bytes(100))).untilItWaits();
        assertThat(publisher.offer(bytes(100), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        drain(subscriber);
        waiting.result();
        if (!has(Capability.CLAIM)) return;
        Claim claim = publisher.claim(8);
        Call<Long> second = call(() -> publisher.publish("second")).untilItWaits();
        long first = claim.commit();
        assertThat(second.result()).isEqualTo(first + 1);
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
                .hasMessageContaining("maxCapacity 32 KiB requested, existing queue '")
                .hasMessageContaining("' has 64 KiB");
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
        nullRefused("options", () -> queue.createPublisher((dev.belfry.api.PublisherOptions) null));
        nullRefused("codec", () -> queue.createPublisher((dev.belfry.api.Codec<?>) null));
        nullRefused("codec", () -> queue.createSubscriber((dev.belfry.api.Codec<?>) null));
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
}
