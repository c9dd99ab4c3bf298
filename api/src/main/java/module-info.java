/** The queue that users see, and what a transport implements. */
module dev.belfry.api {
    requires jdk.jfr; // verdicts
    requires org.slf4j; // a listener that fails without onError, a provider that cannot be loaded

    exports dev.belfry.api;
    exports dev.belfry.judgement;
    exports dev.belfry.spi;

    uses dev.belfry.spi.DomainTools;
    uses dev.belfry.spi.MessageQueueProvider;
}
