/** Traces of messages, by OpenTelemetry. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // OpenTelemetry has only an Automatic-Module-Name
module dev.belfry.opentelemetry {
    requires transitive dev.belfry.api;
    requires transitive io.opentelemetry.api;
    requires transitive io.opentelemetry.context;
    requires io.opentelemetry.common;
    requires org.slf4j; // a processor of spans that throws

    exports dev.belfry.opentelemetry;
}
