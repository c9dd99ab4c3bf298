/** Carries the messages of one queue into another, of any two transports. */
module dev.belfry.bridge {
    requires transitive dev.belfry.api;
    requires static org.jspecify; // as in the api
    requires org.slf4j; // where it goes on, what it waits for
    requires jdk.jfr; // events

    exports dev.belfry.bridge;
}
