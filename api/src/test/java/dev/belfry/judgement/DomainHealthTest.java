package dev.belfry.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.QueueHealth.Report;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Overflow;
import dev.belfry.spi.DomainTools.Trouble;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Time goes on here when the test says so. */
class DomainHealthTest {
    private static final Report OK = new Report(Status.OK, List.of());
    private static final Trouble STOPPED = new Trouble(Kind.STOPPED_CONSUMER, "orders", 7, "pid 7 is stopped");
    private static final Trouble DEAD = new Trouble(Kind.DEAD_LETTERS, "DLQ", 0, "3 dead letters");

    private long now = 1;
    private final DomainHealth health = new DomainHealth(Duration.ofSeconds(30), () -> now);

    private Report with(Report log, Trouble... troubles) {
        return health.with(
                log,
                new Contents(List.of(), 0, 0, 0, 0, OptionalLong.empty(), List.of(troubles), List.of(), Overflow.NONE));
    }

    private void after(Duration time) {
        now += time.toNanos();
    }

    @Test
    void shouldBeStuckWhenAProcessIsStoppedForSoLong() {
        assertThat(with(OK)).isEqualTo(OK);
        assertThat(with(OK, STOPPED))
                .isEqualTo(new Report(Status.LAGGING, List.of("pid 7 is stopped"), List.of("stopped-consumer")));
        after(Duration.ofSeconds(29));
        assertThat(with(OK, STOPPED).status()).isEqualTo(Status.LAGGING);
        after(Duration.ofSeconds(1));
        assertThat(with(OK, STOPPED).status()).isEqualTo(Status.STUCK);
        assertThat(with(OK)).isEqualTo(OK);
        assertThat(with(OK, STOPPED).status()).as("once more").isEqualTo(Status.LAGGING);
    }

    /** Each sender may be another process, and each joins: so the log says no more than that it is written. */
    @Test
    void shouldBeStuckWhenItIsFullAndNothingIsTakenForSoLong() {
        Trouble full = new Trouble(Kind.FULL, "orders", 0, "it is full");
        for (int second = 0; second <= 60; second += 10) {
            Contents moves = new Contents(
                    List.of(orders(10, 1000 + second)),
                    1,
                    0,
                    0,
                    0,
                    OptionalLong.empty(),
                    List.of(full),
                    List.of(),
                    Overflow.NONE);
            assertThat(health.with(OK, moves).status()).isEqualTo(Status.LAGGING);
            after(Duration.ofSeconds(10));
        }
        Contents stands = new Contents(
                List.of(orders(10, 2000)), 1, 0, 0, 0, OptionalLong.empty(), List.of(full), List.of(), Overflow.NONE);
        assertThat(health.with(OK, stands).status()).isEqualTo(Status.LAGGING);
        after(Duration.ofSeconds(30));
        assertThat(health.with(OK, stands))
                .isEqualTo(new Report(Status.STUCK, List.of("it is full"), List.of("full-domain")));
    }

    private static DomainTools.Place orders(long messages, long oldest) {
        return new DomainTools.Place(
                "orders", "queue", null, null, false, false, null, messages, 0, oldest, Map.of(), 0, 0);
    }

    @Test
    void shouldLagHoweverLongThereAreDeadLetters() {
        with(OK, DEAD);
        after(Duration.ofDays(1));
        assertThat(with(OK, DEAD))
                .isEqualTo(new Report(Status.LAGGING, List.of("3 dead letters"), List.of("dead-letters")));
    }

    /** An hour of a busy consumer is none: each look finds it with another message. */
    @Test
    void shouldWarnOfWhatItHasSeenHeldForFiveMinutes() {
        for (int minute = 0; minute < 60; minute++) {
            assertThat(holding("1 " + minute)).isEqualTo(OK);
            after(Duration.ofMinutes(1));
        }
        for (int minute = 0; minute < 5; minute++) {
            assertThat(holding("1 77")).as("after %d minutes", minute).isEqualTo(OK);
            after(Duration.ofMinutes(1));
        }
        assertThat(holding("1 77"))
                .isEqualTo(new Report(
                        Status.LAGGING,
                        List.of("pid 7 (Shop) holds 2 messages of 'orders' for 300 s at least: is a transaction, or a"
                                + " CLIENT_ACKNOWLEDGE session, open? 'jstack 7' shows what it does"),
                        List.of("held")));
        assertThat(with(OK)).as("it was acknowledged").isEqualTo(OK);
        assertThat(holding("1 77")).as("delivered again").isEqualTo(OK);
    }

    private Report holding(String delivery) {
        DomainTools.Hold hold = new DomainTools.Hold(7, delivery, "pid 7 (Shop) holds 2 messages of 'orders'");
        return health.with(
                OK, new Contents(List.of(), 1, 0, 0, 0, OptionalLong.empty(), List.of(), List.of(hold), Overflow.NONE));
    }

    @Test
    void shouldSayThatItIsNotKnownWhatIsInIt() {
        String unknown = "its messages were not checked: for that more than 200,000 records must be read, or it is"
                + " written too fast; 'belfry doctor DOMAIN' checks them";
        assertThat(health.with(OK, null)).isEqualTo(new Report(Status.OK, List.of(unknown), List.of("domain")));
        Report stuck = new Report(Status.STUCK, List.of("pid 8 has waited 31 s for room"));
        assertThat(health.with(stuck, null).status()).isEqualTo(Status.STUCK);
    }

    @Test
    void shouldKeepWhatIsWrongWithTheLog() {
        Report stuck = new Report(Status.STUCK, List.of("pid 8 has waited 31 s for room"));
        assertThat(with(stuck, DEAD))
                .isEqualTo(new Report(
                        Status.STUCK,
                        List.of("pid 8 has waited 31 s for room", "3 dead letters"),
                        List.of("", "dead-letters")));
    }
}
