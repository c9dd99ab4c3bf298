package dev.belfry.kafka;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.ApiStatesSuite;
import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.LatestSuite;
import dev.belfry.conformance.LifeSuite;
import dev.belfry.conformance.MisuseSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SeekSuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.SpiSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.StatsSuite;
import dev.belfry.conformance.SubscribersSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/**
 * {@code kafka:} keeps the contract; {@link KafkaFlowTest}, {@link KafkaProcessesTest} and {@link
 * KafkaJdkConformanceTest} have the other suites.
 */
@Slow
@OneJdk
class KafkaConformanceTest extends KafkaFixture {
    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Seek extends SeekSuite {}

    @Nested
    class Latest extends LatestSuite {}

    @Nested
    class Many extends SubscribersSuite {}

    @Nested
    class FullAndSlow extends FullAndSlowSuite {}

    @Nested
    class SlowReaders extends SlowReaderSuite {}

    @Nested
    class Acknowledging extends AcknowledgingSuite {}

    @Nested
    class Redelivery extends RedeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

    @Nested
    class Growth extends GrowthSuite {}

    @Nested
    class Stats extends StatsSuite {}

    @Nested
    class Misuse extends MisuseSuite {}

    @Nested
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Life extends LifeSuite {}

    @Nested
    class Model extends ModelSuite {}

    @Nested
    class ApiStates extends ApiStatesSuite {}

    @Nested
    class Spi extends SpiSuite {}
}
