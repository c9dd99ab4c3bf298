/** Queues that are topics of Apache Kafka ({@code kafka:}): the same code past one machine. */
@SuppressWarnings("requires-automatic") // the engine has not even an Automatic-Module-Name
module dev.belfry.kafka {
    requires dev.belfry.api;
    requires kafka.clients;
    requires org.slf4j;

    exports dev.belfry.kafka to
            kafka.clients; // which makes SameTopic by reflection

    provides dev.belfry.spi.MessageQueueProvider with
            dev.belfry.kafka.KafkaProvider;
}
