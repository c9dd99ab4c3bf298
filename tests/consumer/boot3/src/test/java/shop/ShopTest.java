package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** The program has run once the context stands. */
@SpringBootTest(properties = "prices=mem:prices")
class ShopTest {
    @Autowired
    MeterRegistry registry;

    @Test
    void shouldCountWhatTheProgramPublished() {
        assertThat(Shop.sent(registry)).isEqualTo(10);
    }
}
