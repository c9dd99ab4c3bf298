/** Typed messages as JSON. */
module dev.belfry.jackson {
    requires transitive dev.belfry.api;
    requires static org.jspecify; // as in the api
    requires transitive tools.jackson.databind;

    exports dev.belfry.jackson;
}
