package dev.belfry.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.SubscriberFigures;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

public class AgesTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final Ages ages = new Ages();
    private UUID id = UUID.randomUUID();

    /** For JUnit: the package is exported. */
    public AgesTest() {}

    /** The row of a subscription. */
    public static SubscriberStats at(long acknowledged, boolean attached, Map<String, Long> counters) {
        return new SubscriberFigures(
                "audit",
                attached ? 1 : 0,
                acknowledged,
                acknowledged,
                0,
                0,
                AckMode.AUTO,
                SlowSubscriber.GATE_PUBLISHER,
                attached,
                counters);
    }

    private void read(long nanos, long newest, SubscriberStats subscription, Map<String, Long> counters) {
        ages.read(new QueueFigures(id, 1, newest, 0, 0, 0, List.of(subscription), counters, List.of()), nanos);
    }

    private long oldest(long nanos, long newest, long acknowledged) {
        SubscriberStats subscription = at(acknowledged, true, Map.of());
        read(nanos, newest, subscription, Map.of());
        return ages.oldest(subscription);
    }

    @Test
    void shouldTellHowOldAtLeastTheOldestMessageIs() {
        assertThat(oldest(100, 5, 5)).isZero();
        assertThat(oldest(110, 8, 5)).as("seen for the first time").isZero();
        assertThat(oldest(130, 9, 5)).isEqualTo(20);
        assertThat(oldest(150, 9, 7)).isEqualTo(40);
        assertThat(oldest(160, 9, 8)).as("the ninth").isEqualTo(30);
        assertThat(oldest(170, 9, 9)).isZero();
        id = UUID.randomUUID();
        assertThat(oldest(180, 9, 0)).as("another queue").isZero();
    }

    @Test
    void shouldKeepTheOldestOfManyReadings() {
        oldest(0, 1, 0);
        for (int i = 1; i < 10_000; i++)
            assertThat(oldest(i, 1 + i, 0)).as("reading %d", i).isEqualTo(i);
        long half = oldest(10_000, 10_001, 5_000);
        assertThat(half).isBetween(4_000L, 5_000L);
    }

    @Test
    void shouldTakeTheLastPublishForTheLeastAge() {
        SubscriberStats behind = at(5, true, Map.of());
        read(0, 8, behind, Map.of());
        assertThat(ages.lastPublish()).isEqualTo(-1);
        read(
                1,
                8,
                behind,
                Map.of(
                        QueueCounter.LAST_PUBLISH_MILLIS.key(),
                        System.currentTimeMillis() - TimeUnit.HOURS.toMillis(1)));
        assertThat(ages.lastPublish()).isGreaterThanOrEqualTo(HOUR);
        assertThat(ages.oldest(behind)).isGreaterThanOrEqualTo(HOUR);
        assertThat(ages.oldest(at(8, true, Map.of()))).isZero();
    }

    @Test
    void shouldTellForHowLongASubscriptionHasBeenAlone() {
        read(10, 8, at(5, true, Map.of()), Map.of());
        assertThat(ages.alone(at(5, true, Map.of()))).isZero();
        read(20, 8, at(5, false, Map.of()), Map.of());
        read(50, 8, at(5, false, Map.of()), Map.of());
        assertThat(ages.alone(at(5, false, Map.of()))).isEqualTo(30);
        Map<String, Long> since =
                Map.of(QueueCounter.ALONE_SINCE_MILLIS.key(), System.currentTimeMillis() - TimeUnit.HOURS.toMillis(1));
        assertThat(ages.alone(at(5, false, since))).isGreaterThanOrEqualTo(HOUR);
        read(60, 8, at(5, true, Map.of()), Map.of());
        read(70, 8, at(5, false, Map.of()), Map.of());
        assertThat(ages.alone(at(5, false, Map.of()))).isZero();
    }
}
