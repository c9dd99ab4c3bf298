package dev.belfry.file;

import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.TransportFixture;
import org.junit.jupiter.api.Nested;

/** Queues whose log lies in files keep the contract. What publishers do not wait for is synced each second. */
class FileConformanceTest implements TransportFixture {
    @Override
    public String scheme() {
        return SmallFilesProvider.SCHEME;
    }

    @Override
    public String parameters() {
        return "sync=os&anyFileSystem=true";
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}
}
