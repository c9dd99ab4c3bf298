package dev.belfry.jakarta.client;

/** The rules of listeners, starting, stopping and closing in shared memory. */
class ListenerRulesOverShmTest extends ListenerRulesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
