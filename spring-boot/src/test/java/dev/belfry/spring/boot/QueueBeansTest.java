package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.TypedPublisher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

class QueueBeansTest {
    record Order(int id, String what) {}

    private final Applications applications = new Applications();

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    @Configuration
    static class OneQueue {
        record Uses(
                MessageQueue queue, Publisher publisher, TypedPublisher<Order> orders, TypedPublisher<String> texts) {}

        @Bean
        Uses uses(MessageQueue queue, Publisher publisher, TypedPublisher<Order> orders, TypedPublisher<String> texts) {
            return new Uses(queue, publisher, orders, texts);
        }
    }

    @Test
    void shouldInjectPublishersOfEachTypeWhenThereIsOneQueue() {
        applications
                .of(OneQueue.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    OneQueue.Uses uses = context.getBean(OneQueue.Uses.class);
                    try (Subscriber in = uses.queue.createSubscriber()) {
                        uses.publisher.publish("plain");
                        uses.orders.publish(new Order(7, "pears"));
                        uses.texts.publish("text");
                        assertThat(in.receiveNoWait().text()).isEqualTo("plain");
                        assertThat(in.receiveNoWait().text()).isEqualTo("{\"id\":7,\"what\":\"pears\"}");
                        assertThat(in.receiveNoWait().text()).isEqualTo("text");
                    }
                });
    }

    @Configuration
    static class TwoQueues {
        record Uses(MessageQueue orders, MessageQueue other, TypedPublisher<Order> out, Publisher plain) {}

        @Bean
        Uses uses(
                MessageQueue orders,
                @Qualifier("prices") MessageQueue other,
                @Qualifier("prices") TypedPublisher<Order> out,
                @Qualifier("orders") Publisher plain) {
            return new Uses(orders, other, out, plain);
        }
    }

    @Test
    void shouldFindAQueueByItsNameWhenThereAreSeveral() {
        applications
                .of(TwoQueues.class)
                .withPropertyValues(applications.mem("orders"), applications.mem("prices"))
                .run(context -> {
                    TwoQueues.Uses uses = context.getBean(TwoQueues.Uses.class);
                    uses.out.publish(new Order(1, "apples"));
                    assertThat(uses.other.stats().newestPosition()).isOne();
                    assertThat(uses.orders.stats().newestPosition()).isZero();
                    uses.plain.publish("to orders");
                    assertThat(uses.orders.stats().newestPosition()).isOne();
                });
    }

    /** Its bean has the name of the queue. */
    @Configuration
    static class SameName {
        @Bean
        String orders() {
            return "a bean of another type";
        }
    }

    @Test
    void shouldLeaveANameToTheProgramWhenItsOwnBeanHasIt() {
        applications
                .of(SameName.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    assertThat(context.getBean("orders")).isEqualTo("a bean of another type");
                    assertThat(context.getBean(MessageQueue.class).uri()).hasScheme("mem");
                });
    }

    @Configuration
    static class OwnQueue {
        @Bean
        MessageQueue orders() {
            return MessageQueues.open("mem:own?deleteOnLastClose=true");
        }
    }

    @Test
    void shouldRefuseTwoQueuesWhenTheyHaveOneName() {
        applications
                .of(OwnQueue.class)
                .withPropertyValues(applications.mem("orders"))
                .run(Applications.failing(
                        "There are two queues 'orders': the bean of this name, and the one of 'belfry.queues.orders.uri'."
                                + " Give one of them another name."));
    }

    @Test
    void shouldNameTheQueueWhenItHasNoUri() {
        applications
                .of(OneQueue.class)
                .withPropertyValues("belfry.queues.orders.publisher.exclusive=true")
                .run(Applications.failing(
                        "The queue 'orders' has no uri. Set 'belfry.queues.orders.uri', to shm:orders for example."));
    }

    @Configuration
    static class Nothing {}

    static class First {
        First(TypedPublisher<Order> orders) {
            orders.publish(new Order(1, "pears"));
        }
    }

    static class Second {
        Second(TypedPublisher<Order> orders) {
            orders.publish(new Order(2, "plums"));
        }
    }

    @Test
    void shouldShareAPublisherAmongClassesWhenItsTypeIsOne() {
        applications
                .of(First.class, Second.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.publisher.exclusive=true")
                .run(context -> assertThat(
                                context.getBean(MessageQueue.class).stats().newestPosition())
                        .isEqualTo(2));
    }

    /** The build does not know the queues of the start. */
    @Test
    void shouldLeaveQueuesOutOfWhatIsMadeAheadOfTime() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        TestPropertyValues.of(applications.mem("orders")).applyTo(context);
        context.register(Nothing.class, BelfryAutoConfiguration.class);
        InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
        DefaultGenerationContext generation =
                new DefaultGenerationContext(new ClassNameGenerator(ClassName.get("shop", "Shop")), files);
        new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        generation.writeGeneratedContent();
        assertThat(files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE)).isNotEmpty();
    }

    @Test
    void shouldNameTheArtifactWhenThereIsNoTransport() {
        applications
                .of(Nothing.class)
                .withPropertyValues("belfry.queues.orders.uri=kafka:orders")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("belfry.queues.orders")
                        .hasRootCauseInstanceOf(NoProviderException.class)
                        .rootCause()
                        .hasMessageContaining("Add dev.belfry:belfry-kafka-transport to the class path"));
    }

    @Test
    void shouldGiveEachOptionToPublishersWhenItIsSet() {
        applications
                .of(OneQueue.class)
                .withPropertyValues(
                        applications.mem("orders", "capacity=4k&maxCapacity=4k"),
                        "belfry.queues.orders.publisher.timeout=0s",
                        "belfry.queues.orders.publisher.timestamps=true")
                .run(context -> {
                    OneQueue.Uses uses = context.getBean(OneQueue.Uses.class);
                    try (Subscriber in = uses.queue.createSubscriber()) {
                        uses.orders.publish(new Order(1, "apples"));
                        assertThat(in.receiveNoWait().timestampMillis()).isPositive();
                        Throwable full = null;
                        for (int i = 0; i < 1000 && full == null; i++)
                            full = thrown(() -> uses.publisher.publish("more"));
                        assertThat(full).isInstanceOf(QueueFullException.class);
                    }
                });
    }

    private static Throwable thrown(Runnable call) {
        try {
            call.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** Publishes while it is destroyed, and then finds the queue closed once the context is. */
    @Configuration
    static class PublishesLast {
        static final class Farewell implements DisposableBean {
            private final TypedPublisher<String> out;

            Farewell(TypedPublisher<String> out) {
                this.out = out;
            }

            @Override
            public void destroy() {
                out.publish("the last one");
            }
        }

        @Bean
        Farewell farewell(TypedPublisher<String> out) {
            return new Farewell(out);
        }
    }

    @Test
    void shouldCloseAQueueAfterTheBeansThatPublishToItWhenTheContextCloses() {
        List<TypedPublisher<String>> publishers = new ArrayList<>();
        try (MessageQueue outside = MessageQueues.open(applications.uri("orders"));
                Subscriber in = outside.createSubscriber(StartAt.OLDEST_RETAINED)) {
            applications
                    .of(PublishesLast.class)
                    .withPropertyValues(applications.mem("orders"))
                    .run(context -> publishers.add(context.getBean(PublishesLast.Farewell.class).out));
            assertThat(in.receiveNoWait().text()).isEqualTo("the last one");
            assertThat(in.receiveNoWait()).isNull();
        }
        assertThat(thrown(() -> publishers.get(0).publish("late"))).isInstanceOf(QueueClosedException.class);
    }

    @Configuration
    static class NoType {
        @Bean
        Object uses(TypedPublisher<?> out) {
            return out;
        }
    }

    @Test
    void shouldNameThePlaceWhenAPublisherHasNoType() {
        applications
                .of(NoType.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageStartingWith("The TypedPublisher of the queue 'orders' in ")
                        .hasMessageEndingWith(
                                "has no type. Name the type of its messages, as in TypedPublisher<Order>."));
    }

    @Configuration
    static class NoCodec {
        @Bean
        Object uses(TypedPublisher<List<?>> out) {
            return out;
        }
    }

    @Test
    void shouldNameTheTypeWhenNoCodecCarriesIt() {
        applications
                .of(NoCodec.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageStartingWith("There is no codec of java.util.List<?> for ")
                        .hasMessageEndingWith("Declare a bean of the type Codec<java.util.List<?>>."));
    }

    @Configuration
    static class OwnCodec {
        static final class Throwing implements Codec<Order> {
            @Override
            public byte[] encode(Order value) {
                if (value.id < 0) throw new IllegalStateException("broken");
                return Codecs.text().encode(value.what);
            }

            @Override
            public Order decode(ReadableBody body) {
                return new Order(0, Codecs.text().decode(body));
            }
        }

        @Bean
        Codec<Order> codec() {
            return new Throwing();
        }
    }

    @Test
    void shouldTakeTheProgramsCodecWhenItIsABeanAndPublishNothingWhenItThrows() {
        applications
                .of(OneQueue.class, OwnCodec.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    OneQueue.Uses uses = context.getBean(OneQueue.Uses.class);
                    uses.orders.publish(new Order(1, "apples"));
                    assertThat(thrown(() -> uses.orders.publish(new Order(-1, "no"))))
                            .isInstanceOf(CodecException.class)
                            .hasMessageContaining("Nothing was published")
                            .hasMessageContaining("Correct the value or the codec");
                    assertThat(uses.queue.stats().newestPosition()).isOne();
                });
    }
}
