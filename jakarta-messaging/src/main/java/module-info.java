/** Jakarta Messaging over a Belfry log. */
module dev.belfry.jakarta {
    requires dev.belfry.api;
    requires jakarta.messaging;
}
