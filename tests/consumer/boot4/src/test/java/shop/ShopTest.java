package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jms.core.JmsTemplate;

/** The program has run once the context stands. */
@SpringBootTest(properties = {"prices=mem:prices", "orders=mem:orders"})
class ShopTest {
    @Autowired
    MeterRegistry registry;

    @Autowired
    JmsTemplate orders;

    @Test
    void shouldCountWhatTheProgramPublished() {
        assertThat(Shop.sent(registry)).isEqualTo(10);
    }

    @Test
    void shouldReceiveWhatIsSent() {
        orders.convertAndSend("pears", "two");
        assertThat(orders.receiveAndConvert("pears")).isEqualTo("two");
    }
}
