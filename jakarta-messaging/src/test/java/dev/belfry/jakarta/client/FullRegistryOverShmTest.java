package dev.belfry.jakarta.client;

class FullRegistryOverShmTest extends FullRegistryTest {
    @Override
    String scheme() {
        return "shm";
    }
}
