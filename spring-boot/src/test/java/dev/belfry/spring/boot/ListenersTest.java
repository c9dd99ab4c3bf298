package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.spring.boot.QueueBeansTest.Order;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.stereotype.Component;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

@WaitsForOthers
class ListenersTest {
    private static final List<Object> HEARD = new CopyOnWriteArrayList<>();

    private final Applications applications = new Applications();

    @BeforeEach
    void forget() {
        HEARD.clear();
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
    static class Values {
        @BelfryListener(queue = "orders")
        void on(Order order, Message message, MessageProperties properties) {
            HEARD.add(order + " at " + message.position() + " from " + properties.get("from"));
        }
    }

    @Test
    void shouldGetValuesWithTheirPropertiesWhenItAsksForThem() {
        applications
                .of(Values.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    out.publish(
                            "{\"id\":1,\"what\":\"pears\"}",
                            MessageProperties.builder().put("from", "me").build());
                    untilHeard(new Order(1, "pears") + " at 1 from me");
                });
    }

    /** Its subclass binds the variable. */
    abstract static class Every<T> {
        @BelfryListener(queue = "orders")
        public void all(List<T> all) {
            HEARD.addAll(all);
        }
    }

    @Component
    static class Lists extends Every<Order> {}

    @Test
    void shouldReadAListByTheTypeOfItsParameter() {
        applications
                .of(Lists.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    context.getBean(Publisher.class).publish("[{\"id\":1,\"what\":\"pears\"},{\"id\":2}]");
                    untilHeard(new Order(1, "pears"), new Order(2, null));
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnMapper {
        @Bean
        JsonMapper mapper() {
            return JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                    .build();
        }
    }

    /** It changes what is on the wire, so only where it is asked for. */
    @Test
    void shouldTakeTheMapperOfBootWhereItIsAskedFor() {
        applications
                .of(Lists.class, OwnMapper.class)
                .withPropertyValues(applications.mem("orders"), "belfry.json.mapper=boot")
                .run(context -> {
                    context.getBean(Publisher.class).publish("[{\"Id\":1,\"What\":\"pears\"}]");
                    untilHeard(new Order(1, "pears"));
                });
        HEARD.clear();
        applications
                .of(Lists.class, OwnMapper.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.subscriber.start-at=now")
                .run(context -> {
                    context.getBean(Publisher.class).publish("[{\"id\":2,\"what\":\"figs\"}]");
                    untilHeard(new Order(2, "figs"));
                });
        applications
                .of(Lists.class)
                .withPropertyValues(applications.mem("orders"), "belfry.json.mapper=boot")
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageStartingWith("'belfry.json.mapper' is 'boot', and there is no bean"));
    }

    /** Silence would look like an empty queue. */
    @Test
    void shouldRefuseAListenerInAContextBelowThatOfTheQueues() {
        applications
                .of(Unused.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
                        child.setParent(context);
                        child.register(Values.class);
                        assertThatThrownBy(child::refresh)
                                .isInstanceOf(BelfryConfigurationException.class)
                                .hasMessageContaining(Values.class.getName()
                                        + " has listeners, and its context is one below that of the queues");
                    }
                    try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
                        child.setParent(context);
                        child.register(Unused.class);
                        child.refresh();
                    }
                });
    }

    @Configuration
    static class Unused {}

    @Component
    static class Plain {
        @BelfryListener(queue = "${the.queue}")
        void texts(String text) {
            HEARD.add(text);
        }
    }

    @Component
    static class PlainMessages {
        @BelfryListener(queue = "orders")
        void messages(Message message) {
            HEARD.add(message.position());
        }
    }

    @Test
    void shouldGetTextsWhenThatIsItsTypeAndTheQueuesNameIsAPlaceholder() {
        applications
                .of(Plain.class)
                .withPropertyValues(applications.mem("orders"), "the.queue=orders")
                .run(context -> {
                    context.getBean(Publisher.class).publish("pears");
                    untilHeard("pears");
                });
    }

    @Test
    void shouldGetMessagesWhenItTakesNoValue() {
        applications
                .of(PlainMessages.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    context.getBean(Publisher.class).publish("pears");
                    untilHeard(1L);
                });
    }

    /** A bean that is a queue, and none of the properties. */
    @Configuration
    static class OwnQueue {
        @Bean
        MessageQueue orders() {
            return MessageQueues.open("mem:own-of-listeners?deleteOnLastClose=true");
        }
    }

    @Test
    void shouldReadABeanOfTheProgramWhenThatIsAQueueOfTheName() {
        applications.of(PlainMessages.class, OwnQueue.class).run(context -> {
            try (Publisher out = context.getBean(MessageQueue.class).createPublisher()) {
                out.publish("pears");
                untilHeard(1L);
            }
        });
    }

    @Component
    static class Named {
        @BelfryListener(queue = "orders", name = "billing")
        void on(String text) {
            HEARD.add(text);
        }
    }

    @Test
    void shouldLoseNothingWhenTheApplicationStopsAndStartsAgain() {
        for (String queue : List.of(applications.mem("orders"), applications.shm("orders"))) {
            HEARD.clear();
            applications.of(Named.class).withPropertyValues(queue).run(context -> {
                context.getBean(Publisher.class).publish("1");
                untilHeard("1");
            });
            try (MessageQueue outside = MessageQueues.open(queue.substring(queue.indexOf('=') + 1));
                    Publisher out = outside.createPublisher()) {
                out.publish("2");
            }
            applications.of(Named.class).withPropertyValues(queue).run(context -> {
                context.getBean(Publisher.class).publish("3");
                untilHeard("1", "2", "3");
            });
        }
    }

    @Test
    void shouldGoOnWhenTheContextIsStoppedAndStarted() {
        applications
                .of(Named.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    out.publish("1");
                    untilHeard("1");
                    context.getSourceApplicationContext().stop();
                    out.publish("2");
                    context.getSourceApplicationContext().start();
                    untilHeard("1", "2");
                });
    }

    @Component
    static class ByHand {
        @BelfryListener(queue = "orders", name = "billing", ack = AckMode.CLIENT)
        void on(String text, Message message, Subscriber subscriber) {
            HEARD.add(text);
            if (message.position() == 1) subscriber.acknowledge(1);
        }
    }

    @Test
    void shouldGetAgainWhatItHasNotAcknowledgedWhenItAcknowledgesItself() {
        applications
                .of(ByHand.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    out.publish("1");
                    out.publish("2");
                    untilHeard("1", "2");
                });
        applications
                .of(ByHand.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> untilHeard("1", "2", "2"));
    }

    @Component
    static class Failing {
        @BelfryListener(queue = "orders", onFailure = "skip")
        void on(String text) {
            HEARD.add(text);
            if (text.equals("bad")) throw new IllegalStateException("refused");
        }
    }

    @Test
    void shouldPassOverAMessageWhenItsAnnotationSaysSo() {
        applications
                .of(Failing.class)
                .withPropertyValues(
                        applications.mem("orders"),
                        "belfry.queues.orders.subscriber.max-redeliveries=1",
                        "belfry.queues.orders.subscriber.on-failure=stop")
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    out.publish("bad");
                    out.publish("good");
                    untilHeard("bad", "bad", "good");
                });
    }

    @Component
    static class Moving {
        @BelfryListener(queue = "orders")
        void on(String text) {
            throw new IllegalStateException("refused");
        }
    }

    @Test
    void shouldMoveAMessageWhenThePropertiesSaySo() {
        String failed = applications.uri("failed");
        try (MessageQueue queue = MessageQueues.open(failed);
                Subscriber in = queue.createSubscriber()) {
            applications
                    .of(Moving.class)
                    .withPropertyValues(
                            applications.mem("orders"),
                            "belfry.queues.orders.subscriber.max-redeliveries=0",
                            "belfry.queues.orders.subscriber.on-failure=moveTo(" + failed + ")")
                    .run(context -> {
                        context.getBean(Publisher.class).publish("bad");
                        Message moved = in.receive(Patience.limit());
                        assertThat(moved.text()).isEqualTo("bad");
                        assertThat(moved.properties().get(OnFailure.POSITION)).isEqualTo(1L);
                    });
        }
    }

    static final class Broken implements Codec<Order> {
        @Override
        public byte[] encode(Order value) {
            throw new IllegalStateException("broken");
        }

        @Override
        public Order decode(ReadableBody body) {
            throw new IllegalStateException("broken");
        }
    }

    @Component
    static class Undecoded {
        @BelfryListener(queue = "orders", name = "billing", codec = Broken.class)
        void on(Order order) {
            HEARD.add(order);
        }
    }

    @Test
    void shouldKeepTheMessageWhenItsCodecThrows() {
        String orders = applications.mem("orders");
        applications.of(Undecoded.class).withPropertyValues(orders).run(context -> {
            MessageQueue queue = context.getBean(MessageQueue.class);
            context.getBean(Publisher.class).publish("one");
            Patience.until("the listener has stopped", () -> queue.stats().subscribers().stream()
                    .anyMatch(s -> s.counters().containsKey("stopped")));
            assertThat(HEARD).isEmpty();
        });
        applications.of(Named.class).withPropertyValues(orders).run(context -> untilHeard("one"));
    }

    /** Both at their places of work, while the application stops. */
    @Component
    static class Busy {
        private static final CountDownLatch WORKS = new CountDownLatch(1);
        private static final CountDownLatch STOPS = new CountDownLatch(1);

        private final Publisher out;

        Busy(@Qualifier("results") Publisher out) {
            this.out = out;
        }

        @BelfryListener(queue = "orders", name = "billing")
        void on(String text) throws InterruptedException {
            WORKS.countDown();
            STOPS.await();
            out.publish(text);
        }
    }

    @Test
    void shouldEndItsWorkAndPublishWhenTheApplicationStopsMeanwhile() {
        String orders = applications.mem("orders");
        String results = applications.mem("results");
        try (MessageQueue outside = MessageQueues.open(applications.uri("results"));
                Subscriber in = outside.createSubscriber()) {
            applications.of(Busy.class).withPropertyValues(orders, results).run(context -> {
                context.getBean("belfry.queues.orders.publisher", Publisher.class)
                        .publish("1");
                Busy.WORKS.await();
                Thread stopping = new Thread(context::close);
                stopping.start();
                Patience.until("listeners are told to stop", () -> !context.getBean(Listeners.class)
                        .isRunning());
                Busy.STOPS.countDown();
                stopping.join();
            });
            assertThat(in.receiveNoWait().text()).isEqualTo("1");
        }
        applications.of(Named.class).withPropertyValues(orders).run(context -> {
            context.getBean(Publisher.class).publish("2");
            untilHeard("2"); // and not 1 again
        });
    }

    /**
     * Publishes to a queue that a reader outside keeps full. Spring closes that one first, and its own later: else
     * that close would wait five seconds for this method.
     */
    @Component
    @DependsOn("orders")
    static class Full {
        private static final CountDownLatch WAITS = new CountDownLatch(1);

        private final Publisher out;

        Full(@Qualifier("results") Publisher out) {
            this.out = out;
        }

        @BelfryListener(queue = "orders", name = "billing")
        void on(String text) {
            while (true) {
                if (out.offer(ByteBuffer.allocate(500), Duration.ZERO) == Publisher.REJECTED) {
                    WAITS.countDown();
                    out.publish(text);
                }
            }
        }
    }

    @Test
    void shouldKeepTheMessageWhenItsListenerWaitsForAFullQueueWhileTheApplicationStops() {
        String orders = applications.mem("orders");
        String results = applications.mem("results", "capacity=4k&maxCapacity=4k");
        try (MessageQueue outside = MessageQueues.open(results.substring(results.indexOf('=') + 1));
                Subscriber reads = outside.createSubscriber()) {
            applications
                    .of(Full.class)
                    .withPropertyValues(orders, results, "spring.lifecycle.timeout-per-shutdown-phase=500ms")
                    .run(context -> {
                        context.getBean("belfry.queues.orders.publisher", Publisher.class)
                                .publish("1");
                        Full.WAITS.await();
                    });
            assertThat(reads.state()).isInstanceOf(SubscriberState.Running.class);
        }
        applications.of(Named.class).withPropertyValues(orders).run(context -> untilHeard("1"));
    }

    @Component
    static class Ends {
        private final ConfigurableApplicationContext context;

        Ends(ConfigurableApplicationContext context) {
            this.context = context;
        }

        @BelfryListener(queue = "orders", name = "billing")
        void on(String text) {
            context.close();
            HEARD.add(text + " by " + Thread.currentThread().getName());
        }
    }

    @Test
    void shouldNotWaitForItselfWhenAListenerEndsTheApplication() {
        for (String queue : List.of(applications.mem("orders"), applications.shm("orders"))) {
            HEARD.clear();
            applications
                    .of(Ends.class)
                    .withPropertyValues(queue, "spring.lifecycle.timeout-per-shutdown-phase=1h")
                    .run(context -> {
                        context.getBean(Publisher.class).publish("the end");
                        untilHeard("the end by belfry-orders-billing");
                    });
            HEARD.clear();
            applications.of(Named.class).withPropertyValues(queue).run(context -> {
                context.getBean(Publisher.class).publish("the next"); // what ended it does not come again
                untilHeard("the next");
            });
        }
    }

    @Test
    void shouldStartThoughAllBeansAreLazy() {
        applications
                .of(Plain.class)
                .withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withPropertyValues(applications.mem("orders"), "the.queue=orders")
                .run(context -> {
                    context.getBean(Publisher.class).publish("pears");
                    untilHeard("pears");
                });
    }

    private static boolean isKeptAlive() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("belfry-keep-alive") && !thread.isDaemon());
    }

    @Test
    void shouldKeepTheApplicationAliveUntilItStops() {
        applications
                .of(Plain.class)
                .withPropertyValues(applications.mem("orders"), "the.queue=orders")
                .run(context -> assertThat(isKeptAlive()).isTrue());
        Patience.until("no thread keeps it alive", () -> !isKeptAlive());
    }

    @Component
    @Scope(value = ConfigurableBeanFactory.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.TARGET_CLASS)
    static class Scoped extends Plain {}

    @Component
    static class User {
        User(Scoped scoped) {
            scoped.toString();
        }
    }

    @Test
    void shouldRefuseAListenerOfWhichEachInstanceWouldListen() {
        applications
                .of(Scoped.class, User.class)
                .withPropertyValues(applications.mem("orders"), "the.queue=orders")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(BelfryConfigurationException.class)
                        .hasMessageContaining("has listeners and is not a singleton")
                        .hasMessageContaining("Put the listener into a singleton"));
    }

    @Component
    static class MovesNowhere {
        @BelfryListener(queue = "orders", onFailure = "moveTo(failed)")
        void on(String text) {}
    }

    @Test
    void shouldRefuseToMoveToWhatIsNoUri() {
        applications
                .of(MovesNowhere.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context ->
                        assertThat(Applications.root(context).getMessage()).contains("'failed'"));
        applications
                .of(MovesNowhere.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(new BelfryFailureAnalyzer()
                                .analyze(context.getStartupFailure())
                                .getAction())
                        .isEqualTo("Give the URI of a queue, as in moveTo(shm:failed)."));
    }

    @Component
    @Lazy
    static class Late extends Plain {}

    @Test
    void shouldStartAtOnceWhenItsBeanIsMadeLater() {
        applications
                .of(Late.class)
                .withPropertyValues(applications.mem("orders"), "the.queue=orders")
                .run(context -> {
                    assertThat(context.getBean(MessageQueue.class).stats().subscribers())
                            .isEmpty();
                    context.getBean(Late.class);
                    context.getBean(Publisher.class).publish("pears");
                    untilHeard("pears");
                });
    }

    @Component
    static class OnWhichThread {
        @BelfryListener(queue = "orders")
        void on(String text) throws ReflectiveOperationException {
            boolean virtual = Runtime.version().feature() >= 21
                    && (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
            HEARD.add(virtual + " " + Thread.currentThread().isDaemon());
        }
    }

    @Test
    void shouldRunOnVirtualThreadsWhenToldSoAndTheJdkHasThem() {
        boolean has = Runtime.version().feature() >= 21;
        for (boolean virtual : new boolean[] {true, false}) {
            HEARD.clear();
            applications
                    .of(OnWhichThread.class)
                    .withPropertyValues(
                            applications.shm("orders"),
                            "spring.threads.virtual.enabled=true",
                            "belfry.listeners.virtual-threads=" + virtual)
                    .run(context -> {
                        context.getBean(Publisher.class).publish("pears");
                        untilHeard((has && virtual) + " " + (has && virtual));
                    });
        }
    }

    /** Begins and ends as a web server does. */
    @Component
    static class Server implements SmartLifecycle {
        private final ObjectProvider<Listeners> listeners; // its need of the bean itself would win over phases

        Server(ObjectProvider<Listeners> listeners) {
            this.listeners = listeners;
        }

        @Override
        public void start() {
            HEARD.add("server starts, listeners run: " + listeners.getObject().isRunning());
        }

        @Override
        public void stop() {
            HEARD.add("server stops, listeners run: " + listeners.getObject().isRunning());
        }

        @Override
        public boolean isRunning() {
            return HEARD.size() == 1;
        }

        @Override
        public int getPhase() {
            return DEFAULT_PHASE - 2048;
        }
    }

    @Test
    void shouldStartAfterAServerAndStopBeforeItWhenThereIsOne() {
        applications
                .of(Server.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context ->
                        assertThat(context.getBean(Listeners.class).isRunning()).isTrue());
        assertThat(HEARD).containsExactly("server starts, listeners run: false", "server stops, listeners run: false");
    }

    // What is refused

    @Test
    void shouldNameWhatIsConfiguredWhenItsQueueIsNot() {
        String method = PlainMessages.class.getName() + ".messages";
        applications
                .of(PlainMessages.class)
                .run(Applications.failing(
                        "The listener " + method + " reads the queue 'orders', which is not configured. There are []."
                                + " Set 'belfry.queues.orders.uri', to shm:orders for example."));
        applications
                .of(PlainMessages.class)
                .withPropertyValues(applications.mem("order"))
                .run(Applications.failing("The listener " + method
                        + " reads the queue 'orders', which is not configured. There are [order]."
                        + " Did you mean 'order'?"));
    }

    @Component
    static class SameName {
        @BelfryListener(queue = "orders", name = "billing")
        void other(String text) {}
    }

    @Test
    void shouldNameBothWhenTwoHaveOneName() {
        applications
                .of(Named.class, SameName.class)
                .withPropertyValues(applications.mem("orders"))
                .run(Applications.failing(
                        "Two listeners read the queue 'orders' as 'billing': " + Named.class.getName() + ".on and "
                                + SameName.class.getName() + ".other. Give each a name of its own: then each gets every"
                                + " message. To share messages out, use Jakarta Messaging and @JmsListener."));
    }

    @Component
    static class NoneWithAName {
        @BelfryListener(queue = "orders", name = "billing", ack = AckMode.NONE)
        void on(String text) {}
    }

    @Test
    void shouldSayWhatDoesNotGoTogetherWhenItsSettingsCannotBe() {
        applications
                .of(NoneWithAName.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(context.getStartupFailure())
                        .cause()
                        .isInstanceOf(BelfryConfigurationException.class)
                        .hasMessageContaining("ackMode NONE stores no position")
                        .hasMessageEndingWith("or the properties below 'belfry.queues.orders.subscriber'."));
    }

    @Component
    static class WrongPolicy {
        @BelfryListener(queue = "orders", onFailure = "ignore")
        void on(String text) {}
    }

    @Test
    void shouldNameThePoliciesWhenOneIsNotKnown() {
        applications
                .of(WrongPolicy.class)
                .withPropertyValues(applications.mem("orders"))
                .run(Applications.failing("The listener " + WrongPolicy.class.getName()
                        + ".on has the onFailure 'ignore'. It is stop, skip, or"
                        + " moveTo(URI), as in moveTo(shm:failed)."));
    }

    @Component
    static class Returns {
        @BelfryListener(queue = "orders")
        String on(String text) {
            return text;
        }
    }

    @Component
    static class TwoValues {
        @BelfryListener(queue = "orders")
        void on(String text, Order order) {}
    }

    @Test
    void shouldSayWhatAMethodMayTakeWhenItIsAnother() {
        applications
                .of(Returns.class)
                .withPropertyValues(applications.mem("orders"))
                .run(
                        context -> assertThat(Applications.root(context))
                                .hasMessageContaining(
                                        "Returns.on returns a value, which nothing would get: it has no answers. Let it be void"));
        applications
                .of(TwoValues.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageContaining("TwoValues.on takes two values. Let it"));
    }

    @Test
    void shouldLeaveNoListenerRunningWhenAnotherOneCannotStart() {
        try (MessageQueue outside = MessageQueues.open(applications.uri("orders"))) {
            applications
                    .of(Named.class, WrongPolicy.class)
                    .withPropertyValues(applications.mem("orders"))
                    .run(context -> {
                        assertThat(context).hasFailed();
                        SubscriberOptions same = SubscriberOptions.builder()
                                .name("billing")
                                .startAt(StartAt.NOW)
                                .build();
                        outside.createSubscriber(Codecs.text(), same).close(); // nobody is attached
                    });
        }
    }
}
