package dev.belfry.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.SubscriberFigures;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Time goes on here when the test says so. */
class FillingTest {
    private static final long GIBI = 1L << 30;
    private static final SubscriberStats AUDIT = subscriber("audit", 7, 100, SlowSubscriber.GATE_PUBLISHER, 0);

    private final Filling filling = new Filling();
    private final Map<String, Object> properties = new HashMap<>(Map.of("maxSize", 10 * GIBI, "keep", "needed"));
    private long now = 1; // half a second later with each reading

    /** Pid 0: no process is attached. */
    private static SubscriberStats subscriber(
            String name, long pid, long acknowledged, SlowSubscriber policy, long ended) {
        Map<String, Long> counters = Map.of(QueueCounter.ENDED.key(), ended, QueueCounter.SLOT.key(), 3L);
        return new SubscriberFigures(
                name,
                pid,
                acknowledged,
                acknowledged,
                1_000 - acknowledged,
                0,
                AckMode.AUTO,
                policy,
                pid != 0,
                counters);
    }

    private List<String> at(long used, SubscriberStats... subscribers) {
        return texts(Map.of(QueueCounter.HISTORY_BYTES.key(), 9 * GIBI, QueueCounter.IN_USE.key(), used), subscribers);
    }

    private List<String> texts(Map<String, Long> counters, SubscriberStats... subscribers) {
        QueueFigures stats = new QueueFigures(
                UUID.randomUUID(), 1, 1_000, 16 << 20, 256 << 20, 1, List.of(subscribers), counters, List.of());
        QueueReport report =
                new QueueReport(URI.create("file:/kept"), "file:/kept", stats, properties, List.of(), List.of());
        now += TimeUnit.MILLISECONDS.toNanos(500);
        List<Reason> reasons = filling.of(report, now);
        assertThat(reasons).allSatisfy(one -> assertThat(one.stuck()).isFalse());
        assertThat(reasons).allSatisfy(one -> assertThat(one.kind().check).isEqualTo("filling"));
        return reasons.stream().map(Reason::text).toList();
    }

    @Test
    void shouldTellFromHalfOnHowMuchIsKeptAndForWhom() {
        assertThat(at(5 * GIBI - 1, AUDIT)).isEmpty();
        assertThat(at(5 * GIBI, AUDIT))
                .singleElement()
                .asString()
                .startsWith("it is filling: 'audit' (pid 7) keeps 50 % of the 10 GiB that maxSize allows");
        SubscriberStats alone = subscriber("audit", 0, 100, SlowSubscriber.GATE_PUBLISHER, 0);
        SubscriberStats later = subscriber("later", 8, 200, SlowSubscriber.GATE_PUBLISHER, 0);
        assertThat(at(5 * GIBI, later, alone))
                .containsExactly(
                        "it is filling: 'audit', which no process reads, keeps 50 % of the 10 GiB that maxSize allows");
        SubscriberStats unnamed = subscriber(null, 7, 100, SlowSubscriber.GATE_PUBLISHER, 0);
        assertThat(at(5 * GIBI, unnamed))
                .singleElement()
                .asString()
                .contains(": the subscriber in slot 3 (pid 7) keeps 50 %");
    }

    /** Publishers do not wait for it, or no more. */
    @Test
    void shouldNotTellOfOneThatIsNotWaitedFor() {
        SubscriberStats loses = subscriber("loses", 7, 0, SlowSubscriber.OVERRUN, 0);
        assertThat(at(9 * GIBI, loses)).isEmpty();
        assertThat(at(9 * GIBI, subscriber("out", 7, 0, SlowSubscriber.DISCONNECT, 0)))
                .isEmpty();
        assertThat(at(9 * GIBI, subscriber("ended", 7, 0, SlowSubscriber.GATE_PUBLISHER, 1)))
                .isEmpty();
        assertThat(at(9 * GIBI, loses, AUDIT)).singleElement().asString().contains("'audit'");
    }

    /** Publishers wait for it as soon as the other is disconnected. */
    @Test
    void shouldTellOfTheOneThatIsWaitedForIfAnotherIsAtItsPlace() {
        SubscriberStats out = subscriber("out", 0, 100, SlowSubscriber.DISCONNECT, 0);
        assertThat(at(5 * GIBI, out, AUDIT)).singleElement().asString().contains("'audit'");
    }

    @Test
    void shouldTellWhenItIsFullIfItGrows() {
        assertThat(at(6 * GIBI, AUDIT)).singleElement().asString().doesNotContain("rate");
        assertThat(at(6 * GIBI + GIBI / 100, AUDIT))
                .singleElement()
                .asString()
                .endsWith(". At the present rate it is full in 3 min");
        assertThat(at(7 * GIBI, AUDIT)).singleElement().asString().endsWith(" full in 1 s");
        assertThat(at(6 * GIBI, AUDIT))
                .as("it reads")
                .singleElement()
                .asString()
                .endsWith("");
    }

    @Test
    void shouldTellOfADiskThatIsFullBefore() {
        properties.put("diskFree", GIBI);
        assertThat(at(5 * GIBI, AUDIT)).singleElement().asString().contains("50 % of the 10 GiB that maxSize allows");
        properties.put("diskFree", GIBI / 2);
        assertThat(at(5 * GIBI, AUDIT))
                .singleElement()
                .asString()
                .contains("52 % of the 9,728 MiB that the disk can take");
        properties.put("maxSize", null);
        assertThat(at(5 * GIBI, AUDIT))
                .singleElement()
                .asString()
                .contains("52 % of the 9,728 MiB that the disk can take");
        for (Object unlimited : new Object[] {null, Long.MAX_VALUE}) {
            properties.put("diskFree", unlimited);
            assertThat(at(9 * GIBI, AUDIT)).isEmpty();
        }
    }

    @Test
    void shouldTellThatAllIsKept() {
        properties.put("keep", "all");
        assertThat(at(0))
                .containsExactly("it is filling: with keep=all it keeps 90 % of the 10 GiB that maxSize allows");
        assertThat(texts(Map.of(QueueCounter.HISTORY_BYTES.key(), 8 * GIBI)))
                .as("it is meant to grow")
                .isEmpty();
        Map.of("readOnly", true, "open", false).forEach((property, value) -> {
            properties.put(property, value);
            assertThat(at(0)).as("nobody publishes").isEmpty();
            properties.remove(property);
        });
    }

    /** Its readers slow publishers down as soon as it is full, which is soon. */
    @Test
    void shouldNotTellOfARing() {
        assertThat(texts(Map.of(QueueCounter.IN_USE.key(), 200L << 20), AUDIT)).isEmpty();
    }
}
