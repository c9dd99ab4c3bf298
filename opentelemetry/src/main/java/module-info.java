/** Traces of messages, by OpenTelemetry. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // OpenTelemetry has only an Automatic-Module-Name
module dev.belfry.opentelemetry {
    requires transitive dev.belfry.api;
    requires transitive io.opentelemetry.api;
    requires transitive io.opentelemetry.context;
    requires io.opentelemetry.common;

    exports dev.belfry.opentelemetry;
}
