package dev.belfry.shm;

import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeathsSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.LogSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.SeekSuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.testing.Copy;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/**
 * Queues whose records have trailers keep the contract, too: the suites in which records are written, passed and read,
 * but for those that hold texts, which name the scheme {@code shm}.
 */
@Slow
@OneJdk
@Copy(1)
class TrailersConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return TrailersProvider.SCHEME;
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Seek extends SeekSuite {}

    @Nested
    class SlowReaders extends SlowReaderSuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

    @Nested
    class Growth extends GrowthSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class OfLogs extends LogSuite {}

    @Nested
    class Deaths extends DeathsSuite {}

    @Nested
    class Model extends ModelSuite {}
}
