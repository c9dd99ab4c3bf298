package dev.belfry.jakarta.domain;

/** Members of one domain in shared memory: some die, some are passed, and the log is small. */
class MembersOverShmTest extends MembersSuite {
    @Override
    String scheme() {
        return "shm";
    }
}
