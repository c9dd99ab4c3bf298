/** Jakarta Messaging over a Belfry log. */
module dev.belfry.jakarta {
    requires dev.belfry.api;
    requires transitive jakarta.messaging;
    requires org.slf4j; // a listener that throws, a message that is damaged

    exports dev.belfry.jakarta;
}
