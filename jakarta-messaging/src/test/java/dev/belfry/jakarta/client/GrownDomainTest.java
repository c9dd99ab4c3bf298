package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import org.junit.jupiter.api.Test;

/** What lies in the smaller rings of a log that has grown has to fit into its newest one, too. */
class GrownDomainTest extends DomainTest {
    @Override
    String scheme() {
        return "shm";
    }

    @Test
    void shouldBeDrainedWhenItHasGrownAndIsFull() throws JMSException {
        String[] log = {"capacity=64k", "maxCapacity=512k", "sendTimeout=200ms"};
        BelfrySession sender = auto(connect(log));
        MessageProducer producer = sender.createProducer(queue("q"));
        int sent = 0;
        try {
            for (; ; sent++) producer.send(sender.createTextMessage(sent + " " + "x".repeat(200)));
        } catch (ResourceAllocationException full) {
            assertThat(sent).isPositive();
        }
        MessageConsumer consumer = auto(connect(new Domains(), log)).createConsumer(queue("q"));
        for (int i = 0; i < sent; i++) assertThat(text(consumer)).startsWith(i + " ");
    }
}
