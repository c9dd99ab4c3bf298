package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;
import dev.belfry.testing.Waits;

/** The same in shared memory. */
@Slow
@Waits
class TopicRoomOverShmTest extends TopicRoomTest {
    @Override
    String scheme() {
        return "shm";
    }
}
