package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Codecs;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Requester;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spring.boot.BelfryListeners.Listener;
import dev.belfry.spring.boot.BelfryListeners.State;
import dev.belfry.spring.boot.QueueBeansTest.Order;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.context.annotation.Configuration;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

/** Listeners that are stopped and started, that answer, and that take single properties. */
@WaitsForOthers
class ControlTest {
    private static final List<Object> HEARD = new CopyOnWriteArrayList<>();
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static volatile boolean broken;

    private final Applications applications = new Applications();

    @BeforeEach
    void forget() {
        HEARD.clear();
        broken = false;
    }

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    private static void untilHeard(Object... all) {
        Patience.until("heard are " + List.of(all) + ", not " + HEARD, () -> HEARD.size() >= all.length);
        assertThat(HEARD).containsExactly(all);
    }

    @Component
    static class Billing {
        @BelfryListener(queue = "orders", name = "billing", id = "bill")
        void bill(String text) {
            if (broken) throw new IllegalStateException("broken");
            HEARD.add(text);
        }

        @BelfryListener(queue = "orders", name = "later", id = "later", autoStartup = "${later.starts:false}")
        void later(String text) {
            HEARD.add("later " + text);
        }

        @BelfryListener(queue = "stock")
        void plain(String text) {}
    }

    @Test
    void shouldStopAndStartAListenerByItsId() {
        applications
                .of(Billing.class)
                .withConfiguration(
                        AutoConfigurations.of(EndpointAutoConfiguration.class, BelfryEndpointAutoConfiguration.class))
                .withPropertyValues(
                        applications.mem("orders"),
                        applications.mem("stock"),
                        "management.endpoints.web.exposure.include=belfry")
                .run(context -> {
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    assertThat(listeners.all())
                            .extracting(Listener::id)
                            .containsExactlyInAnyOrder("bill", "later", null);
                    assertThat(one(listeners, "later").state()).isEqualTo(State.STOPPED);
                    assertThat(one(listeners, "bill"))
                            .isEqualTo(new Listener(
                                    "bill",
                                    Billing.class.getName() + ".bill",
                                    "orders",
                                    "billing",
                                    State.RUNNING,
                                    null,
                                    null));
                    var out = context.getBean("belfry.queues.orders.publisher", Publisher.class);
                    out.publish("one");
                    untilHeard("one");
                    var endpoint = context.getBean(BelfryEndpointAutoConfiguration.ListenersEndpoint.class);
                    Listener stopped =
                            endpoint.change("bill", BelfryEndpointAutoConfiguration.ListenersEndpoint.Action.STOP);
                    assertThat(stopped.state()).isEqualTo(State.STOPPED);
                    out.publish("two");
                    assertThat(one(listeners, "bill").holdsUp())
                            .isEqualTo("the publishers of '" + applications.uri("orders")
                                    + "', once it is full: 'billing' keeps its place, with 1 unread");
                    assertThat(HEARD).containsExactly("one");
                    endpoint.change("bill", BelfryEndpointAutoConfiguration.ListenersEndpoint.Action.START);
                    untilHeard("one", "two");
                    assertThatThrownBy(() -> listeners.stop("nobody"))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("There is no listener of the id 'nobody'. There are [")
                            .hasMessageContaining("later");
                    assertThatThrownBy(() -> endpoint.change(
                                    "nobody", BelfryEndpointAutoConfiguration.ListenersEndpoint.Action.STOP))
                            .isInstanceOf(InvalidEndpointRequestException.class);
                });
    }

    @Component
    static class Slowly {
        private static volatile CountDownLatch entered;
        private static volatile CountDownLatch leaves;
        private final ObjectProvider<BelfryListeners> listeners;

        Slowly(ObjectProvider<BelfryListeners> listeners) {
            this.listeners = listeners;
        }

        @BelfryListener(queue = "orders", name = "slowly", id = "slowly")
        void on(String text) throws InterruptedException {
            entered.countDown();
            leaves.await();
            HEARD.add(text + ", " + listeners.getObject().all().size() + " listeners");
        }

        @BelfryListener(queue = "stock")
        void plain(String text) {}
    }

    /** That message is done then: it does not come again. Its method may ask for the listeners meanwhile. */
    @Test
    void shouldWaitForTheMessageInItsMethodWhenItIsStopped() {
        Slowly.entered = new CountDownLatch(1);
        Slowly.leaves = new CountDownLatch(1);
        applications
                .of(Slowly.class)
                .withPropertyValues(applications.mem("orders"), applications.mem("stock"))
                .run(context -> {
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    var out = context.getBean("belfry.queues.orders.publisher", Publisher.class);
                    out.publish("one");
                    Slowly.entered.await();
                    List<String> returned = new CopyOnWriteArrayList<>();
                    Thread stopping = new Thread(() -> {
                        listeners.stop("slowly");
                        returned.add("it is stopped after " + HEARD);
                    });
                    stopping.start();
                    try {
                        Patience.until(
                                "it is being stopped",
                                () -> one(listeners, "slowly").state() != State.RUNNING);
                        Patience.pause(100);
                        assertThat(returned).isEmpty();
                        assertThat(one(listeners, "slowly").reason())
                                .isEqualTo("it was stopped, and its thread has not ended; its last message is 1");
                        assertThatThrownBy(() -> listeners.start("slowly"))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("'slowly' does not start: it was stopped, and its thread has not ended;"
                                        + " its last message is 1. Start it once the thread has: it is in its method,"
                                        + " or waits for a disk.");
                    } finally {
                        Slowly.leaves.countDown();
                    }
                    stopping.join();
                    assertThat(returned).containsExactly("it is stopped after [one, 2 listeners]");
                    out.publish("two");
                    listeners.start("slowly");
                    untilHeard("one, 2 listeners", "two, 2 listeners");
                });
    }

    private static Listener one(BelfryListeners listeners, String id) {
        return listeners.all().stream()
                .filter(each -> id.equals(each.id()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldStartAListenerAgainThatHasFailed() {
        applications
                .of(Billing.class)
                .withPropertyValues(
                        applications.mem("orders"),
                        applications.mem("stock"),
                        "later.starts=true",
                        "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    broken = true;
                    context.getBean("belfry.queues.orders.publisher", Publisher.class)
                            .publish("one");
                    Patience.until("it has failed", () -> one(listeners, "bill").state() == State.FAILED);
                    assertThat(one(listeners, "bill").reason())
                            .isEqualTo("at message 1: java.lang.IllegalStateException: broken");
                    Patience.until("the other one goes on", () -> HEARD.contains("later one"));
                    broken = false;
                    assertThat(listeners.start("bill").state()).isEqualTo(State.RUNNING);
                    untilHeard("later one", "one");
                });
    }

    /** Another program cuts the queue of one; the other queue's listener, and the list, go on. */
    @Test
    void shouldListAllWhenAQueueIsDamaged() {
        applications
                .of(Billing.class)
                .withPropertyValues(applications.shm("orders"), applications.mem("stock"))
                .run(context -> {
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    Publisher out = context.getBean("belfry.queues.orders.publisher", Publisher.class);
                    String damaged = applications.uri("shm", "orders").substring("shm:".length());
                    Path segment = Path.of("/dev/shm/belfry." + damaged);
                    byte[] whole = Files.readAllBytes(segment);
                    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                        file.truncate(4096);
                    }
                    assertThatThrownBy(() -> {
                                for (int i = 0; i < 1000; i++) out.publish(new byte[1000]);
                            })
                            .isInstanceOf(QueueCorruptedException.class);
                    Patience.until("it has failed", () -> one(listeners, "bill").state() == State.FAILED);
                    assertThatThrownBy(() -> listeners.start("bill")).isInstanceOf(QueueCorruptedException.class);
                    Listener failed = one(listeners, "bill");
                    assertThat(failed.reason())
                            .contains("at message ", QueueCorruptedException.class.getName(), damaged + "' is damaged");
                    assertThat(failed.holdsUp()).startsWith("not known: '" + damaged + "' is damaged");
                    assertThat(one(listeners, "later").state()).isEqualTo(State.STOPPED);
                    assertThat(one(listeners, "later").holdsUp()).startsWith("not known: ");
                    assertThat(listeners.all())
                            .filteredOn(each -> each.queue().equals("stock"))
                            .extracting(Listener::state)
                            .containsExactly(State.RUNNING);
                    Files.write(segment, whole); // by its slots its semaphores are found and removed
                });
    }

    @Component
    static class Same {
        @BelfryListener(queue = "orders", id = "bill")
        void same(String text) {}
    }

    @Test
    void shouldRefuseTwoListenersOfOneId() {
        applications
                .of(Billing.class, Same.class)
                .withPropertyValues(applications.mem("orders"), applications.mem("stock"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageStartingWith("Two listeners have the id 'bill': " + Billing.class.getName()));
    }

    @Component
    static class Asynchronous {
        @Async
        @BelfryListener(queue = "orders")
        public void on(String text) {}
    }

    @Test
    void shouldRefuseAnAsynchronousListener() {
        applications
                .of(Asynchronous.class)
                .withPropertyValues(applications.mem("orders"))
                .run(Applications.failing("The listener " + Asynchronous.class.getName()
                        + ".on is @Async: its call would return at once, and its message count as delivered, also if it"
                        + " fails then. Leave @Async out: a listener has a thread of its own. To share work among"
                        + " threads, use Jakarta Messaging and @JmsListener."));
    }

    @Component
    static class Named {
        @BelfryListener(queue = "orders", onFailure = "skip")
        void on(
                String text,
                @BelfryProperty("account") int account,
                @BelfryProperty("from") String from,
                @BelfryProperty(BelfryProperty.POSITION) long position) {
            HEARD.add(text + " " + account + " " + from + " " + position);
        }
    }

    @Test
    void shouldTakeSinglePropertiesAndThePosition() {
        applications
                .of(Named.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    out.publish("none"); // it has no account
                    out.publish(
                            "a", MessageProperties.builder().put("account", 17).build());
                    out.publish(
                            "b",
                            MessageProperties.builder()
                                    .put("account", (short) 18)
                                    .put("from", "me")
                                    .build());
                    untilHeard("a 17 null 2", "b 18 me 3");
                });
    }

    @Component
    static class Answering {
        @BelfryListener(queue = "orders", answers = "receipts", name = "till", id = "till", onFailure = "skip")
        String receipt(Order order) {
            if (order.what() == null) throw new IllegalStateException("of nothing");
            return order.id() < 0 ? null : "receipt of " + order.what();
        }
    }

    @Component
    record Asking(Requester<Order, String> requester) {}

    @Test
    void shouldAnswerByWhatAListenerReturns() {
        PartsTest.Observations.ENDED.clear();
        applications
                .of(Answering.class, Asking.class, PartsTest.Observations.class)
                .withPropertyValues(
                        applications.mem("orders"),
                        applications.mem("receipts"),
                        "belfry.queues.orders.answers=receipts",
                        "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    var requester = context.getBean(Asking.class).requester();
                    assertThat(requester.request(new Order(1, "pears"), TEN_SECONDS))
                            .isEqualTo("receipt of pears");
                    assertThat(requester.request(new Order(2, null), Duration.ofMillis(200)))
                            .isNull();
                    assertThat(requester.request(new Order(-1, "no answer"), Duration.ofMillis(200)))
                            .isNull();
                    assertThat(requester.request(new Order(3, "figs"), TEN_SECONDS))
                            .isEqualTo("receipt of figs");
                    assertThat(PartsTest.Observations.ENDED)
                            .as("calls that are observed")
                            .hasSize(4);
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    listeners.stop("till");
                    assertThat(requester.request(new Order(4, "late"), Duration.ofMillis(200)))
                            .isNull();
                    listeners.start("till");
                    assertThat(requester.request(new Order(5, "plums"), TEN_SECONDS))
                            .isEqualTo("receipt of plums");
                });
    }

    /** Its answer waits for room as long as the settings of that queue say; then it has failed, and may be retried. */
    @Test
    void shouldFailAsAMethodDoesWhenTheAnswersQueueIsFull() {
        applications
                .of(Stopping.class)
                .withPropertyValues(
                        applications.mem("orders"),
                        applications.mem("receipts", "capacity=4k&maxCapacity=4k"),
                        "belfry.queues.receipts.publisher.timeout=10ms",
                        "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    MessageQueue orders = context.getBean("orders", MessageQueue.class);
                    MessageQueue receipts = context.getBean("receipts", MessageQueue.class);
                    Subscriber holder = receipts.createSubscriber(
                            SubscriberOptions.builder().name("holds it up").build());
                    Publisher fill = context.getBean("belfry.queues.receipts.publisher", Publisher.class);
                    assertThatThrownBy(() -> {
                                while (true) fill.publish("fill");
                            })
                            .isInstanceOf(QueueFullException.class);
                    BelfryListeners listeners = context.getBean(BelfryListeners.class);
                    try (Requester<String, String> requester =
                            Requester.of(orders, Codecs.text(), receipts, Codecs.text())) {
                        assertThat(requester.request("one", Duration.ofMillis(200)))
                                .isNull();
                        Patience.until(
                                "it has failed", () -> one(listeners, "till").state() == State.FAILED);
                        assertThat(one(listeners, "till").reason())
                                .startsWith("at message 1: " + QueueFullException.class.getName());
                        holder.close();
                        receipts.unsubscribe("holds it up");
                        Requester.Pending<String> two = requester.send("two");
                        listeners.start("till");
                        assertThat(two.await(TEN_SECONDS)).isEqualTo("receipt of two");
                    }
                });
    }

    @Component
    static class Stopping {
        @BelfryListener(queue = "orders", answers = "receipts", name = "till", id = "till")
        String receipt(String order) {
            return "receipt of " + order;
        }
    }

    @Component
    static class ToNobody {
        @BelfryListener(queue = "orders", answers = "nowhere")
        String on(String text) {
            return text;
        }
    }

    @Component
    static class Returning {
        @BelfryListener(queue = "orders")
        String on(String text) {
            return text;
        }
    }

    @Test
    void shouldRefuseAnAnswerThatNobodyGets() {
        applications
                .of(ToNobody.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageContaining("the queue 'nowhere', which is not configured. There are [orders]."));
        applications
                .of(Returning.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageContaining("returns a value, which nothing would get: it has no answers."));
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.answers=nowhere")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining(
                                "The queue 'orders' has its answers on 'nowhere', which is not configured."));
    }

    @Configuration
    static class Nothing {}

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods(proxyTargetClass = true)
    static class Resilient {}

    @Component
    static class Retrying {
        @BelfryListener(queue = "orders", name = "r", onFailure = "skip")
        @Retryable(maxRetries = 3, delay = 1, multiplier = 2, excludes = IllegalArgumentException.class)
        public void on(String text) {
            HEARD.add(text);
            if (text.equals("bad")) throw new IllegalStateException("bad");
            if (text.equals("worse")) throw new IllegalArgumentException("worse");
        }
    }

    /** Spring's, within one delivery; onFailure decides after it. */
    @Test
    void shouldRetryAsSpringsAnnotationSays() {
        applications
                .of(Retrying.class, Resilient.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    for (String text : List.of("good", "bad", "worse", "next")) out.publish(text);
                    untilHeard("good", "bad", "bad", "bad", "bad", "worse", "next");
                });
    }
}
