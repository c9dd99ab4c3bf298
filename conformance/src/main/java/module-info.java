/** The contract as JUnit suites. Open, because JUnit calls what is not public. */
open module dev.belfry.conformance {
    exports dev.belfry.conformance;

    requires transitive dev.belfry.api;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;

    uses dev.belfry.spi.MessageQueueProvider; // looked at, beside what MessageQueues finds
}
