package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;

/** Random work of several members in shared memory, with the same ledger. */
@Slow
class RandomQueuesOverShmTest extends RandomQueuesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
