package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is promised of power losses, killed processes and errors of the disk, on a disk that knows what it may lose. */
@OneJdk
@Timeout(300)
class PowerLossTest {
    @Test
    void shouldKeepWhatWasDurable() {
        new Histories().accept("0 60 0");
        new Histories().accept("0 40 10");
        assertThat(Histories.losses).isGreaterThan(300);
        assertThat(Histories.cuts).isGreaterThan(100);
        assertThat(Histories.killedOpenings).isGreaterThan(100);
        assertThat(Histories.joins).isGreaterThan(20);
        assertThat(Histories.failures).isGreaterThan(20);
        assertThat(Histories.hops).isGreaterThan(50);
        assertThat(Histories.writtenAgain).isGreaterThan(20);
        assertThat(Histories.cleanCloses).isGreaterThan(50);
        assertThat(Histories.keptIds).isGreaterThan(10);
    }

    @Test
    @Slow
    void shouldKeepItInManyHistories() {
        int count = Depth.pick(200, 300, 10_000);
        new Histories().accept("100 " + count + " 0");
        new Histories().accept("100 " + count + " 10");
    }

    @Test
    void shouldSeeASegmentThatHasNoNameOnTheDisk() {
        try (Patched twin =
                Patched.in("Segments", "makeOrAwait(ready / size); directory.sync();", "makeOrAwait(ready / size);")) {
            PowerLossTwinsTest.requireSeen(twin);
        }
    }
}
