package dev.belfry.kafka;

import dev.belfry.conformance.ApiRacesSuite;
import dev.belfry.conformance.ClosingSuite;
import dev.belfry.conformance.CostSuite;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/**
 * The suites of threads, interrupts, flags, warnings and what a JVM costs, in which JDKs differ. Of
 * those in {@link KafkaConformanceTest} and {@link KafkaProcessesTest} the broker or plain Java
 * decides, and they run on one JDK.
 */
@Slow
class KafkaJdkConformanceTest extends KafkaFixture {
    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    class Closing extends ClosingSuite {}

    @Nested
    class Cost extends CostSuite {}

    @Nested
    class ApiRaces extends ApiRacesSuite {}
}
