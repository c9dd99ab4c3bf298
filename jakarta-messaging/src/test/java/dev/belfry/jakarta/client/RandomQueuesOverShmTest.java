package dev.belfry.jakarta.client;

/** Random work of several members in shared memory, with the same ledger. */
class RandomQueuesOverShmTest extends RandomQueuesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
