package dev.belfry.shm.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Deadlines;
import dev.belfry.testing.OneJdk;
import org.junit.jupiter.api.Test;

/** A reader without a ring: what its writer would have written meanwhile is made up. */
@OneJdk
class BackoffTest {
    private long now;
    private long cursor = 1 << 20;
    private final Backoff backoff = new Backoff(() -> now += 25); // the time that reading the clock takes

    BackoffTest() {
        backoff.stayedAway(cursor, Deadlines.FOREVER);
    }

    /** So many bytes were found, and read in so long; then nothing. How long it stayed away; 0: not at all. */
    private long stayAfter(long bytes, long nanos) {
        return stayAfter(bytes, nanos, Deadlines.FOREVER);
    }

    private long stayAfter(long bytes, long nanos, long deadline) {
        now += nanos;
        long before = now;
        boolean stayed = backoff.stayedAway(cursor += bytes, deadline);
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
    void shouldFollowAtOnceAWriterThatWaitsForIt() {
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
        assertThat(stays).isEqualTo(6);
    }

    /** The writer's next lines are still with the reader. */
    @Test
    void shouldNotJudgeATrialByItsFirstStays() {
        chaseUntilItTries();
        stayAfter(900, 0);
        long stay = stayAfter(1_800, 0);
        int stays = 3;
        for (; stays < 100 && (stay = stayAfter(stay * 3 / 8, 0)) != 0; stays++) continue;
        assertThat(stays).as("an eighth faster from then on").isEqualTo(100);
    }

    @Test
    void shouldNotMindASlowStayAmongMany() {
        chaseUntilItTries();
        for (int i = 1; i < 100; i++)
            assertThat(stayAfter(i % 8 == 5 ? 40 : 40_000, 500)).isPositive();
    }

    @Test
    void shouldChaseAgainWhenItWasSlowerInTwoChecks() {
        chaseUntilItTries();
        for (int stays = 1; stays < 8; stays++)
            assertThat(stayAfter(40_000, 500)).isPositive();
        int slow = 0;
        while (stayAfter(9_000, 500) != 0) assertThat(++slow).isLessThan(1_000);
        assertThat(slow)
                .as("16 and 24 are checks, the first has a fast stay in it")
                .isBetween(8, 24);
        for (int i = 0; i < 500; i++)
            assertThat(stayAfter(40, 120)).as("it chases for 100 us").isZero();
    }

    /** A stream with a pace of its own, in which a trial fell upon a burst. */
    @Test
    void shouldChaseAgainWhenItGainedInItsTrialOnly() {
        chaseUntilItTries();
        long stay = 4_000;
        for (int stays = 1; stays < 7; stays++)
            assertThat(stay = stayAfter(stay, 0)).isPositive();
        int more = 0;
        while ((stay = stayAfter(stay * 35 / 100, 0)) != 0) assertThat(++more).isLessThan(1_000);
        assertThat(more).as("16 and 24 are checks, or 8 and 16").isBetween(8, 18);
    }

    @Test
    void shouldNotTryWhereALineOfTheCacheTakesLongerThanAMicrosecond() {
        for (int i = 0; i < 20_000; i++) assertThat(stayAfter(64, 1_020)).isZero();
        for (int i = 0; i < 2_016; i++) assertThat(stayAfter(6, 1_020)).isZero();
        chaseUntilItTries(); // it is not judged by what was slow before
    }

    @Test
    void shouldChaseAgainAtOnceWhenTheStreamHasEnded() {
        chaseUntilItTries();
        for (int stays = 1; stays < 20; stays++)
            assertThat(stayAfter(40_000, 500)).isPositive();
        assertThat(stayAfter(0, 0)).isZero();
        assertThat(stayAfter(40, 120)).isZero();
    }

    @Test
    void shouldNotJudgeAChaseByItsFirstLooks() {
        assertThat(staysFinding(20_000)).isEqualTo(256);
        for (int i = 0; i < 100; i++)
            assertThat(stayAfter(1, 120)).as("slow at first").isZero();
        for (int i = 0; i < 3_000; i++) if (stayAfter(400, 30) != 0) break;
        for (int stays = 1; stays < 6; stays++)
            assertThat(stayAfter(30_000, 500)).isPositive();
        assertThat(stayAfter(30_000, 500)).as("it chased faster than this").isZero();
    }

    /** An answer comes after each question, at once; but all of them after a pause. */
    @Test
    void shouldNotCountAPauseAsAChase() {
        for (int bursts = 0; bursts < 20; bursts++) {
            now += 1_100_000;
            int stays = 0;
            for (int i = 0; i < 300; i++) if (stayAfter(1_000, 1_000) != 0) stays++;
            assertThat(stays).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void shouldTryAgainSoonAfterALongPauseInATrial() {
        chaseUntilItTries();
        assertThat(stayAfter(40, 1_000_000_000)).isZero();
        for (int looks = 0; stayAfter(40, 120) == 0; looks++) assertThat(looks).isLessThan(30_000);
    }

    @Test
    void shouldNotStayAwayPastTheDeadline() {
        chaseUntilItTries();
        assertThat(stayAfter(17_000, 500, now + 2_000)).isZero();
        assertThat(stayAfter(17_000, 500, now + 20_000)).isPositive();
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
            if (stayAfter(100, 1_000) == 0) continue;
            longest = Math.max(longest, i - last);
            last = i;
            trials++;
        }
        assertThat(trials).isBetween(15, 25);
        assertThat(longest).isBetween(1_200, 1_400);
    }

    @Test
    void shouldCompareAgainNowAndThen() {
        int chases = 0;
        boolean away = false;
        for (int i = 0; i < 20_000; i++) {
            away = (away ? stayAfter(20_000, 500) : stayAfter(40, 120)) != 0;
            if (!away) chases++;
        }
        assertThat(chases).as("for 100 us, every 256 stays").isBetween(12_000, 17_000);
    }

    // Between two calls

    /** How long the call that follows stays away: the one before has found so many bytes, and read all. */
    private long stayBetweenCalls(long bytes, long between, long waits) {
        now += 120;
        backoff.readAll(cursor += bytes);
        now += between;
        long before = now;
        long left = backoff.comeBack(waits);
        assertThat(now - before - (waits - left)).as("what is left of the wait").isBetween(0L, 50L);
        return now - before;
    }

    private void chaseInCallsUntilItTries() {
        for (int calls = 0; stayBetweenCalls(40, 0, 1_000_000_000) < 4_000; calls++)
            assertThat(calls).isLessThan(900);
    }

    @Test
    void shouldBeginTheNextCallWithAStayWhereEachCallFindsSomething() {
        chaseInCallsUntilItTries();
        assertThat(stayBetweenCalls(4_000, 0, 1_000_000_000)).isBetween(8_000L, 8_300L);
        assertThat(stayBetweenCalls(8_000, 0, 1_000_000_000)).isBetween(16_000L, 16_300L);
    }

    @Test
    void shouldCountTheTimeBetweenCallsAsAPartOfTheStay() {
        chaseInCallsUntilItTries();
        assertThat(stayBetweenCalls(8_000, 5_000, 1_000_000_000)).isBetween(2_900L, 3_100L);
        assertThat(stayBetweenCalls(16_000, 50_000, 1_000_000_000)).isLessThan(200);
    }

    @Test
    void shouldNotStayAwayLongerThanTheNextCallMayWait() {
        chaseInCallsUntilItTries();
        assertThat(stayBetweenCalls(8_000, 0, 2_000)).isLessThan(200);
        assertThat(stayBetweenCalls(16_000, 0, 20_000)).isPositive();
    }

    @Test
    void shouldStayAwayOnceForEachCallThatReadAll() {
        chaseInCallsUntilItTries();
        long before = now;
        assertThat(backoff.comeBack(1_000_000_000)).isEqualTo(1_000_000_000);
        assertThat(now).isEqualTo(before);
    }

    @Test
    void shouldOweNoStayAfterACallThatWaited() {
        for (int calls = 0; !backoff.owed; calls++) {
            assertThat(calls).isLessThan(900);
            now += 120;
            backoff.readAll(cursor += 40);
        }
        assertThat(backoff.stayedAway(cursor += 40, now)).isFalse();
        assertThat(backoff.owed).isFalse();
    }
}
