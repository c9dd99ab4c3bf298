/** The queue that users see, and what a transport implements. */
@SuppressWarnings("module") // Belfry's other modules are not needed to compile this one
module dev.belfry.api {
    requires jdk.jfr; // verdicts
    requires static org.jspecify; // annotations, which no user needs
    requires org.slf4j; // a listener that fails without onError, a provider that cannot be loaded

    exports dev.belfry.api;
    exports dev.belfry.judgement to
            dev.belfry.cli,
            dev.belfry.jakarta,
            dev.belfry.micrometer;
    exports dev.belfry.spi;

    uses dev.belfry.spi.DomainTools;
    uses dev.belfry.spi.MessageQueueProvider;
}
