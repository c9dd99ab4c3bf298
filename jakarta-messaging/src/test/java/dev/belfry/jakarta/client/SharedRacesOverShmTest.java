package dev.belfry.jakarta.client;

/** Also between processes. */
class SharedRacesOverShmTest extends SharedRacesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
