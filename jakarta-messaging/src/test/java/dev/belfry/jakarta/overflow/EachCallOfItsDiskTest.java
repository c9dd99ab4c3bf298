package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.file.DiskProvider;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One call of the companion's disk fails, each in its turn. The backlog goes to the disk and comes back all the same,
 * each message once and in order, and what failed names the companion.
 */
@Slow
@OneJdk
@WaitsForOthers
@Timeout(1_200)
class EachCallOfItsDiskTest {
    private static final int EIO = 5;
    private static final int ENOSPC = 28;

    /** Those that may fail at any time. */
    private static final Set<String> CALLS = Set.of(
            "open",
            "pread",
            "pwrite",
            "posix_fallocate",
            "fdatasync",
            "fsync",
            "linkat",
            "rename",
            "unlink",
            "statx",
            "fstatfs");

    /** So many calls lie between two of a run: a failure is tried again after a second. */
    private static final int STEP = Depth.pick(40, 10, 1);

    private static final AtomicInteger CALL = new AtomicInteger();

    private static final class Life extends OneMember {
        int failures;

        Life() {
            super("20m");
        }

        void live() {
            List<Long> all = inMemory();
            Patience.until("a page is told", () -> {
                tries(() -> out.isPaged(companion, false));
                return page() != null;
            });
            if (!out.refusal().isEmpty()) requireName(out.refusal());
            Patience.until("all are back", () -> {
                tries(() -> in.next(companion, QUEUE));
                member.makeRoom();
                return page() == null;
            });
            tries(() -> floor.raise(companion));
            assertThat(inMemory()).isEqualTo(all);
        }

        private void tries(Runnable step) {
            try {
                step.run();
            } catch (CompanionException told) {
                failures++;
                requireName(told.getMessage());
            }
            if (!out.refusal().isEmpty()) failures++;
        }

        private void requireName(String failure) {
            assertThat(failure).contains(companion.binding().id().toString());
        }
    }

    @AfterEach
    void mend() {
        DiskProvider.before = call -> 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {EIO, ENOSPC})
    void shouldLoseNothing(int errno) throws IOException {
        int calls = live(Integer.MAX_VALUE, errno).calls;
        assertThat(calls).isGreaterThan(90);
        int told = 0;
        for (int at = errno % STEP; at < calls; at += STEP) if (live(at, errno).failures > 0) told++;
        assertThat(told).isPositive();
    }

    private record Outcome(int calls, int failures) {}

    private static Outcome live(int at, int errno) throws IOException {
        Life life = new Life();
        String[] failed = {"no call"};
        CALL.set(0);
        DiskProvider.before = call -> {
            if (!CALLS.contains(call) || CALL.getAndIncrement() != at) return 0;
            failed[0] = call;
            return errno;
        };
        life.begin();
        try {
            life.live();
        } catch (Throwable failure) {
            throw new AssertionError(errno + " at call " + at + ", " + failed[0], failure);
        } finally {
            DiskProvider.before = call -> 0;
            life.end();
        }
        return new Outcome(CALL.get(), life.failures);
    }
}
