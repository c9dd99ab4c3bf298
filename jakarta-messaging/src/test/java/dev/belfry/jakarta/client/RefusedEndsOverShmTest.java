package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;

/** Between processes. */
@Slow
class RefusedEndsOverShmTest extends RefusedEndsTest {
    @Override
    String scheme() {
        return "shm";
    }
}
