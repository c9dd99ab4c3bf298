package dev.belfry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
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
            assertThat(ofAudit(registry, "messaging.client.consumed.messages")).isEqualTo(2);
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
            for (Meter meter : registry.getMeters())
                assertThat(meter.getId().getName()).startsWith("messaging.");

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
        assertThat(registry.get("messaging.client.sent.messages")
                        .functionCounter()
                        .count())
                .isEqualTo(5);
    }

    private static double ofAudit(SimpleMeterRegistry registry, String name) {
        return registry.get(name)
                .tag("messaging.destination.subscription.name", "audit")
                .gauge()
                .value();
    }
}
