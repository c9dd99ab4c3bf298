package dev.belfry.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.SubscriberFigures;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdviceTest {
    private final Advice advice = of(Map.of("kind", "queue"));

    private static Advice of(Map<String, Object> properties) {
        return new Advice("shm:q", new QueueReport(URI.create("shm:q"), "q", null, properties, List.of(), List.of()));
    }

    private Finding on(Reason reason) {
        return advice.on(List.of(reason)).get(0);
    }

    private static Reason waiting(Waiting.Kind kind, String subscription, long pid, boolean stopped) {
        Waiting.Cause cause = new Waiting.Cause(subscription, 3, pid, null, stopped);
        return new Reason(Kind.WAITING, false, "waits", null, new Waiting(7, null, kind, Instant.now(), cause));
    }

    private static Reason of(Kind kind, String name) {
        SubscriberStats its =
                new SubscriberFigures(name, 0, 5, 5, 0, 0, AckMode.AUTO, SlowSubscriber.OVERRUN, false, Map.of());
        return new Reason(kind, false, kind.check, its, null);
    }

    @Test
    void shouldSayHowAWaitEnds() {
        assertThat(on(waiting(Waiting.Kind.ROOM, "audit", 812, true)))
                .isEqualTo(new Finding(
                        "waiting",
                        Finding.Level.STUCK,
                        "shm:q",
                        "waits",
                        "Let it continue ('kill -CONT PID') or end it ('kill -KILL PID'), and then its subscription:"
                                + " 'belfry unsubscribe q audit'.",
                        false));
        assertThat(on(waiting(Waiting.Kind.ROOM, "the audit", 812, false)).remedy())
                .isEqualTo("'belfry top q' shows whether it moves. 'jstack PID' shows what it does; 'kill PID' ends it,"
                        + " and then its subscription: 'belfry unsubscribe q \"the audit\"'.");
        assertThat(on(waiting(Waiting.Kind.ROOM, "audit", 0, false)))
                .isEqualTo(new Finding(
                        "waiting",
                        Finding.Level.STUCK,
                        "shm:q",
                        "waits",
                        "Start its subscriber, or end it: 'belfry unsubscribe q audit'.",
                        false));
        assertThat(on(waiting(Waiting.Kind.LOCK, null, 812, false)).remedy())
                .isEqualTo("'jstack PID' shows what it does, its log names the thread; 'kill PID' ends it.");
    }

    /** Whatever happens there: what it keeps are messages of a domain, and it has no reader. */
    @Test
    void shouldNeverAdviseToEndThePlaceOfADomainsPages() {
        for (Kind kind : Kind.values()) {
            if (List.of(Kind.NO_SLOTS, Kind.DISCONNECTED).contains(kind)) continue; // of another, and never
            assertThat(on(of(kind, "jms-overflow")).remedy()).as(kind.name()).doesNotContain("unsubscribe");
        }
        for (boolean stopped : new boolean[] {false, true})
            for (long pid : new long[] {0, 812})
                assertThat(on(waiting(Waiting.Kind.ROOM, "jms-overflow", pid, stopped))
                                .remedy())
                        .doesNotContain("unsubscribe");
        assertThat(Errors.full("file:/q", 1 << 20, "jms-overflow", 0, 3, 0, 1_000, ""))
                .hasMessageEndingWith("Let consumers of that domain receive. Nobody is to attach here, and without this"
                        + " subscription those messages are lost.");
        assertThat(Errors.full("file:/q", 1 << 20, "audit", 0, 3, 0, 1_000, ""))
                .hasMessageEndingWith("Attach it, 'belfry unsubscribe file:/q audit' if it is not needed, or subscribe"
                        + " with another policy than GATE_PUBLISHER.");
    }

    @Test
    void shouldSayOfADomainWhatFillsIt() {
        Reason reason = new Reason(Kind.PUBLISHERS, false, "publishers wait", null, null);
        assertThat(on(reason).remedy()).isEqualTo("'belfry top q' shows the attached processes.");
        assertThat(of(Map.of("kind", "domain")).on(List.of(reason)).get(0).remedy())
                .isEqualTo("'belfry jms ls q' shows what fills it, and who consumes that.");
    }

    @Test
    void shouldHaveANextStepForEachKind() {
        for (Kind kind : Kind.values())
            assertThat(on(of(kind, "audit")).remedy()).as(kind.name()).endsWith(".");
        for (Kind kind : Kind.values())
            if (kind != Kind.UNATTENDED) // no anonymous one has no process
            assertThat(on(of(kind, null)).remedy())
                        .as(kind.name())
                        .endsWith(".")
                        .doesNotContain("audit");
        assertThat(on(of(Kind.UNATTENDED, "bridge-to-shm-copy")).remedy())
                .contains("'belfry bridge q \"shm:copy\"'", "'belfry unsubscribe q bridge-to-shm-copy'");
    }

    /** By those that read it, by what it keeps, or by its disk. */
    @Test
    void shouldSayHowAQueueOfFilesGetsRoom() {
        assertThat(on(of(Kind.FILLING, "audit")).remedy())
                .isEqualTo("Start its subscriber, or end it: 'belfry unsubscribe q audit'.");
        assertThat(on(new Reason(Kind.FILLING, false, "fills", null, null)).remedy())
                .isEqualTo("'belfry keep q' shows what it keeps. With a time or a size after that it keeps less.");
        SubscriberStats slow = new SubscriberFigures(
                "audit", 7, 5, 5, 9, 0, AckMode.AUTO, SlowSubscriber.GATE_PUBLISHER, true, Map.of());
        QueueFigures stats = new QueueFigures(
                null, 1, 14, 1, 1, 1, List.of(slow), Map.of(QueueCounter.HISTORY_BYTES.key(), 9L), List.of());
        Map<String, Object> properties = Map.of("maxSize", 100L, QueueReport.DISK_FREE, 3L);
        QueueReport report = new QueueReport(URI.create("file:/q"), "file:/q", stats, properties, List.of(), List.of());
        Reason reason = new Reason(Kind.FILLING, false, "fills", slow, null);
        assertThat(new Advice("file:/q", report).on(List.of(reason)).get(0).remedy())
                .isEqualTo(
                        "'belfry top file:/q' shows how fast it reads, and whether it catches up. Or make room on its disk.");
    }

    @Test
    void shouldTellManyThatNobodyAttendsInOne() {
        List<Reason> five = reasons(5);
        assertThat(advice.on(five)).hasSize(5);
        assertThat(advice.on(reasons(6)))
                .singleElement()
                .satisfies(one -> assertThat(one.what())
                        .isEqualTo("no process is attached to 6 subscriptions, such as 's0', 's1', 's2', 's3', 's4'"))
                .satisfies(one -> assertThat(one.remedy()).contains("'belfry unsubscribe q --match \"*\" --dry-run'"));
    }

    private static List<Reason> reasons(int many) {
        return IntStream.range(0, many)
                .mapToObj(i -> of(Kind.UNATTENDED, "s" + i))
                .toList();
    }
}
