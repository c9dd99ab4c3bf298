package dev.belfry.file;

import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SeekSuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.StatsSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/** The same, where each publish waits for the disk. */
@Slow
@OneJdk
class DurableConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return SmallFilesProvider.SCHEME;
    }

    @Override
    public String parameters() {
        return "anyFileSystem=true";
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

    @Nested
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Growth extends GrowthSuite {}

    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class Redelivery extends RedeliverySuite {}

    @Nested
    class Seek extends SeekSuite {}

    @Nested
    class SlowReaders extends SlowReaderSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Stats extends StatsSuite {}

    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    class Model extends ModelSuite {}

    @Nested
    class Processes extends ProcessesSuite {}
}
