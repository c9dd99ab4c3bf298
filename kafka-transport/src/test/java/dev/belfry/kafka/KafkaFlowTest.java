package dev.belfry.kafka;

import dev.belfry.conformance.DeliverySuite;
import dev.belfry.testing.OneJdk;
import org.junit.jupiter.api.Nested;

/** The one of the kit's suites over {@code kafka:} that the quick form of the tests has, too. */
@OneJdk
class KafkaFlowTest extends KafkaFixture {
    @Nested
    class Delivery extends DeliverySuite {
        @Override
        protected int each() {
            return 500; // a publish takes as long as a hundred over memory
        }
    }
}
