package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Deadlines;
import org.junit.jupiter.api.Test;

/** A reader without a ring: what its writer would have written meanwhile is made up. */
class PaceTest {
    private long now;
    private long cursor = 1 << 20;
    private final Pace pace = new Pace(() -> now += 25); // the time that reading the clock takes

    PaceTest() {
        pace.stayedAway(cursor, Deadlines.FOREVER);
    }

    /** So many bytes were found, and read in so long; then nothing. How long it stayed away; 0: not at all. */
    private long stayAfter(long bytes, long nanos) {
        return stayAfter(bytes, nanos, Deadlines.FOREVER);
    }

    private long stayAfter(long bytes, long nanos, long deadline) {
        now += nanos;
        long before = now;
        boolean stayed = pace.stayedAway(cursor += bytes, deadline);
        assertThat(stayed || now - before < 200).as("it says so").isTrue();
        return stayed ? now - before : 0;
    }

    /** A record every 120 ns while it is looked at each time. */
    private void chaseUntilItTries() {
        for (int looks = 0; stayAfter(40, 120) == 0; looks++) assertThat(looks).isLessThan(900);
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

    /** How often it stays away until it chases again, if it finds so much after each stay. */
    private int staysFinding(long bytes) {
        chaseUntilItTries();
        int stays = 1;
        while (stayAfter(bytes, 500) != 0) assertThat(++stays).isLessThan(1_000);
        return stays;
    }

    @Test
    void shouldFollowAtOnceAWriterThatLosesByIt() {
        assertThat(staysFinding(40)).isEqualTo(1);
        for (int i = 0; i < 500; i++) assertThat(stayAfter(40, 120)).isZero();
    }

    /** 40 bytes in 120 ns, as before. */
    @Test
    void shouldGiveUpAfterATrialWhereTheWriterGainsNothing() {
        chaseUntilItTries();
        long stay = 4_000;
        int stays = 1;
        while ((stay = stayAfter(stay / 3, 0)) != 0) assertThat(++stays).isLessThan(1_000);
        assertThat(stays).isEqualTo(3);
    }

    @Test
    void shouldNotMindASlowStayAmongMany() {
        chaseUntilItTries();
        for (int i = 1; i < 100; i++)
            assertThat(stayAfter(i % 8 == 5 ? 40 : 40_000, 500)).isPositive();
    }

    @Test
    void shouldNotJudgeAChaseByItsFirstLooks() {
        assertThat(staysFinding(20_000)).isEqualTo(256);
        for (int i = 0; i < 100; i++)
            assertThat(stayAfter(1, 120)).as("slow at first").isZero();
        for (int i = 0; i < 3_000; i++) if (stayAfter(400, 30) != 0) break;
        assertThat(stayAfter(30_000, 500)).as("it chased faster than this").isZero();
    }

    @Test
    void shouldNotStayAwayPastTheDeadline() {
        chaseUntilItTries();
        assertThat(stayAfter(17_000, 500, now + 2_000)).isZero();
        assertThat(stayAfter(17_000, 500, now + 20_000)).isPositive();
    }

    /** Nor is it judged by what such a caller finds. */
    @Test
    void shouldNotStayAwayFromWhoeverMayNotWait() {
        for (int looks = 0; looks < 20_000; looks++)
            assertThat(stayAfter(40, 120, Deadlines.PAST)).isZero();
        chaseUntilItTries();
        for (int looks = 0; looks < 1_000; looks++)
            assertThat(stayAfter(40, 120, Deadlines.PAST)).isZero();
        assertThat(stayAfter(40_000, 500)).as("where it was").isPositive();
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
        assertThat(trials).isBetween(15, 25);
        assertThat(longest).isBetween(1_200, 1_400);
    }

    @Test
    void shouldCompareAnewNowAndThen() {
        int chases = 0;
        boolean away = false;
        for (int i = 0; i < 20_000; i++) {
            away = (away ? stayAfter(20_000, 500) : stayAfter(40, 120)) != 0;
            if (!away) chases++;
        }
        assertThat(chases).as("for 100 us, every 256 stays").isBetween(12_000, 17_000);
    }
}
