package dev.belfry.jakarta.client;

/** The rules of asynchronous sends in shared memory. */
class AsynchronousSendOverShmTest extends AsynchronousSendTest {
    @Override
    String scheme() {
        return "shm";
    }
}
