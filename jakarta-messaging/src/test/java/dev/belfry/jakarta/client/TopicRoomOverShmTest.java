package dev.belfry.jakarta.client;

import dev.belfry.conformance.Slow;
import dev.belfry.conformance.Waits;

/** The same in shared memory. */
@Slow
@Waits
class TopicRoomOverShmTest extends TopicRoomTest {
    @Override
    String scheme() {
        return "shm";
    }
}
