package dev.belfry.kafka;

import dev.belfry.conformance.DeathsSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/** The suites of several JVMs: half of what the contract takes over {@code kafka:}. */
@Slow
@OneJdk
class KafkaProcessesTest extends KafkaFixture {
    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Deaths extends DeathsSuite {}
}
