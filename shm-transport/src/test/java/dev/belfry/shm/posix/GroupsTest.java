package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** What keeps it from asking is no answer: the kernel gives one when the group is given. */
    @ParameterizedTest
    @CsvSource({
        "fchown, " + Errno.EPERM + ", false",
        "fchown, " + Errno.EINVAL + ", false",
        "open, " + Errno.EMFILE + ", true",
        "open, " + Errno.ENOSPC + ", true"
    })
    void shouldAskTheKernelBeforeItGivesAGroup(String failing, int errno, boolean mayGive) {
        assertThat(Groups.mayGive(C, C.getgid())).isTrue();
        LibC c = new FaultyLibC().failing((function, k) -> function.equals(failing) ? errno : 0);
        assertThat(Groups.mayGive(c, C.getgid())).isEqualTo(mayGive);
    }

    @Test
    void shouldMakeRoomForALargeGroup() {
        AtomicInteger tooSmall = new AtomicInteger(2);
        LibC c = new FaultyLibC()
                .failing((f, k) -> f.equals("getgrnam_r") && tooSmall.getAndDecrement() > 0 ? Errno.ERANGE : 0);
        assertThat(Groups.idOf(c, "root")).isZero();
    }
}
