package dev.belfry.file;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.GrowthSuite;
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
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.net.URI;
import org.junit.jupiter.api.Nested;

/**
 * The contract over a queue whose history is on the disk, of files of 4 KiB. Left out is what the other tests of files
 * leave out, and the batches that count on room as soon as one message is read: it comes by whole files.
 */
@Slow
@OneJdk
class HistoryConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return TinyFilesProvider.SCHEME;
    }

    @Override
    public String parameters() {
        return "sync=os&anyFileSystem=true";
    }

    /** Files go a moment after what is in them: until then the oldest is not what it will be. */
    @Override
    public void overwrite(URI queue) {
        try (MessageQueue open = MessageQueues.open(queue + "?" + parameters())) {
            long oldest;
            do {
                oldest = open.stats().oldestPosition();
                Patience.pause(1000);
            } while (oldest != open.stats().oldestPosition());
        }
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

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
    class Processes extends ProcessesSuite {}
}
