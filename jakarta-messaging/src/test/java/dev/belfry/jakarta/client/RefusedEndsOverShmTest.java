package dev.belfry.jakarta.client;

import dev.belfry.conformance.Slow;

/** Between processes. */
@Slow
class RefusedEndsOverShmTest extends RefusedEndsTest {
    @Override
    String scheme() {
        return "shm";
    }
}
