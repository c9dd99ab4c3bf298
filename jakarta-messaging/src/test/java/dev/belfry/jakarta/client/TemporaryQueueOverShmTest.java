package dev.belfry.jakarta.client;

/** The rules of temporary queues in shared memory. */
class TemporaryQueueOverShmTest extends TemporaryQueueTest {
    @Override
    String scheme() {
        return "shm";
    }
}
