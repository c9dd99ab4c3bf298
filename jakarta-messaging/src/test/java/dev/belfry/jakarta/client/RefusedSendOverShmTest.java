package dev.belfry.jakarta.client;

/** Why a send is refused in shared memory. */
class RefusedSendOverShmTest extends RefusedSendTest {
    @Override
    String scheme() {
        return "shm";
    }
}
