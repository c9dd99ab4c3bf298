package dev.belfry.jakarta.client;

/** The rules of queues, acknowledgement and transactions in shared memory. */
class QueueRulesOverShmTest extends QueueRulesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
