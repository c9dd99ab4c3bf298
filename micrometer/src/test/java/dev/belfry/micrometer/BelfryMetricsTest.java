package dev.belfry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Tag("Waits")
@Slow
class BelfryMetricsTest {
    private static final String NAME =
            "belfry-metrics-" + ProcessHandle.current().pid();

    @Test
    void shouldShowAQueuesFigures() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MessageQueue queue = MessageQueues.open("shm:" + NAME + "?deleteOnLastClose=true&capacity=64k");
        try (queue;
                Publisher out = queue.createPublisher();
                Subscriber audit = queue.createSubscriber(SubscriberOptions.builder()
                        .name("audit")
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build())) {
            for (int i = 0; i < 5; i++) out.publish("tick " + i);
            audit.receive();
            audit.receive();
            SimpleMeterRegistry another = new SimpleMeterRegistry();
            BelfryMetrics metrics = new BelfryMetrics(queue);
            metrics.bindTo(registry);
            metrics.bindTo(another);
            metrics = null;
            System.gc(); // the registry keeps what it needs
            assertThat(ofAudit(another, "messaging.belfry.subscription.lag")).isEqualTo(3);

            assertThat(registry.get("messaging.client.sent.messages")
                            .tag("messaging.system", "belfry")
                            .tag("messaging.destination.name", NAME)
                            .functionCounter()
                            .count())
                    .isEqualTo(5);
            assertThat(consumed(registry).count()).isEqualTo(2);
            assertThat(ofAudit(registry, "messaging.belfry.subscription.lag")).isEqualTo(3);
            assertThat(ofAudit(registry, "messaging.belfry.subscription.attached"))
                    .isOne();
            assertThat(registry.get("messaging.belfry.capacity").gauge().value())
                    .isEqualTo(65536);
            assertThat(registry.get("messaging.belfry.publishers").gauge().value())
                    .isOne();
            assertThat(registry.get("messaging.belfry.bytes").functionCounter().count())
                    .isEqualTo(80);
            assertThat(registry.get("messaging.belfry.use").gauge().value()).isEqualTo(48);
            assertThat(registry.get("messaging.belfry.capacity.max").gauge().value())
                    .isGreaterThan(65536);
            for (String none : new String[] {"full_wait.time", "full_waits", "lock_wait.time", "lock_waits"})
                assertThat(registry.get("messaging.belfry." + none)
                                .functionCounter()
                                .count())
                        .isZero();
            assertThat(registry.get("messaging.belfry.unlinked").gauge().value())
                    .isZero();
            for (Meter meter : registry.getMeters()) {
                assertThat(meter.getId().getName()).startsWith("messaging.");
                assertThat(meter.getId().getBaseUnit()).isIn(null, "bytes", "seconds");
            }

            assertThat(registry.get("messaging.belfry.health").gauge().value()).isZero();

            try (Subscriber late = queue.createSubscriber(
                    SubscriberOptions.builder().name("late").build())) {
                TimeUnit.MILLISECONDS.sleep(1100); // the age at which it asks again
                assertThat(registry.get("messaging.belfry.subscriptions")
                                .gauge()
                                .value())
                        .isEqualTo(2);
                assertThat(registry.get("messaging.belfry.subscription.lag").gauges())
                        .hasSize(2);
                assertThat(late.lag()).isZero();
            }
        }
        TimeUnit.MILLISECONDS.sleep(1100);
        FunctionCounter sent = registry.get("messaging.client.sent.messages").functionCounter();
        assertThat(sent.count()).isEqualTo(5);
        assertThat(registry.getMeters()).as("they go with the queue").isEmpty();
        assertThat(sent.count()).isEqualTo(5);
    }

    /** Each is asked alone, as a registry does that reads one meter after another. */
    @Test
    void shouldShowWhatASubscriptionHasNowWhicheverOfItsMetersIsRead() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue queue = MessageQueues.open("shm:" + NAME + "-now?deleteOnLastClose=true");
                Publisher out = queue.createPublisher()) {
            Gauge lag;
            try (Subscriber audit = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build())) {
                new BelfryMetrics(queue).bindTo(registry);
                lag = audit(registry, "messaging.belfry.subscription.lag");
                FunctionCounter consumed = consumed(registry);
                for (int i = 0; i < 10; i++) out.publish("tick " + i);
                Patience.until("the lag is shown", () -> lag.value() == 10);
                for (int i = 0; i < 4; i++) audit.receive();
                Patience.until("four are shown", () -> consumed.count() == 4);
            }
            assertThat(queue.unsubscribe("audit")).isTrue();
            Patience.until("it has no row any more", () -> {
                lag.value();
                return registry.find("messaging.belfry.subscription.lag")
                        .gauges()
                        .isEmpty();
            });
            assertThat(lag.value()).isZero();
            assertThat(registry.find("messaging.client.consumed.messages").meters())
                    .isEmpty();
        }
    }

    @Test
    void shouldShowAQueueThatWasClosedAndOpenedAgain() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        String uri = "shm:" + NAME + "-again";
        try {
            try (MessageQueue first = MessageQueues.open(uri);
                    Publisher out = first.createPublisher()) {
                new BelfryMetrics(first).bindTo(registry);
                for (int i = 0; i < 10; i++) out.publish("tick " + i);
            }
            try (MessageQueue second = MessageQueues.open(uri);
                    Publisher out = second.createPublisher();
                    Subscriber audit = second.createSubscriber(
                            SubscriberOptions.builder().name("audit").build())) {
                new BelfryMetrics(second).bindTo(registry);
                for (int i = 0; i < 90; i++) out.publish("tick " + i);
                FunctionCounter sent =
                        registry.get("messaging.client.sent.messages").functionCounter();
                Patience.until("all are counted", () -> sent.count() == 100);
                Gauge lag = audit(registry, "messaging.belfry.subscription.lag");
                Patience.until("the new subscription is shown", () -> lag.value() == audit.lag());
            }
        } finally {
            MessageQueues.delete(uri);
        }
    }

    @Test
    void shouldTellApartTwoQueuesOfOneName() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue shm = MessageQueues.open("shm:" + NAME + "-both?deleteOnLastClose=true");
                MessageQueue mem = MessageQueues.open("mem:" + NAME + "-both?deleteOnLastClose=true");
                Publisher out = shm.createPublisher();
                Publisher other = mem.createPublisher()) {
            out.publish("tick");
            for (int i = 0; i < 7; i++) other.publish("tick");
            new BelfryMetrics(shm).bindTo(registry);
            BelfryMetrics ofMem = new BelfryMetrics(mem);
            ofMem.bindTo(registry);
            assertThat(sent(registry, "shm")).isOne();
            assertThat(sent(registry, "mem")).isEqualTo(7);
            ofMem.close();
            assertThat(registry.find("messaging.client.sent.messages").meters()).hasSize(1);
            assertThat(sent(registry, "shm")).isOne();
        }
    }

    private static double sent(SimpleMeterRegistry registry, String transport) {
        return registry.get("messaging.client.sent.messages")
                .tag("messaging.destination.name", NAME + "-both")
                .tag("messaging.belfry.transport", transport)
                .functionCounter()
                .count();
    }

    @Test
    void shouldLeaveNothingOfQueuesThatWereClosed() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        for (int i = 0; i < 100; i++)
            try (MessageQueue queue = MessageQueues.open("mem:" + NAME + "-" + i + "?deleteOnLastClose=true");
                    Subscriber in = queue.createSubscriber();
                    BelfryMetrics metrics = new BelfryMetrics(queue)) {
                metrics.bindTo(registry);
                metrics.bindTo(registry); // twice is once
                assertThat(registry.getMeters()).hasSize(29);
                assertThat(in.lag()).isZero();
            }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void shouldLeaveNothingOfQueuesThatWereClosedThoughNobodyReadsTheRegistry() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        for (int i = 0; i < 10; i++)
            try (MessageQueue queue = MessageQueues.open("mem:" + NAME + "-unread-" + i + "?deleteOnLastClose=true")) {
                new BelfryMetrics(queue).bindTo(registry);
            }
        TimeUnit.MILLISECONDS.sleep(1100); // the age at which it asks again
        try (MessageQueue queue = MessageQueues.open("mem:" + NAME + "-last?deleteOnLastClose=true")) {
            new BelfryMetrics(queue).bindTo(registry);
            assertThat(registry.getMeters())
                    .extracting(meter -> meter.getId().getTag("messaging.destination.name"))
                    .containsOnly(NAME + "-last");
        }
    }

    /** A filter is asked for each new row: there the old one waits, until the new one is bound or waits as well. */
    @Test
    void shouldKeepTheMetersOfTheLastWhenTheOneBeforeIsReadMeanwhile() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue queue = MessageQueues.open("mem:" + NAME + "-late?deleteOnLastClose=true")) {
            CompletableFuture<Void> bound = new CompletableFuture<>();
            Thread binding = new Thread(() -> {
                new BelfryMetrics(queue).bindTo(registry);
                bound.complete(null);
            });
            Thread reading = Thread.currentThread();
            registry.config().meterFilter(new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    boolean isNew = id.getTag("messaging.destination.subscription.name") != null;
                    if (isNew && Thread.currentThread() == reading && binding.getState() == Thread.State.NEW) {
                        binding.start();
                        Patience.until(
                                "it is bound, or waits",
                                () -> bound.isDone() || binding.getState() == Thread.State.WAITING);
                    }
                    return id;
                }
            });
            new BelfryMetrics(queue).bindTo(registry);
            Gauge health = registry.get("messaging.belfry.health").gauge();
            try (Subscriber audit = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build())) {
                Patience.until("the old one shows the row", () -> {
                    health.value();
                    return binding.getState() != Thread.State.NEW;
                });
                bound.get();
                assertThat(ofAudit(registry, "messaging.belfry.subscription.lag"))
                        .isEqualTo(audit.lag());
                assertThat(registry.find("messaging.belfry.subscription.lag").gauges())
                        .hasSize(1);
            }
        }
    }

    /** Such as a domain's that was damaged, or of a transport that is not Belfry's. */
    @Test
    void shouldBindAQueueThoughAnotherOneCannotBeRead() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue broken = MessageQueues.open("mem:" + NAME + "-broken?deleteOnLastClose=true");
                MessageQueue good = MessageQueues.open("mem:" + NAME + "-good?deleteOnLastClose=true")) {
            AtomicBoolean breaks = new AtomicBoolean();
            BelfryMetrics kept = new BelfryMetrics(breaking(broken, breaks));
            kept.bindTo(registry);
            breaks.set(true);
            TimeUnit.MILLISECONDS.sleep(1100); // the age at which it asks again
            new BelfryMetrics(good).bindTo(registry);
            assertThat(registry.get("messaging.belfry.health")
                            .tag("messaging.destination.name", NAME + "-good")
                            .gauge()
                            .value())
                    .isZero();
            kept.close();
        }
    }

    private static MessageQueue breaking(MessageQueue real, AtomicBoolean breaks) {
        return (MessageQueue) Proxy.newProxyInstance(
                MessageQueue.class.getClassLoader(),
                new Class<?>[] {MessageQueue.class},
                (proxy, method, arguments) -> {
                    if (breaks.get() && method.getName().equals("stats")) throw new IllegalStateException("broken");
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** No gauge is there to keep the binder. */
    @Test
    void shouldGoOnCountingWhereOnlyCountersAreWanted() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("messaging.belfry"));
        try (MessageQueue queue = MessageQueues.open("shm:" + NAME + "-counters?deleteOnLastClose=true");
                Publisher out = queue.createPublisher()) {
            new BelfryMetrics(queue).bindTo(registry);
            WeakReference<Object> garbage = new WeakReference<>(new Object());
            Patience.until("the collector has run", () -> {
                System.gc();
                return garbage.get() == null;
            });
            out.publish("tick");
            FunctionCounter sent =
                    registry.get("messaging.client.sent.messages").functionCounter();
            Patience.until("it is counted", () -> sent.count() == 1);
        }
    }

    @Test
    void shouldTellANamedSubscriptionFromAnAnonymousOne() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue queue = MessageQueues.open("shm:" + NAME + "-names?deleteOnLastClose=true");
                Publisher out = queue.createPublisher();
                Subscriber inSlot0 = queue.createSubscriber();
                Subscriber named = queue.createSubscriber(
                        SubscriberOptions.builder().name("anonymous-0").build())) {
            out.publish("tick");
            named.receive();
            new BelfryMetrics(queue).bindTo(registry);
            assertThat(registry.get("messaging.belfry.subscription.lag")
                            .tag("messaging.destination.subscription.name", "anonymous-0")
                            .gauges())
                    .extracting(Gauge::value)
                    .containsExactlyInAnyOrder((double) inSlot0.lag(), (double) named.lag());
        }
    }

    /** In a full queue, because of a subscriber that does not read. */
    @Test
    void shouldShowWhoWaitsAndBecauseOfWhom() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        String uri = "shm:" + NAME + "-waiting?deleteOnLastClose=true&capacity=4k&maxCapacity=4k";
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber slow = queue.createSubscriber(
                        SubscriberOptions.builder().name("audit").build())) {
            new BelfryMetrics(queue).bindTo(registry);
            Gauge waiting = registry.get("messaging.belfry.publishers.waiting").gauge();
            assertThat(waiting.value()).isZero();
            try (Publisher out = queue.createPublisher()) {
                CompletableFuture<Void> blocked = CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 100; i++) out.publish(new byte[200]);
                });
                Patience.until("the meter shows it", () -> waiting.value() == 1);
                Gauge time = registry.get("messaging.belfry.publisher.waiting.time")
                        .tag("messaging.belfry.waiting.for", "room")
                        .tag("messaging.destination.subscription.name", "audit")
                        .gauge();
                assertThat(time.getId().getTag("messaging.belfry.waiting.because"))
                        .startsWith(ProcessHandle.current().pid() + " (");
                Patience.until("the meter shows it", () -> time.value() > 1);
                for (int i = 0; i < 100; i++) slow.receive();
                blocked.get();
                Patience.until("the meter shows it", () -> waiting.value() == 0);
                assertThat(registry.find("messaging.belfry.publisher.waiting.time")
                                .gauges())
                        .isEmpty();
            }
        }
    }

    private static FunctionCounter consumed(SimpleMeterRegistry registry) {
        return registry.get("messaging.client.consumed.messages")
                .tag("messaging.destination.subscription.name", "audit")
                .functionCounter();
    }

    private static double ofAudit(SimpleMeterRegistry registry, String name) {
        return audit(registry, name).value();
    }

    private static Gauge audit(SimpleMeterRegistry registry, String name) {
        return registry.get(name)
                .tag("messaging.destination.subscription.name", "audit")
                .gauge();
    }
}
