package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is promised of power losses and killed processes where the history is on the disk: {@link FloorHistories}. */
@OneJdk
@Timeout(300)
class FloorPowerLossTest {
    @Test
    void shouldKeepWhatIsNeededAndTellWhatIsLost() {
        FloorHistories.countAnew(); // other tests use them, too
        new FloorHistories().accept("0 12");
        assertThat(FloorHistories.losses).isGreaterThan(20);
        assertThat(FloorHistories.cleanCloses).isGreaterThan(4);
        assertThat(FloorHistories.killed).isGreaterThan(6);
        assertThat(FloorHistories.raised).isGreaterThan(10);
        assertThat(FloorHistories.below).isGreaterThan(500);
        assertThat(FloorHistories.rejected).isGreaterThan(100);
        assertThat(FloorHistories.overruns).isGreaterThan(15);
        assertThat(FloorHistories.ended).isGreaterThan(15);
        assertThat(FloorHistories.cuts).isGreaterThan(5);
        assertThat(FloorHistories.damages).isGreaterThan(6);
    }

    @Test
    @Slow
    void shouldDoSoInManyHistories() {
        new FloorHistories().accept("100 " + Depth.pick(160, 200, 10_000));
    }
}
