package dev.belfry.mem.twin;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.ClaimGrowthStatsSuite;
import dev.belfry.conformance.CostSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.LifeAndSpiSuite;
import dev.belfry.conformance.LogSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingAndClosingSuite;
import org.junit.jupiter.api.Nested;

/** Not run by the build but by {@link KitFindsDefectsTest}. */
class TwinSuites implements TransportFixture {
    @Override
    public String scheme() {
        return "twin";
    }

    @Override
    public String parameters() {
        return "defect=" + TwinProvider.current;
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class WaitingAndClosing extends WaitingAndClosingSuite {}

    @Nested
    class FullAndSlow extends FullAndSlowSuite {}

    @Nested
    class Acknowledging extends AcknowledgingSuite {}

    @Nested
    class ClaimGrowthStats extends ClaimGrowthStatsSuite {}

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Cost extends CostSuite {}

    @Nested
    class LifeAndSpi extends LifeAndSpiSuite {}

    @Nested
    class OfLogs extends LogSuite {}

    @Nested
    class Model extends ModelSuite {}
}
