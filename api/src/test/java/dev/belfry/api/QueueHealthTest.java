package dev.belfry.api;

import static dev.belfry.api.QueueHealth.Status.LAGGING;
import static dev.belfry.api.QueueHealth.Status.OK;
import static dev.belfry.api.QueueHealth.Status.STUCK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.QueueHealth.Report;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.SubscriberFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QueueHealthTest {
    private static final UUID ID = UUID.randomUUID();

    private QueueStats stats;
    private long seconds = 1000;
    private final QueueHealth health =
            new QueueHealth(() -> stats, 100, Duration.ofSeconds(10), () -> TimeUnit.SECONDS.toNanos(seconds));

    private Report at(long time, long newest, long fullWaitNanos, SubscriberStats... subscribers) {
        seconds = 1000 + time;
        stats = new QueueFigures(
                ID, 1, newest, 4096, 4096, 1, List.of(subscribers), Map.of("fullWaitNanos", fullWaitNanos), List.of());
        return health.check();
    }

    private static SubscriberStats audit(long position, long lag, SlowSubscriber policy, boolean attached) {
        return new SubscriberFigures(
                "audit", attached ? 812 : 0, position, position, lag, 0, AckMode.AUTO, policy, attached, Map.of());
    }

    private static void assertSays(Report report, Status status, String... reasons) {
        assertThat(report.status()).as(report.toString()).isEqualTo(status);
        assertThat(report.reasons()).containsExactly(reasons);
    }

    @Test
    void shouldBeAliveWhereEverybodyReads() {
        assertSays(at(0, 10, 0, audit(5, 5, SlowSubscriber.GATE_PUBLISHER, true)), OK);
        assertSays(at(60, 20, 0, audit(20, 0, SlowSubscriber.GATE_PUBLISHER, true)), OK);
        assertSays(at(600, 20, 0, audit(20, 0, SlowSubscriber.GATE_PUBLISHER, true)), OK);
        assertSays(at(601, 21, 0, audit(20, 1, SlowSubscriber.GATE_PUBLISHER, true)), OK); // has just come
    }

    @Test
    void shouldSayWhoLags() {
        assertSays(
                at(0, 200, 0, audit(5, 195, SlowSubscriber.GATE_PUBLISHER, true)),
                LAGGING,
                "'audit' (pid 812) is behind, lag 195");
        assertSays(
                at(1, 200, 0, audit(190, 10, SlowSubscriber.GATE_PUBLISHER, false)),
                LAGGING,
                "no process is attached to 'audit', lag 10");
        assertSays(
                at(91, 200, 0, audit(190, 10, SlowSubscriber.GATE_PUBLISHER, false)),
                LAGGING,
                "no process is attached to 'audit', lag 10, for 90 s at least");
        assertSays(at(92, 200, 0, audit(200, 0, SlowSubscriber.GATE_PUBLISHER, true)), OK);
        assertSays(
                at(93, 200, 0, audit(200, 0, SlowSubscriber.GATE_PUBLISHER, false)),
                LAGGING,
                "no process is attached to 'audit', lag 0");
    }

    @Test
    void shouldSayWhoIsStuck() {
        at(0, 10, 0, audit(5, 5, SlowSubscriber.GATE_PUBLISHER, true));
        assertSays(at(9, 10, 0, audit(5, 5, SlowSubscriber.GATE_PUBLISHER, true)), OK);
        assertSays(
                at(10, 10, 0, audit(5, 5, SlowSubscriber.GATE_PUBLISHER, true)),
                STUCK,
                "'audit' (pid 812) has read nothing for 10 s, lag 5");
        assertSays(at(11, 10, 0, audit(6, 4, SlowSubscriber.GATE_PUBLISHER, true)), OK);
    }

    @Test
    void shouldTakeOneThatHoldsUpNobodyForLagging() {
        at(0, 10, 0, audit(5, 5, SlowSubscriber.OVERRUN, true));
        assertSays(
                at(10, 10, 0, audit(5, 5, SlowSubscriber.OVERRUN, true)),
                LAGGING,
                "'audit' (pid 812) has read nothing for 10 s, lag 5");
    }

    @Test
    void shouldSayThatPublishersWait() {
        at(0, 10, 5);
        assertSays(at(5, 10, 6), LAGGING, "publishers wait for room, and nothing was published for 5 s");
        assertSays(at(11, 10, 7), STUCK, "publishers wait for room, and nothing was published for 11 s");
        assertSays(at(12, 10, 7), OK); // they have given up
    }

    private final Instant start = Instant.now();

    private Report waiting(long time, long forSeconds, Waiting.Kind what, Waiting.Cause because) {
        seconds = 1000 + time;
        Instant since = start.minusSeconds(forSeconds);
        stats = new QueueFigures(
                ID, 1, 10, 4096, 4096, 1, List.of(), Map.of(), List.of(new Waiting(812, "java", what, since, because)));
        return health.check();
    }

    /** The wall clock counts as far as no earlier check contradicts it. */
    @Test
    void shouldSayWhoWaitsAndBecauseOfWhom() {
        Waiting.Cause lock = new Waiting.Cause(null, -1, 900, "Orders", true);
        Report report = waiting(0, 7200, Waiting.Kind.LOCK, lock);
        assertThat(report.status()).isEqualTo(STUCK);
        assertThat(report.reasons().get(0))
                .startsWith("pid 812 (java) has waited ")
                .endsWith(" for a lock, held by pid 900 (Orders), which is stopped");
        Waiting.Cause room = new Waiting.Cause("audit", 3, 900, null, false);
        report = waiting(4, 3600, Waiting.Kind.ROOM, room);
        assertThat(report.status()).as("the clock was set").isEqualTo(LAGGING);
        assertThat(report.reasons().get(0))
                .isEqualTo("pid 812 (java) has waited 4 s for room, held up by 'audit' of pid 900");
        assertThat(waiting(14, 3600, Waiting.Kind.ROOM, room).status()).isEqualTo(STUCK);
        room = new Waiting.Cause(null, 3, 0, null, false);
        assertThat(waiting(15, 1800, Waiting.Kind.ROOM, room).reasons().get(0))
                .endsWith(" for room, held up by the subscriber in slot 3 of no process");
        assertThat(waiting(16, 1700, Waiting.Kind.LOCK, null).reasons().get(0)).endsWith(" for a lock");
        assertThat(waiting(17, -3600, Waiting.Kind.LOCK, lock).reasons().get(0))
                .contains(", whose clock is ahead by 3,5", " s, has waited 0 s at least for a lock");
    }

    /** Each wait is short, and another process may begin the next one. */
    @Test
    void shouldSayThatPublishersWaitWhoseWaitsTimeOut() {
        for (long second = 0; second <= 10; second++) {
            seconds = 1000 + second;
            stats = new QueueFigures(ID, 1, 10, 4096, 4096, 1, List.of(), Map.of("lockWaits", second), List.of());
            Report report = health.check();
            if (second == 1)
                assertSays(report, LAGGING, "publishers wait for a lock, and nothing was published for 1 s");
            if (second == 10)
                assertSays(report, STUCK, "publishers wait for a lock, and nothing was published for 10 s");
        }
    }

    /** One of them is seen in its short wait: that nothing is published says more. */
    @Test
    void shouldBeStuckThoughOnlyAShortWaitIsSeen() {
        for (long second = 0; second <= 10; second++) {
            seconds = 1000 + second;
            List<Waiting> one = List.of(new Waiting(
                    100 + second, "Orders", Waiting.Kind.ROOM, Instant.now().minusSeconds(1), null));
            stats = new QueueFigures(ID, 1, 10, 4096, 4096, 1, List.of(), Map.of("fullWaits", second), one);
            Status status = health.check().status();
            assertThat(status).as("second %s", second).isEqualTo(second < 10 ? LAGGING : STUCK);
        }
    }

    /** Seen for the first time, and again half a minute later. */
    @Test
    void shouldTellAWaitThatBeginsInTheFuture() {
        Report first = waiting(0, -86_400, Waiting.Kind.ROOM, null);
        assertThat(first.status()).isEqualTo(LAGGING);
        assertThat(first.reasons().get(0))
                .startsWith("pid 812 (java), whose clock is ahead by ")
                .endsWith(", has waited 0 s at least for room");
        Report later = waiting(31, -86_400, Waiting.Kind.ROOM, null);
        assertThat(later.status()).isEqualTo(STUCK);
        assertThat(later.reasons().get(0)).endsWith(", has waited 31 s at least for room");
    }

    @Test
    void shouldSayThatNobodyFindsItAnyMore() {
        stats = new QueueFigures(ID, 1, 10, 4096, 4096, 1, List.of(), Map.of("unlinked", 1L), List.of());
        assertSays(health.check(), LAGGING, "its name was removed: a process that opens it now gets another queue");
    }

    @Test
    void shouldSayThatTheNextSubscriberIsRefused() {
        List<SubscriberStats> one = List.of(audit(10, 0, SlowSubscriber.GATE_PUBLISHER, true));
        stats = new QueueFigures(ID, 1, 10, 4096, 4096, 1, one, Map.of("slots", 2L), List.of());
        assertSays(health.check(), OK);
        stats = new QueueFigures(ID, 1, 10, 4096, 4096, 1, one, Map.of("slots", 1L), List.of());
        assertSays(health.check(), LAGGING, "all its 1 slots are taken: the next subscriber is refused");
    }

    @Test
    void shouldSayWhyItCannotBeUsed() {
        QueueHealth closed = new QueueHealth(
                () -> {
                    throw new QueueClosedException("Queue 'shm:q' is closed.");
                },
                100,
                Duration.ofSeconds(10));
        assertSays(closed.check(), STUCK, "Queue 'shm:q' is closed.");
    }

    /** The messages that it lost before the first check are over. */
    @Test
    void shouldSayWhoMissesMessages() {
        assertSays(at(0, 10, 0, lost("audit", 5, 10)), OK);
        assertSays(at(2, 30, 0, lost("audit", 7, 30)), LAGGING, "'audit' (pid 812) missed 2 messages within 2 s");
        assertSays(at(3, 40, 0, lost("audit", 7, 40)), OK);
        assertSays(at(4, 140, 0, lost("audit", 18, 140)), STUCK, "'audit' (pid 812) missed 11 messages within 1 s");
    }

    /** Such as belfry tail. */
    @Test
    void shouldNotCallItStuckIfOneThatOnlyWatchesMissesMany() {
        assertSays(at(0, 10, 0, lost(null, 0, 10)), OK);
        assertSays(
                at(1, 100, 0, lost(null, 80, 100)),
                LAGGING,
                "the subscriber in slot 0 (pid 812) missed 80 messages within 1 s");
    }

    /** Such as by 'belfry reset' to the newest. */
    @Test
    void shouldNotCallItStuckIfMessagesOfOneWithoutAProcessWerePassedOver() {
        assertSays(at(0, 90, 0, alone(0, 10)), OK);
        assertSays(at(1, 90, 0, alone(80, 90)), LAGGING, "'audit' missed 80 messages within 1 s");
    }

    private static SubscriberStats alone(long lost, long position) {
        return new SubscriberFigures(
                "audit", 0, position, position, 0, lost, AckMode.AUTO, SlowSubscriber.OVERRUN, false, Map.of());
    }

    private static SubscriberStats lost(String name, long count, long position) {
        return new SubscriberFigures(
                name, 812, position, position, 0, count, AckMode.AUTO, SlowSubscriber.OVERRUN, true, Map.of());
    }

    @Test
    void shouldSayWhoseProcessIsStoppedBeforePublishersWait() {
        SubscriberStats audit = new SubscriberFigures(
                "audit",
                812,
                5,
                5,
                5,
                0,
                AckMode.AUTO,
                SlowSubscriber.GATE_PUBLISHER,
                true,
                Map.of("processStopped", 1L));
        assertSays(
                at(0, 10, 0, audit), LAGGING, "'audit' (pid 812) is stopped, and publishers will wait for it, lag 5");
    }

    @Test
    void shouldSayWhoWasDisconnected() {
        SubscriberStats ended = new SubscriberFigures(
                "audit", 812, 5, 5, 5, 0, AckMode.AUTO, SlowSubscriber.DISCONNECT, true, Map.of("ended", 1L));
        assertSays(at(0, 10, 0, ended), LAGGING, "'audit' was disconnected because it was too slow, lag 5");
    }

    @Test
    void shouldSayWhoseListenerFailed() {
        SubscriberStats named = new SubscriberFigures(
                "audit", 0, 5, 5, 5, 0, AckMode.AUTO, SlowSubscriber.GATE_PUBLISHER, false, Map.of("stopped", 6L));
        assertSays(at(0, 10, 0, named), STUCK, "'audit' has stopped: its listener failed at position 6, lag 5");
        SubscriberStats anonymous = new SubscriberFigures(
                null, 0, 5, 5, 5, 0, AckMode.AUTO, SlowSubscriber.OVERRUN, false, Map.of("stopped", 6L));
        assertSays(
                at(0, 10, 0, anonymous),
                STUCK,
                "a subscriber without a name has stopped: its listener failed at position 6, lag 5");
    }
}
