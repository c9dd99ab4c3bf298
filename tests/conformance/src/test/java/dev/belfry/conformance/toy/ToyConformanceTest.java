package dev.belfry.conformance.toy;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClosingSuite;
import dev.belfry.conformance.DeathsSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.LatestSuite;
import dev.belfry.conformance.LifeSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SpiSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.SubscribersSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/** The kit on a transport between processes that has no claims, no exclusive publishers and no policy but gating. */
@Slow
@OneJdk
class ToyConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return "toy";
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    class Closing extends ClosingSuite {}

    @Nested
    class Acknowledging extends AcknowledgingSuite {}

    @Nested
    class Redelivery extends RedeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Deaths extends DeathsSuite {}

    @Nested
    class Life extends LifeSuite {}

    @Nested
    class Spi extends SpiSuite {}

    @Nested
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Latest extends LatestSuite {}

    @Nested
    class Many extends SubscribersSuite {}
}
