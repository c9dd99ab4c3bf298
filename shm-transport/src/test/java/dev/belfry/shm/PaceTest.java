package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A reader without a ring: what its writer would have written meanwhile is made up. */
class PaceTest {
    private long now;
    private long cursor = 1 << 20;
    private final Pace pace = new Pace(() -> now += 25); // what a look at the clock takes

    PaceTest() {
        pace.stayedAway(cursor);
    }

    /** So many bytes were found, and read in so long; then nothing. How long it stayed away; 0: not at all. */
    private long stayAfter(long bytes, long nanos) {
        now += nanos;
        long before = now;
        return pace.stayedAway(cursor += bytes) ? now - before : 0;
    }

    /** A record every 120 ns while it is looked at each time. */
    private void chaseUntilItTries() {
        for (int looks = 0; stayAfter(40, 120) == 0; looks++) assertThat(looks).isLessThan(300);
    }

    @Test
    void shouldStayAwayLongerUntilItFindsEnoughWhileTheWriterGainsByIt() {
        chaseUntilItTries();
        assertThat(stayAfter(4_000, 500)).isBetween(8_000L, 8_300L);
        assertThat(stayAfter(8_000, 500)).isBetween(16_000L, 16_300L);
        assertThat(stayAfter(17_000, 500)).as("enough").isBetween(16_000L, 16_300L);
        assertThat(stayAfter(10_000, 500)).isBetween(32_000L, 32_300L);
        assertThat(stayAfter(15_000, 500)).as("no longer").isBetween(32_000L, 32_300L);
    }

    @Test
    void shouldFollowAtOnceAWriterThatGainsNothing() {
        for (int i = 0; i < 16; i++) stayAfter(264, 1_000);
        assertThat(stayAfter(5 * 264, 1_000))
                .as("as many as before in five microseconds")
                .isZero();
        for (int i = 0; i < 30; i++) assertThat(stayAfter(264, 1_000)).isZero();
    }

    @Test
    void shouldLookAllTheTimeForASingleMessage() {
        chaseUntilItTries();
        for (int i = 0; i < 1_000; i++) assertThat(stayAfter(0, 100)).isZero();
    }

    @Test
    void shouldTryEverMoreRarely() {
        int last = 0;
        int longest = 0;
        int trials = 0;
        for (int i = 1; i <= 20_000; i++) {
            if (stayAfter(40, 1_000) == 0) continue;
            longest = Math.max(longest, i - last);
            last = i;
            trials++;
        }
        assertThat(trials).isBetween(75, 110);
        assertThat(longest).isBetween(250, 270);
    }

    @Test
    void shouldCompareAnewNowAndThen() {
        int chases = 0;
        boolean away = false;
        for (int i = 0; i < 5_000; i++) {
            away = (away ? stayAfter(20_000, 500) : stayAfter(40, 120)) != 0;
            if (!away) chases++;
        }
        assertThat(chases).as("16 looks or so, every 256 stays").isBetween(200, 400);
    }
}
