package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MovedAsideTest {
    /** No flush comes by itself while it runs. */
    private static final String LATER = "&sync=os&flush=1h";

    @Test
    void shouldBeOnTheDiskBeforeItIsAcknowledged() throws Exception {
        try (Small orders = new Small(LATER);
                Small failed = new Small(LATER);
                MessageQueue target = failed.open();
                MessageQueue queue = orders.open()) {
            Publisher publisher = target.createPublisher();
            Subscriber reader = queue.createSubscriber(SubscriberOptions.builder()
                    .name("reader")
                    .maxRedeliveries(0)
                    .onFailure(OnFailure.moveTo(failed.uri()))
                    .build());
            reader.setListener(message -> {
                throw new IllegalStateException("refused");
            });
            queue.createPublisher().publish("an order");
            Patience.until(
                    "it is acknowledged",
                    () -> queue.stats().subscribers().get(0).acknowledgedPosition() == 1);
            assertThat(target.stats().newestPosition()).isEqualTo(1);
            assertThat(publisher.awaitDurable(1, Duration.ZERO)).isTrue();
            publisher.publish("later");
            assertThat(publisher.awaitDurable(2, Duration.ZERO)).as("by itself").isFalse();
        }
    }
}
