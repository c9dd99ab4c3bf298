/** The queue that users see, and what a transport implements. Requires the SLF4J API at most; the sketch needs nothing. */
module dev.belfry.api {
    exports dev.belfry.api;
    exports dev.belfry.spi;

    uses dev.belfry.spi.MessageQueueProvider;
}
