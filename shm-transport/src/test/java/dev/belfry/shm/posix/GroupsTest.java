package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupsTest {
    @Test
    void shouldFindTheNumberOfAGroup() {
        assertThat(Groups.idOf(C, "root")).isZero();
        assertThat(Groups.idOf(C, "4711")).isEqualTo(4711);
        assertThat(Groups.idOf(C, "no-such-group")).isEqualTo(-1);
        assertThat(Groups.idOf(C, "")).isEqualTo(-1);
        assertThat(Groups.idOf(C, "root\0evil")).isEqualTo(-1);
        assertThat(Groups.idOf(C, "-1")).isEqualTo(-1);
    }

    @Test
    void shouldMakeRoomForALargeGroup() {
        AtomicInteger tooSmall = new AtomicInteger(2);
        LibC c = new FaultyLibC()
                .failing((f, k) -> f.equals("getgrnam_r") && tooSmall.getAndDecrement() > 0 ? Errno.ERANGE : 0);
        assertThat(Groups.idOf(c, "root")).isZero();
    }
}
