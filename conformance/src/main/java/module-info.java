/** The contract as JUnit suites, and child JVMs for tests. Open, because JUnit calls what is not public. */
@SuppressWarnings("requires-automatic") // Awaitility has only an Automatic-Module-Name
open module dev.belfry.conformance {
    exports dev.belfry.conformance;
    exports dev.belfry.testing;

    requires transitive dev.belfry.api;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires awaitility; // in Patience
    requires java.compiler; // in Patched
    requires java.management; // in Call

    uses dev.belfry.spi.MessageQueueProvider; // read beside what MessageQueues finds
}
