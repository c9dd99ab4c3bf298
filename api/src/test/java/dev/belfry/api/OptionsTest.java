package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OptionsTest {
    @Test
    void shouldHaveTheDocumentedDefaults() {
        SubscriberOptions in = SubscriberOptions.defaults();
        assertThat(in.name()).isNull();
        assertThat(in.startAt()).isEqualTo(StartAt.NOW);
        assertThat(in.ackMode()).isEqualTo(AckMode.AUTO);
        assertThat(in.slowSubscriber()).isEqualTo(SlowSubscriber.GATE_PUBLISHER);
        assertThat(in.maxRedeliveries()).isEqualTo(3);
        PublisherOptions out = PublisherOptions.defaults();
        assertThat(out.exclusive()).isFalse();
        assertThat(out.timestamps()).isFalse();
        assertThat(out.timeout()).isEqualTo(ChronoUnit.FOREVER.getDuration());
    }

    @Test
    void shouldNeverAffectAnybodyAsObserver() {
        SubscriberOptions observer = SubscriberOptions.observer(StartAt.OLDEST_RETAINED);
        assertThat(observer.name()).isNull();
        assertThat(observer.startAt()).isEqualTo(StartAt.OLDEST_RETAINED);
        assertThat(observer.ackMode()).isEqualTo(AckMode.NONE);
        assertThat(observer.slowSubscriber()).isEqualTo(SlowSubscriber.OVERRUN);
    }

    @Test
    void shouldRefuseNoneWithAName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SubscriberOptions.builder()
                        .name("audit")
                        .ackMode(AckMode.NONE)
                        .build())
                .withMessage("ackMode NONE stores no position, so it does not go with a name ('audit'): "
                        + "leave the name out, or use AUTO or CLIENT");
    }

    @Test
    void shouldRefuseNegativeMaxRedeliveries() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SubscriberOptions.builder().maxRedeliveries(-1).build())
                .withMessage("maxRedeliveries must be >= 0, was -1");
    }

    @Test
    void shouldCheckSubscriptionNames() {
        for (String good : new String[] {"a", "audit log", "Prüfung/€ 1", "x".repeat(128), "😀".repeat(128)})
            assertThat(SubscriberOptions.builder().name(good).build().name()).isEqualTo(good);
        for (String bad : new String[] {"", "x".repeat(129)})
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SubscriberOptions.builder().name(bad).build())
                    .withMessage("Subscription name has " + bad.length() + " characters; it must have 1 to 128");
        for (String bad : new String[] {"a\nb", "a\0", "\u2028", "\ud800", "\u200b", "\uffff"})
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SubscriberOptions.builder().name(bad).build())
                    .withMessageContaining("it may contain only printable characters");
    }

    @Test
    void shouldNameTheParameterWhenItIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> SubscriberOptions.builder().startAt(null))
                .withMessage("startAt");
        assertThatNullPointerException()
                .isThrownBy(() -> SubscriberOptions.builder().ackMode(null))
                .withMessage("ackMode");
        assertThatNullPointerException()
                .isThrownBy(() -> SubscriberOptions.builder().slowSubscriber(null))
                .withMessage("slowSubscriber");
        assertThatNullPointerException()
                .isThrownBy(() -> PublisherOptions.builder().timeout(null))
                .withMessage("timeout");
        assertThatNullPointerException()
                .isThrownBy(() -> QueueConfig.builder().attribute(null, 1))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> QueueConfig.builder().attribute("x", null))
                .withMessage("value");
        Publisher publisher = new NoPublisher();
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.publish((byte[]) null))
                .withMessage("body");
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.publish((String) null))
                .withMessage("text");
    }

    @Test
    void shouldTakeTimeoutsOfAnySizeButNoNegativeOnes() {
        for (Duration any : new Duration[] {Duration.ZERO, ChronoUnit.FOREVER.getDuration()})
            assertThat(PublisherOptions.builder().timeout(any).build().timeout())
                    .isEqualTo(any);
        for (Duration bad : new Duration[] {Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE)})
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PublisherOptions.builder().timeout(bad).build())
                    .withMessageStartingWith("timeout must be 0 or more, was PT-");
    }

    @Test
    void shouldCheckCapacitiesInBuild() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueConfig.builder()
                        .capacity(4 << 20)
                        .maxCapacity(1 << 20)
                        .build())
                .withMessage("maxCapacity (1 MiB) is smaller than capacity (4 MiB)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueConfig.builder().capacity(-1).build())
                .withMessage("capacity must be > 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueConfig.builder().mode("0999").build())
                .withMessage("mode '0999' is not of the form rw-rw---- or 0660");
    }

    @Test
    void shouldCompareStartAtByContent() {
        assertThat(StartAt.at(7))
                .isEqualTo(StartAt.at(7))
                .hasSameHashCodeAs(StartAt.at(7))
                .isNotEqualTo(StartAt.at(8));
        assertThat(StartAt.NOW).isNotEqualTo(StartAt.OLDEST_RETAINED);
        assertThat(StartAt.at(7).position()).hasValue(7);
        assertThat(StartAt.NOW.position()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StartAt.at(0))
                .withMessage("position must be >= 1, was 0");
    }

    /** A message has whole milliseconds: one of the millisecond of the time is not before it. */
    @Test
    void shouldRoundATimeUp() {
        Instant time = Instant.parse("2026-11-27T10:00:00.123Z");
        assertThat(StartAt.time(time).timeMillis()).hasValue(time.toEpochMilli());
        assertThat(StartAt.time(time.minusNanos(1)).timeMillis()).hasValue(time.toEpochMilli() - 1);
        assertThat(StartAt.time(Instant.EPOCH.minusNanos(1)).timeMillis()).hasValue(-1);
        assertThat(StartAt.time(time.plusNanos(999_999)))
                .isEqualTo(StartAt.time(time))
                .hasSameHashCodeAs(StartAt.time(time))
                .isNotEqualTo(StartAt.at(time.toEpochMilli()))
                .hasToString("time(2026-11-27T10:00:00.123Z)");
        assertThat(StartAt.time(Instant.EPOCH.minusMillis(1)).timeMillis()).hasValue(-1);
        assertThat(StartAt.time(Instant.MAX).timeMillis()).hasValue(Long.MAX_VALUE);
        assertThat(StartAt.time(Instant.MIN).timeMillis().getAsLong()).isLessThan(Long.MIN_VALUE + 1_001);
        assertThat(StartAt.time(time).position()).isEmpty();
        assertThat(StartAt.at(7).timeMillis()).isEmpty();
        assertThatNullPointerException().isThrownBy(() -> StartAt.time(null)).withMessage("time");
    }

    static final class NoPublisher implements Publisher {
        @Override
        public long publish(ByteBuffer body, MessageProperties properties) {
            throw new AssertionError();
        }

        @Override
        public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
            throw new AssertionError();
        }

        @Override
        public Claim claim(int length) {
            throw new AssertionError();
        }

        @Override
        public int maxMessageLength() {
            return 0;
        }

        @Override
        public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }
}
