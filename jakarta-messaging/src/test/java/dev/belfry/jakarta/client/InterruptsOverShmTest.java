package dev.belfry.jakarta.client;

/** Interrupts of those that wait in shared memory. */
class InterruptsOverShmTest extends InterruptsTest {
    @Override
    String scheme() {
        return "shm";
    }
}
