package dev.belfry.conformance.toy;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.LifeAndSpiSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingAndClosingSuite;
import org.junit.jupiter.api.Nested;

/** The kit on a transport between processes that has no claims, no exclusive publishers and no policy but gating. */
class ToyConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return "toy";
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class WaitingAndClosing extends WaitingAndClosingSuite {}

    @Nested
    class Acknowledging extends AcknowledgingSuite {}

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class LifeAndSpi extends LifeAndSpiSuite {}

    @Nested
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}
}
