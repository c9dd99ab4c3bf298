package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** A publish after the commit of a database, and what a crash between the two leaves. */
class AfterCommitTest {
    private final Applications applications = new Applications();

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    /** The database: it knows what was committed. */
    static final class Database extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;
        static final List<String> COMMITTED = new CopyOnWriteArrayList<>();

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            COMMITTED.add("order");
            System.out.println("committed");
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    record Placed(String order) {}

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class Shop {
        @Bean
        Database database() {
            return new Database();
        }

        @Bean
        Orders orders(Publisher out) {
            return new Orders(out);
        }
    }

    static class Orders {
        private final Publisher out;

        Orders(Publisher out) {
            this.out = out;
        }

        @TransactionalEventListener
        void publish(Placed placed) {
            if (placed.order.equals("crash")) Runtime.getRuntime().halt(7);
            out.publish(placed.order);
        }
    }

    /** A mistake: it does not wait for the commit. */
    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class Hasty {
        @Bean
        Database database() {
            return new Database();
        }

        @Bean
        ApplicationListener<PayloadApplicationEvent<Placed>> orders(Publisher out) {
            return placed -> out.publish(placed.getPayload().order);
        }
    }

    @Test
    void shouldPublishAfterTheCommitAndNothingAfterARollback() {
        publishesAfterTheCommit(Shop.class);
        assertThatThrownBy(() -> publishesAfterTheCommit(Hasty.class)).isInstanceOf(AssertionError.class);
    }

    private void publishesAfterTheCommit(Class<?> shop) {
        applications.removeQueues();
        applications.of(shop).withPropertyValues(applications.mem("orders")).run(context -> {
            MessageQueue queue = context.getBean(MessageQueue.class);
            Database.COMMITTED.clear();
            TransactionTemplate transaction = new TransactionTemplate(context.getBean(Database.class));
            transaction.executeWithoutResult(status -> {
                context.publishEvent(new Placed("one"));
                assertThat(queue.stats().newestPosition()).isZero();
            });
            assertThat(queue.stats().newestPosition()).isOne();
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                        context.publishEvent(new Placed("two"));
                        throw new IllegalStateException("rolled back");
                    }))
                    .hasMessage("rolled back");
            assertThat(queue.stats().newestPosition()).isOne();
            assertThat(Database.COMMITTED).hasSize(1);
        });
    }

    static class Careful {
        static final List<String> UNPUBLISHED = new CopyOnWriteArrayList<>();
        private final Publisher out;

        Careful(Publisher out) {
            this.out = out;
        }

        @TransactionalEventListener
        void publish(Placed placed) {
            try {
                out.publish(placed.order);
            } catch (MessageQueueException e) {
                UNPUBLISHED.add(placed.order);
            }
        }
    }

    /** Spring logs what a method after the commit throws; so the page shows the catch. */
    @Test
    void shouldTellTheCallerNothingWhenTheQueueIsFullAfterTheCommit() {
        applications
                .of(Shop.class, Careful.class)
                .withPropertyValues(
                        applications.mem("orders", "capacity=4k&maxCapacity=4k"),
                        "belfry.queues.orders.publisher.timeout=0s")
                .run(context -> {
                    MessageQueue queue = context.getBean(MessageQueue.class);
                    queue.createSubscriber(
                            SubscriberOptions.builder().name("holds it up").build());
                    Publisher out = context.getBean(Publisher.class);
                    assertThatThrownBy(() -> {
                                while (true) out.publish("fill");
                            })
                            .isInstanceOf(QueueFullException.class);
                    long newest = queue.stats().newestPosition();
                    Careful.UNPUBLISHED.clear();
                    TransactionTemplate transaction = new TransactionTemplate(context.getBean(Database.class));
                    transaction.executeWithoutResult(status -> context.publishEvent(new Placed("one")));
                    assertThat(queue.stats().newestPosition()).isEqualTo(newest);
                    assertThat(Careful.UNPUBLISHED).containsExactly("one");
                });
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Crashing extends Shop {
        public static void main(String[] args) {
            ConfigurableApplicationContext context = SpringApplication.run(Crashing.class, args);
            ApplicationEventPublisher events = context;
            TransactionTemplate transaction = new TransactionTemplate(context.getBean(Database.class));
            for (String order : List.of("one", "crash"))
                transaction.executeWithoutResult(status -> events.publishEvent(new Placed(order)));
        }
    }

    /** Committed and not published: the page says so, and names the domain for what must not be lost then. */
    @Test
    @Slow
    void shouldLoseOnlyTheMessageWhenItCrashesBetweenCommitAndPublish() {
        String uri = applications.uri("shm", "orders");
        try (MessageQueue queue = MessageQueues.open(uri);
                ChildJvm shop = JavaCommand.of(
                                Crashing.class,
                                "--belfry.queues.orders.uri=" + uri,
                                "--spring.main.banner-mode=off",
                                "--spring.main.web-application-type=none",
                                "--logging.level.root=off")
                        .flags(JavaCommand.QUICK)
                        .start()) {
            shop.expect("committed");
            shop.expect("committed");
            shop.awaitExit();
            assertThat(queue.stats().newestPosition()).isOne();
        }
    }
}
