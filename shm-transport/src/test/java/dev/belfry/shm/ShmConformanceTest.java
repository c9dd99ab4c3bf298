package dev.belfry.shm;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.ApiRacesSuite;
import dev.belfry.conformance.ApiStatesSuite;
import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.ClosingSuite;
import dev.belfry.conformance.CostSuite;
import dev.belfry.conformance.DeathsSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.LatestSuite;
import dev.belfry.conformance.LifeSuite;
import dev.belfry.conformance.LogSuite;
import dev.belfry.conformance.LogUsersSuite;
import dev.belfry.conformance.MisuseSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SeekSuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.SpiSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.StatsSuite;
import dev.belfry.conformance.SubscribersSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import org.junit.jupiter.api.Nested;

/** {@code shm:} keeps the contract. */
class ShmConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return "shm";
    }

    @Override
    public boolean canDamage() {
        return true;
    }

    /** The word that says which region is current. */
    @Override
    public void damage(URI queue) {
        try (RandomAccessFile file = new RandomAccessFile("/dev/shm/belfry." + queue.getSchemeSpecificPart(), "rw")) {
            file.seek(384); // the tail
            file.writeInt(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    class Latest extends LatestSuite {}

    @Nested
    class Many extends SubscribersSuite {}

    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    class Closing extends ClosingSuite {}

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
    class OfLogs extends LogSuite {}

    @Nested
    class OfLogUsers extends LogUsersSuite {}

    @Nested
    class Misuse extends MisuseSuite {}

    @Nested
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Deaths extends DeathsSuite {}

    @Nested
    @Slow
    class Cost extends CostSuite {}

    @Nested
    class Life extends LifeSuite {}

    @Nested
    class Spi extends SpiSuite {}

    @Nested
    @Slow
    class Model extends ModelSuite {}

    @Nested
    @Slow
    class ApiRaces extends ApiRacesSuite {}

    @Nested
    @Slow
    class ApiStates extends ApiStatesSuite {}
}
