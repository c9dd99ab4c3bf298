/** Figures of queues as Micrometer meters. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // Micrometer has only an Automatic-Module-Name
module dev.belfry.micrometer {
    requires transitive dev.belfry.api;
    requires transitive micrometer.core;
    requires org.slf4j; // a queue that cannot be read
    requires static transitive dev.belfry.bridge; // for its meters alone

    exports dev.belfry.micrometer;
}
