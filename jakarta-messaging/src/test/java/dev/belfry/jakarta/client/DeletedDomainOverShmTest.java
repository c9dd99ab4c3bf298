package dev.belfry.jakarta.client;

/** The same over shared memory. */
class DeletedDomainOverShmTest extends DeletedDomainTest {
    @Override
    String scheme() {
        return "shm";
    }
}
