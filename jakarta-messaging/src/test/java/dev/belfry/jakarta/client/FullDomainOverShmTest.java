package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;

/** The same in shared memory. */
@Slow
class FullDomainOverShmTest extends FullDomainTest {
    @Override
    String scheme() {
        return "shm";
    }
}
