package dev.belfry.shm;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.ApiRacesSuite;
import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimGrowthStatsSuite;
import dev.belfry.conformance.CostSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.LifeAndSpiSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingAndClosingSuite;
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
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Cost extends CostSuite {}

    @Nested
    class LifeAndSpi extends LifeAndSpiSuite {}

    @Nested
    class Model extends ModelSuite {}

    @Nested
    class ApiRaces extends ApiRacesSuite {}
}
