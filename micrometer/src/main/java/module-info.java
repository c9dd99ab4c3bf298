/** Figures of queues as Micrometer meters. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // Micrometer has only an Automatic-Module-Name
module dev.belfry.micrometer {
    requires transitive dev.belfry.api;
    requires transitive micrometer.core;

    exports dev.belfry.micrometer;
}
