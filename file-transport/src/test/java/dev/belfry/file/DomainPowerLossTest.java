package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A domain whose mark moves, and the power that goes. */
@WaitsForOthers
@Timeout(300)
class DomainPowerLossTest {
    @Test
    void shouldHaveWhatLived() {
        new DomainHistories().accept("20");
    }

    @Test
    void shouldHaveWhatWasFlushedWhereNoCommitWaits() {
        new DomainHistories().accept("10 os");
        try (Patched twin =
                Patched.in("ShmDomain", "handle.segment.journal == null", "!queue.publishers.disk.syncsAlways")) {
            assertThatThrownBy(() -> twin.run(DomainHistories.class, "400 os"))
                    .hasMessageContaining("the end of the log");
        }
    }

    @Test
    @Slow
    void shouldHaveWhatLivedManyTimes() {
        int count = Depth.pick(30, 100, 2_000);
        new DomainHistories().accept("" + count);
        new DomainHistories().accept(count + " os");
    }

    /** What is told again, and makes that mark right, may be in memory only. */
    @Test
    @Slow
    @OneJdk
    void shouldSeeThatAMarkIsKeptBeforeWhatItFollowsFrom() {
        try (Patched twin = Patched.in("FileKeeper", "isDomain ? needed : neededNow();", "neededNow();")) {
            assertThatThrownBy(() -> twin.run(DomainHistories.class, "400")).hasMessageContaining("what lives at");
        }
    }
}
