package shop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Subscriber;
import dev.belfry.api.TypedPublisher;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jms.core.JmsTemplate;

/** With the versions of Boot: Jackson's, Micrometer's, JUnit's. */
@SpringBootTest(properties = {"belfry.queues.orders.uri=mem:${random.uuid}", "belfry.jms.domain=mem:domain"})
class ShopTest {
    @Autowired
    MessageQueue queue;

    @Autowired
    TypedPublisher<Shop.Order> orders;

    @Autowired
    MeterRegistry registry;

    @Autowired
    HealthContributorRegistry health;

    @Autowired
    JmsTemplate jms;

    @Test
    void shouldPublishRecordsAndCountThem() throws InterruptedException {
        try (Subscriber in = queue.createSubscriber()) {
            orders.publish(new Shop.Order("apples", 3));
            assertThat(in.receive().text()).isEqualTo("{\"what\":\"apples\",\"howMany\":3}");
        }
        // The meters ask the queue once a second.
        while (registry.get("messaging.client.sent.messages").functionCounter().count() == 0) Thread.sleep(50);
        assertThat(health.getContributor("belfry")).isNotNull();
    }

    @Test
    void shouldReceiveWhatIsSent() {
        jms.convertAndSend("pears", "two");
        assertThat(jms.receiveAndConvert("pears")).isEqualTo("two");
    }
}
