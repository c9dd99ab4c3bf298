package dev.belfry.jakarta.client;

/** The rules of topics in shared memory. */
class TopicRulesOverShmTest extends TopicRulesTest {
    @Override
    String scheme() {
        return "shm";
    }
}
