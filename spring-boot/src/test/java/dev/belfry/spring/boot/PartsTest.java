package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.TypedPublisher;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.micrometer.BelfryMetrics;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.stereotype.Component;

/** What there is if other modules are there: health, meters, Jakarta Messaging. */
@WaitsForOthers
class PartsTest {
    private static final List<String> HEARD = new CopyOnWriteArrayList<>();

    private final Applications applications = new Applications();

    @Configuration
    static class Nothing {}

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    private ApplicationContextRunner healthOf(Class<?> configuration) {
        return applications
                .of(configuration)
                .withConfiguration(AutoConfigurations.of(BelfryHealthAutoConfiguration.class))
                .withPropertyValues(applications.mem("orders"));
    }

    private static Health health(CompositeHealthContributor all) {
        return ((HealthIndicator) all.getContributor("orders")).health();
    }

    @Component
    static class Failing {
        @BelfryListener(queue = "orders", name = "billing")
        void on(String text) {
            throw new IllegalStateException("refused");
        }
    }

    @Test
    void shouldBeDownWhenAListenerHasStopped() {
        healthOf(Failing.class).run(context -> {
            CompositeHealthContributor all = context.getBean(CompositeHealthContributor.class);
            assertThat(health(all).getStatus()).isEqualTo(Status.UP);
            context.getBean(Publisher.class).publish("bad");
            Patience.until("it is down", () -> health(all).getStatus().equals(Status.DOWN));
            assertThat(health(all).getDetails())
                    .containsEntry("queue", "STUCK")
                    .hasEntrySatisfying("reasons", reasons -> assertThat(reasons.toString())
                            .contains("'billing' has stopped: its listener failed at position 1"));
        });
    }

    @Test
    void shouldBeUpAndSayWhyWhenASubscriptionLags() {
        healthOf(Nothing.class).withPropertyValues("belfry.health.max-lag=1").run(context -> {
            MessageQueue queue = context.getBean(MessageQueue.class);
            queue.createSubscriber(SubscriberOptions.builder().name("slow").build());
            Publisher out = context.getBean(Publisher.class);
            out.publish("1");
            out.publish("2");
            Health health = health(context.getBean(CompositeHealthContributor.class));
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails()).containsEntry("queue", "LAGGING").containsKey("reasons");
        });
    }

    @Test
    void shouldTellTenReasonsOfAThousand() {
        List<String> reasons =
                IntStream.range(0, 1000).mapToObj(i -> "reason " + i).toList();
        Health health = BelfryHealthAutoConfiguration.QueueIndicator.of(
                new QueueHealth.Report(QueueHealth.Status.LAGGING, reasons));
        assertThat((List<?>) health.getDetails().get("reasons"))
                .hasSize(11)
                .first()
                .isEqualTo("reason 0");
        assertThat(health.getDetails().get("reasons").toString())
                .endsWith("reason 9, and 990 more: 'belfry doctor' tells them]");
    }

    @Test
    void shouldHaveNoHealthWhenThereIsNoQueueOrItIsTurnedOff() {
        applications
                .of(Nothing.class)
                .withConfiguration(AutoConfigurations.of(BelfryHealthAutoConfiguration.class))
                .run(context -> assertThat(context).doesNotHaveBean(CompositeHealthContributor.class));
        healthOf(Nothing.class)
                .withPropertyValues("management.health.belfry.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(CompositeHealthContributor.class));
    }

    @Configuration
    static class OwnHealth {
        @Bean
        CompositeHealthContributor belfryHealthContributor() {
            return CompositeHealthContributor.fromMap(Map.of("mine", "of the program"), text ->
                    (HealthIndicator) () -> Health.up().withDetail("is", text).build());
        }
    }

    @Test
    void shouldLeaveTheHealthToTheProgramThatHasOne() {
        healthOf(OwnHealth.class).run(context -> assertThat(
                        context.getBean(CompositeHealthContributor.class).getContributor("mine"))
                .isNotNull());
    }

    @Configuration
    static class Registry {
        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }

    @Test
    void shouldCountEachQueueWhenThereIsARegistry() {
        applications
                .of(Registry.class)
                .withConfiguration(
                        AutoConfigurations.of(BelfryMetricsAutoConfiguration.class, MetricsAutoConfiguration.class))
                .withPropertyValues(applications.mem("orders"), applications.mem("prices"))
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    context.getBean("belfry.queues.prices.publisher", Publisher.class)
                            .publish("1");
                    Patience.until("it is counted", () -> sent(registry, "prices") == 1);
                    assertThat(sent(registry, "orders")).isZero();
                    try (MessageQueue outside = MessageQueues.open(applications.uri("outside"));
                            BelfryMetrics ofIt = new BelfryMetrics(outside)) {
                        ofIt.bindTo(registry);
                        assertThat(registry.get("messaging.belfry.capacity").gauges())
                                .extracting(gauge -> gauge.getId().getTag("messaging.destination.name") + " "
                                        + gauge.getId().getTag("messaging.belfry.queue"))
                                .containsExactlyInAnyOrder(
                                        name("orders") + " orders",
                                        name("prices") + " prices",
                                        name("outside") + " none");
                    }
                    context.close();
                    assertThat(registry.find("messaging.client.sent.messages").meters())
                            .isEmpty();
                });
    }

    private double sent(MeterRegistry registry, String queue) {
        return registry.get("messaging.client.sent.messages")
                .tag("messaging.destination.name", name(queue))
                .functionCounter()
                .count();
    }

    private String name(String queue) {
        return applications.uri(queue).substring("mem:".length());
    }

    @Component
    static class Heard {
        @BelfryListener(queue = "orders", name = "billing", onFailure = "skip")
        void on(String text) {
            HEARD.add(text);
            if (text.equals("bad")) throw new IllegalStateException("refused");
        }
    }

    @Configuration
    static class Observations {
        static final List<ReceiverContext<?>> ENDED = new CopyOnWriteArrayList<>();
        private static final List<BelfrySenderContext> SENT = new CopyOnWriteArrayList<>();

        @Bean
        ObservationRegistry observations() {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(new ObservationHandler<>() {
                @Override
                public void onStart(Observation.Context context) {
                    if (context instanceof BelfrySenderContext sender)
                        sender.getSetter().set(sender.getCarrier(), "traceparent", "00-of-the-publisher");
                }

                @Override
                public void onStop(Observation.Context context) {
                    if (context instanceof ReceiverContext<?> receiver) ENDED.add(receiver);
                    if (context instanceof BelfrySenderContext sender) SENT.add(sender);
                }

                @Override
                public boolean supportsContext(Observation.Context context) {
                    return true;
                }
            });
            return registry;
        }
    }

    @Test
    void shouldBeginATraceWhereAMessageIsPublished() {
        Observations.ENDED.clear();
        Observations.SENT.clear();
        applications
                .of(Heard.class, Observations.class, Typed.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    MessageProperties own = MessageProperties.builder()
                            .put("account", 17)
                            .put("traceparent", "00-of-another-message")
                            .build();
                    context.getBean(Publisher.class).publish("raw", own);
                    context.getBean(Typed.class).orders.publish("typed");
                    Patience.until("both have ended", () -> Observations.ENDED.size() == 2);
                    for (ReceiverContext<?> each : Observations.ENDED)
                        assertThat(parent(each)).isEqualTo("00-of-the-publisher");
                    assertThat(((BelfryReceiverContext) Observations.ENDED.get(0))
                                    .getCarrier()
                                    .properties()
                                    .getInt("account", 0))
                            .isEqualTo(17);
                    BelfrySenderContext sent = Observations.SENT.get(0);
                    assertThat(sent.getName()).isEqualTo("belfry.message.publish");
                    assertThat(sent.getContextualName()).isEqualTo(name("orders") + " publish");
                    assertThat(sent.getHighCardinalityKeyValue("messaging.message.id")
                                    .getValue())
                            .isEqualTo("1");
                    assertThat(sent.getLowCardinalityKeyValue("messaging.belfry.transport")
                                    .getValue())
                            .isEqualTo("mem");
                    assertThat(sent.getLowCardinalityKeyValue("messaging.belfry.queue")
                                    .getValue())
                            .isEqualTo("orders");
                    assertThat(Observations.ENDED
                                    .get(0)
                                    .getLowCardinalityKeyValue("messaging.belfry.queue")
                                    .getValue())
                            .isEqualTo("orders");
                });
    }

    @Component
    static class Typed {
        private final TypedPublisher<String> orders;

        Typed(TypedPublisher<String> orders) {
            this.orders = orders;
        }
    }

    @Test
    void shouldNameObservationsAsTheProgramWantsIt() {
        Observations.ENDED.clear();
        applications
                .of(Heard.class, Observations.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    context.getBean(ObservationRegistry.class)
                            .observationConfig()
                            .observationConvention(new Mine());
                    context.getBean(Publisher.class).publish("good");
                    Patience.until("it has ended", () -> !Observations.ENDED.isEmpty());
                    assertThat(Observations.ENDED.get(0).getName()).isEqualTo("mine");
                    assertThat(Observations.ENDED.get(0).getContextualName())
                            .isEqualTo(applications.uri("orders") + " billing");
                });
    }

    private static final class Mine implements GlobalObservationConvention<BelfryReceiverContext> {
        @Override
        public String getName() {
            return "mine";
        }

        @Override
        public String getContextualName(BelfryReceiverContext context) {
            return context.queue() + " " + context.subscription();
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof BelfryReceiverContext;
        }
    }

    @Test
    void shouldObserveEachCallWithItsParentAndItsFailureWhenThereIsARegistry() {
        Observations.ENDED.clear();
        applications
                .of(Heard.class, Observations.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.subscriber.max-redeliveries=0")
                .run(context -> {
                    Publisher out = context.getBean(MessageQueue.class).createPublisher(); // not observed
                    out.publish(
                            "good",
                            MessageProperties.builder()
                                    .put("traceparent", "00-of-the-till")
                                    .build());
                    out.publish("bad");
                    Patience.until("both have ended", () -> Observations.ENDED.size() == 2);
                    ReceiverContext<?> good = Observations.ENDED.get(0);
                    assertThat(good.getName()).isEqualTo("belfry.message.process");
                    assertThat(good.getContextualName()).isEqualTo(name("orders") + " process");
                    assertThat(good.getLowCardinalityKeyValue("messaging.destination.name")
                                    .getValue())
                            .as("as the meters have it")
                            .isEqualTo(name("orders"));
                    assertThat(good.getLowCardinalityKeyValue("messaging.destination.subscription.name")
                                    .getValue())
                            .isEqualTo("billing");
                    assertThat(parent(good)).isEqualTo("00-of-the-till");
                    assertThat(good.getError()).isNull();
                    assertThat(parent(Observations.ENDED.get(1))).isNull();
                    assertThat(Observations.ENDED.get(1).getError()).hasMessage("refused");
                });
    }

    @Configuration
    static class Throwing {
        @Bean
        ObservationRegistry observations() {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(new Broken());
            return registry;
        }
    }

    /** At the start or at the end, as this says; always for what has failed. */
    private static final class Broken implements ObservationHandler<Observation.Context> {
        private static volatile boolean atStart;

        @Override
        public void onStart(Observation.Context context) {
            if (atStart) throw new AssertionError("at the start");
        }

        @Override
        public void onError(Observation.Context context) {
            throw new IllegalStateException("of an error");
        }

        @Override
        public void onStop(Observation.Context context) {
            throw new NoClassDefFoundError("at the end");
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    /** A publish that threw would be tried again, and a message that was handled would come again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLoseAndDoubleNoMessageWhenAHandlerOfObservationsThrows(boolean atStart) {
        HEARD.clear();
        Broken.atStart = atStart;
        applications
                .of(Heard.class, Throwing.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.subscriber.max-redeliveries=1")
                .run(context -> {
                    Publisher out = context.getBean(Publisher.class);
                    assertThat(out.publish("good")).isEqualTo(1);
                    assertThatThrownBy(() -> out.publish(ByteBuffer.allocate(out.maxMessageLength() + 1)))
                            .as("its own failure")
                            .isNotInstanceOf(IllegalStateException.class);
                    assertThat(out.publish("next")).isEqualTo(2);
                    Patience.until("all are handled", () -> HEARD.contains("next"));
                    assertThat(HEARD).containsExactly("good", "next");
                });
    }

    private static <T> String parent(ReceiverContext<T> context) {
        return context.getGetter().get(context.getCarrier(), "traceparent");
    }

    @Component
    static class Worker {
        @JmsListener(destination = "apples")
        void on(String text) {
            HEARD.add(text);
        }
    }

    private ApplicationContextRunner jms(Class<?> configuration) {
        return applications
                .of(configuration)
                .withConfiguration(AutoConfigurations.of(BelfryJmsAutoConfiguration.class, JmsAutoConfiguration.class));
    }

    @Test
    void shouldGiveBootItsConnectionFactoryWhenThereIsADomain(@TempDir Path directory) {
        deliver(applications.uri("domain"), "");
        deliver("file:" + directory.resolve("domain"), "?anyFileSystem=true&linger=0s");
    }

    private void deliver(String domain, String settings) {
        HEARD.clear();
        jms(Worker.class)
                .withPropertyValues("belfry.jms.domain=" + domain + settings)
                .run(context -> {
                    context.getBean(JmsTemplate.class).convertAndSend("apples", "two");
                    Patience.until("the worker has it", () -> !HEARD.isEmpty());
                    assertThat(HEARD).containsExactly("two");
                });
        MessageQueues.delete(domain);
    }

    @Test
    void shouldCacheSessionsAsBootIsTold() {
        ApplicationContextRunner runner =
                jms(Nothing.class).withPropertyValues("belfry.jms.domain=" + applications.uri("domain"));
        runner.withPropertyValues("spring.jms.cache.session-cache-size=7").run(context -> {
            CachingConnectionFactory cached = (CachingConnectionFactory)
                    context.getBean(JmsTemplate.class).getConnectionFactory();
            assertThat(cached.getSessionCacheSize()).isEqualTo(7);
            assertThat(cached.getTargetConnectionFactory()).isSameAs(context.getBean(BelfryConnectionFactory.class));
        });
        runner.withPropertyValues("spring.jms.cache.enabled=false")
                .run(context -> assertThat(context.getBean(JmsTemplate.class).getConnectionFactory())
                        .isSameAs(context.getBean(BelfryConnectionFactory.class)));
        MessageQueues.delete(applications.uri("domain"));
    }

    /** A container of listeners would try it for ever. */
    @Test
    void shouldNotStartWhereTheDomainIsAPlainQueue() {
        String uri = applications.uri("domain");
        try (MessageQueue plain = MessageQueues.open(uri)) {
            jms(Worker.class)
                    .withPropertyValues("belfry.jms.domain=" + plain.uri())
                    .run(context -> assertThat(context.getStartupFailure())
                            .hasStackTraceContaining(BelfryConfigurationException.class.getName()
                                    + ": There is no domain by 'belfry.jms.domain': '" + uri
                                    + "' is a plain queue; a domain of Jakarta Messaging needs one of its own. Choose"
                                    + " another name, or delete the queue. Correct this property."));
        }
    }

    @Test
    void shouldCountTheDomainWhenThereIsARegistry() {
        jms(Registry.class)
                .withConfiguration(
                        AutoConfigurations.of(BelfryMetricsAutoConfiguration.class, MetricsAutoConfiguration.class))
                .withPropertyValues("belfry.jms.domain=" + applications.uri("domain") + "?maxDeliveries=1")
                .run(context -> {
                    giveUp(context.getBean(BelfryConnectionFactory.class));
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    Patience.until(
                            "it is counted",
                            () -> registry.get("messaging.belfry.domain.dead_letters")
                                            .tag("messaging.destination.name", name("domain"))
                                            .gauge()
                                            .value()
                                    == 1);
                });
        MessageQueues.delete(applications.uri("domain"));
    }

    @Configuration
    @Import(Registry.class)
    static class OwnFactory {
        @Bean
        BelfryConnectionFactory belfryConnectionFactory() {
            return new BelfryConnectionFactory("mem:of-the-program");
        }
    }

    @Test
    void shouldStartWithoutMetersOfADomainThatTheProgramNames() {
        jms(OwnFactory.class)
                .withConfiguration(
                        AutoConfigurations.of(BelfryMetricsAutoConfiguration.class, MetricsAutoConfiguration.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasBean("belfryMeters")
                        .doesNotHaveBean("belfryJmsMeters"));
    }

    /** The first connection is refused, so there is no domain yet: it gets its settings with the first good one. */
    @Test
    void shouldNeitherCreateADomainForItsMetersNorLogItsPassword(@TempDir Path directory) throws IOException {
        Path users = Files.writeString(directory.resolve("users.properties"), "bob=right");
        String uri = applications.uri("domain");
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            jms(Registry.class)
                    .withConfiguration(
                            AutoConfigurations.of(BelfryMetricsAutoConfiguration.class, MetricsAutoConfiguration.class))
                    .withPropertyValues("belfry.jms.domain=" + uri + "?users=" + users + "&password=hidden")
                    .run(context -> assertThat(context).hasNotFailed());
        } finally {
            System.setErr(before);
        }
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("The domain '" + uri + "' has no meters: ")
                .doesNotContain("hidden");
        assertThatThrownBy(() -> MessageQueues.open(uri + "?create=OPEN_EXISTING"))
                .isInstanceOf(QueueNotFoundException.class);
    }

    @Test
    void shouldNameWhatIsWrongInTheDomain() {
        jms(Nothing.class)
                .withConfiguration(AutoConfigurations.of(BelfryJmsHealthAutoConfiguration.class))
                .withPropertyValues("belfry.jms.domain=" + applications.uri("domain") + "?maxDeliveries=1")
                .run(context -> {
                    HealthIndicator health = context.getBean("belfryJmsHealthIndicator", HealthIndicator.class);
                    assertThat(health.health())
                            .isEqualTo(Health.up().withDetail("queue", "OK").build());
                    giveUp(context.getBean(BelfryConnectionFactory.class));
                    assertThat(health.health())
                            .isEqualTo(Health.up()
                                    .withDetail("queue", "LAGGING")
                                    .withDetail("reasons", List.of("1 dead letter in 'DLQ', of 'apples'"))
                                    .build());
                });
        MessageQueues.delete(applications.uri("domain"));
    }

    private static void giveUp(ConnectionFactory factory) {
        try (JMSContext session = factory.createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            Queue apples = session.createQueue("apples");
            session.createProducer().send(apples, "two");
            JMSConsumer in = session.createConsumer(apples);
            in.receive();
            session.recover();
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldLeaveJmsAloneWhenThereIsNoDomain() {
        jms(Nothing.class).run(context -> assertThat(context).doesNotHaveBean(ConnectionFactory.class));
    }

    @Test
    void shouldNameTheArtifactWhenTheProviderIsMissing() {
        jms(Nothing.class)
                .withClassLoader(new FilteredClassLoader("dev.belfry.jakarta"))
                .withPropertyValues("belfry.jms.domain=shm:orders")
                .run(Applications.failing(
                        "The property 'belfry.jms.domain' is 'shm:orders', but the provider of Jakarta"
                                + " Messaging is not on the class path. Add dev.belfry:belfry-jakarta-messaging, or leave the"
                                + " property out."));
    }

    @Test
    void shouldNameThePropertyWhenNothingServesTheDomain() {
        jms(Nothing.class).withPropertyValues("belfry.jms.domain=nowhere:x").run(context -> assertThat(
                        context.getStartupFailure())
                .hasStackTraceContaining("There is no domain by 'belfry.jms.domain': No provider for 'nowhere:'")
                .hasStackTraceContaining("Correct this property."));
    }

    @Test
    void shouldNameThePropertyWhenTheDomainIsNone() {
        jms(Nothing.class).withPropertyValues("belfry.jms.domain=orders").run(context -> assertThat(
                        context.getStartupFailure())
                .hasStackTraceContaining("There is no domain by 'belfry.jms.domain': 'orders'")
                .hasStackTraceContaining("Correct this property."));
    }
}
