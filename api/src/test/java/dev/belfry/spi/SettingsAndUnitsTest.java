package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class SettingsAndUnitsTest {
    private static QueueSettings capacities(long capacity, long maxCapacity) {
        return QueueSettings.of(QueueConfig.builder()
                .capacity(capacity)
                .maxCapacity(maxCapacity)
                .build());
    }

    @Test
    void shouldFillInTheDocumentedDefaults() {
        QueueSettings s = QueueSettings.of(QueueConfig.defaults());
        assertThat(s.capacity()).isEqualTo(1 << 20);
        assertThat(s.maxCapacity()).isEqualTo(64 << 20);
        assertThat(QueueSettings.letters(s.mode())).isEqualTo("rw-------");
        assertThat(s.group()).isNull();
        assertThat(s.allowGating()).isTrue();
        assertThat(s.hasMaxGateTime()).isFalse();
        assertThat(s.deleteOnLastClose()).isFalse();
        assertThat(QueueSettings.create(QueueConfig.defaults())).isEqualTo(Create.CREATE_OR_OPEN);
    }

    @ParameterizedTest
    @CsvSource({
        "0,65536,65536,65536",
        "134217728,0,134217728,134217728",
        "1,1,4096,4096",
        "4097,0,8192,67108864",
        "5000,4097,8192,8192",
        "1073741824,1073741824,1073741824,1073741824"
    })
    void shouldRoundUpAndLetTheOthersDefaultGiveWay(long capacity, long max, long roundedCapacity, long roundedMax) {
        QueueSettings s = capacities(capacity, max);
        assertThat(s.capacity()).isEqualTo(roundedCapacity);
        assertThat(s.maxCapacity()).isEqualTo(roundedMax);
    }

    @ParameterizedTest
    @CsvSource({"rw-------,384", "0600,384", "660,432", "rwxrwx--x,505"})
    void shouldReadModes(String mode, int bits) {
        assertThat(QueueSettings.of(QueueConfig.builder().mode(mode).build()).mode())
                .isEqualTo(bits);
    }

    @Test
    void shouldLetStoredValuesWinOverDefaults() {
        QueueSettings stored = new QueueSettings(4096, 4096, 0660, "staff", false, 5_000_000_000L, true);
        assertThatCode(() -> stored.requireCompatible("shm:q", QueueConfig.defaults()))
                .doesNotThrowAnyException();
        assertThatCode(() -> stored.requireCompatible(
                        "shm:q",
                        QueueConfig.builder()
                                .capacity(3000)
                                .maxCapacity(4096)
                                .mode("rw-rw----")
                                .group("staff")
                                .allowGating(false)
                                .maxGateTime(Duration.ofSeconds(5))
                                .deleteOnLastClose(true)
                                .create(Create.OPEN_EXISTING)
                                .build()))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseADifferentExplicitValue() {
        QueueSettings stored =
                QueueSettings.of(QueueConfig.builder().group("staff").build());
        refuse(
                stored,
                QueueConfig.builder().capacity(4 << 20),
                "capacity 4 MiB requested, existing queue 'shm:q' has 1 MiB");
        refuse(
                stored,
                QueueConfig.builder().maxCapacity(4 << 20),
                "maxCapacity 4 MiB requested, existing queue 'shm:q' has 64 MiB");
        refuse(
                stored,
                QueueConfig.builder().mode("0660"),
                "mode rw-rw---- requested, existing queue 'shm:q' has rw-------");
        refuse(stored, QueueConfig.builder().group("x"), "group x requested, existing queue 'shm:q' has staff");
        refuse(
                stored,
                QueueConfig.builder().allowGating(false),
                "allowGating false requested, existing queue 'shm:q' has true");
        refuse(
                stored,
                QueueConfig.builder().maxGateTime(Duration.ofSeconds(2)),
                "maxGateTime 2 s requested, existing queue 'shm:q' has for ever");
        refuse(
                QueueSettings.of(QueueConfig.builder()
                        .maxGateTime(Duration.ofMillis(10_100))
                        .build()),
                QueueConfig.builder().maxGateTime(Duration.ofMillis(10_900)),
                "maxGateTime 10,900,000,000 ns requested, existing queue 'shm:q' has 10,100,000,000 ns");
        refuse(
                stored,
                QueueConfig.builder().deleteOnLastClose(true),
                "deleteOnLastClose true requested, existing queue 'shm:q' has false");
    }

    private static void refuse(QueueSettings stored, QueueConfig.Builder requested, String text) {
        assertThatThrownBy(() -> stored.requireCompatible("shm:q", requested.build()))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageStartingWith(text + ". Leave ");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "65536,65536",
        "4k,4096",
        "64M,67108864",
        "1g,1073741824",
        "999999999999999999,999999999999999999"
    })
    void shouldParseSizes(String text, long bytes) {
        assertThat(Units.parseSize(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5m", "4 k", "4kb", "9999999999999999999", "999999999999999999g"})
    void shouldRefuseOtherSizes(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseSize(text))
                .withMessage("'" + text + "' is not a size such as 65536, 4k, 64m or 1g");
    }

    @ParameterizedTest
    @CsvSource({
        "250ms,PT0.25S",
        "30s,PT30S",
        "5min,PT5M",
        "0s,PT0S",
        "7us,PT0.000007S",
        "9ns,PT0.000000009S",
        "2H,PT2H",
        "1d,PT24H"
    })
    void shouldParseDurations(String text, Duration duration) {
        assertThat(Units.parseDuration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5m", "-5s", "5 s", "PT5S", "1.5s"})
    void shouldRefuseOtherDurations(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.parseDuration(text));
    }

    @Test
    void shouldFormatTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(Units.number(1_204_331)).isEqualTo("1,204,331");
            assertThat(Units.size(64 << 20)).isEqualTo("64 MiB");
            assertThat(Units.size(1000)).isEqualTo("1,000 bytes");
            assertThat(Units.duration(31_000_000_000L)).isEqualTo("31 s");
            assertThat(Units.duration(1_500_000_000L)).isEqualTo("1,500 ms");
            assertThat(Units.duration(Deadlines.FOREVER_NANOS)).isEqualTo("for ever");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void shouldTurnDurationsIntoDeadlines() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE)))
            assertThat(Deadlines.after(none)).isEqualTo(Deadlines.PAST);
        for (Duration endless : List.of(
                ChronoUnit.FOREVER.getDuration(), Duration.ofSeconds(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE)))
            assertThat(Deadlines.after(endless)).isEqualTo(Deadlines.FOREVER);
        long soon = Deadlines.after(Duration.ofMinutes(1));
        assertThat(Deadlines.remaining(soon)).isBetween(1L, 60_000_000_000L);
        assertThat(Deadlines.remaining(System.nanoTime() - 1_000)).isZero();
        assertThat(Deadlines.remaining(Deadlines.PAST)).isZero();
        assertThat(Deadlines.remaining(Deadlines.FOREVER)).isEqualTo(Deadlines.FOREVER_NANOS);
        assertThat(Deadlines.passed(soon)).isFalse();
        assertThat(Deadlines.passed(System.nanoTime())).isTrue();
        assertThat(Deadlines.passed(Deadlines.PAST)).isTrue();
        assertThat(Deadlines.passed(Deadlines.FOREVER)).isFalse();
        assertThat(System.nanoTime() - Deadlines.PAST)
                .as("plain arithmetic works too")
                .isPositive();
        assertThat(Deadlines.FOREVER - System.nanoTime()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"smh,shm", "maxCapacty,maxCapacity", "MAXCAPACITY,maxCapacity", "alowgating,allowGating", "kafka,", "x,"
    })
    void shouldSuggestTheNearest(String word, String nearest) {
        assertThat(Suggestions.nearest(word, List.of("shm", "mem", "maxCapacity", "capacity", "allowGating")))
                .isEqualTo(nearest);
    }

    @Test
    void shouldNameAThreadThatHasNoName() {
        assertThat(Units.name(new Thread("main"))).isEqualTo("main");
        Thread unnamed = new Thread("");
        assertThat(Units.name(unnamed)).isEqualTo("#" + unnamed.getId());
    }

    /** By the names that users know. */
    @Test
    void shouldPrintTheFiguresOfAQueue() {
        SubscriberFigures audit = new SubscriberFigures(
                "audit", 0, 3, 3, 2, 1, AckMode.CLIENT, SlowSubscriber.GATE_PUBLISHER, false, Map.of());
        assertThat(new QueueFigures(null, 1, 5, 4096, 8192, 2, List.of(audit), Map.of("grows", 1L), List.of()))
                .hasToString("QueueStats[id null, positions 1 to 5, capacity 4 KiB of at most 8 KiB, 2 publisher(s),"
                        + " subscribers [SubscriberStats['audit', not attached, position 3, acknowledged 3, lag 2, lost 1,"
                        + " CLIENT, GATE_PUBLISHER, counters {}]], waiting [], counters {grows=1}]");
    }
}
