package dev.belfry.jakarta.client;

import dev.belfry.conformance.Slow;

@Slow
class FullRegistryOverShmTest extends FullRegistryTest {
    @Override
    String scheme() {
        return "shm";
    }
}
