package dev.belfry.file;

import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.LogSuite;
import dev.belfry.conformance.LogUsersSuite;
import dev.belfry.conformance.NamedSuite;
import org.junit.jupiter.api.Nested;

/** Queues whose log lies in files keep the contract. */
class FileConformanceTest implements FilesFixture {
    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

    @Nested
    class OfLogs extends LogSuite {}

    @Nested
    class OfLogUsers extends LogUsersSuite {}
}
