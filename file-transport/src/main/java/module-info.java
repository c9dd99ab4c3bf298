/** {@code file:} queues between processes, whose messages outlive the machine's memory: found by their scheme. */
module dev.belfry.file {
    requires dev.belfry.api;
    requires dev.belfry.shm;
    requires org.slf4j;

    provides dev.belfry.spi.MessageQueueProvider with
            dev.belfry.file.FileProvider;
}
