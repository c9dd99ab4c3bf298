package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;

@Slow
class FullRegistryOverShmTest extends FullRegistryTest {
    @Override
    String scheme() {
        return "shm";
    }
}
