/** Jakarta Messaging over a Belfry log. */
module dev.belfry.jakarta {
    requires transitive dev.belfry.api;
    requires transitive jakarta.messaging;
    requires transitive java.naming;
    requires org.slf4j; // a listener that throws, a message that is damaged

    exports dev.belfry.jakarta;
    exports dev.belfry.jakarta.jndi;

    provides javax.naming.spi.InitialContextFactory with
            dev.belfry.jakarta.jndi.BelfryInitialContextFactory;
    provides dev.belfry.spi.DomainTools with
            dev.belfry.jakarta.client.OperatorTools;
}
