package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;

/** The same in shared memory. */
@Slow
@WaitsForOthers
class TopicRoomOverShmTest extends TopicRoomTest {
    @Override
    String scheme() {
        return "shm";
    }
}
