/** Queues on the heap of one JVM ({@code mem:}): for tests, and the contract in its shortest form. */
module dev.belfry.mem {
    requires dev.belfry.api;
    requires org.slf4j; // a claim that is held too long, a subscription that is ended

    provides dev.belfry.spi.MessageQueueProvider with
            dev.belfry.mem.MemProvider;
}
