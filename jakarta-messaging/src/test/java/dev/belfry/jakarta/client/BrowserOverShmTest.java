package dev.belfry.jakarta.client;

/** The rules of browsers in shared memory. */
class BrowserOverShmTest extends BrowserTest {
    @Override
    String scheme() {
        return "shm";
    }
}
