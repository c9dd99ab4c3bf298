package dev.belfry.jakarta.client;

/** What all members know by heart has a limit in shared memory, too. */
class FullRegistryOverShmTest extends FullRegistryTest {
    @Override
    String scheme() {
        return "shm";
    }
}
