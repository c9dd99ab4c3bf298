/** Queues on the heap of one JVM ({@code mem:}): for tests, and the contract in its shortest form. */
module dev.belfry.mem {
    requires dev.belfry.api;
    requires org.slf4j; // a claim that is held too long, a subscription that is ended
    requires static transitive org.junit.jupiter.api; // for tests that ask for queues of their own

    exports dev.belfry.mem.junit;

    provides dev.belfry.spi.MessageQueueProvider with
            dev.belfry.mem.MemProvider;
}
