/** {@code file:} queues between processes, whose messages outlive the machine's memory. */
module dev.belfry.file {
    requires dev.belfry.api;
    requires dev.belfry.shm;
    requires org.slf4j;
}
