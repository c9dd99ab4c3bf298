package dev.belfry.file;

import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.LogSuite;
import dev.belfry.conformance.LogUsersSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/** The same, where each publish waits for the disk. */
@Slow
@OneJdk
class DurableConformanceTest implements FilesFixture {
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
    class BatchUse extends BatchUseSuite {}

    @Nested
    class OfLogs extends LogSuite {}

    @Nested
    class OfLogUsers extends LogUsersSuite {}
}
