package dev.belfry.shm.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a subscriber tells its {@link Backoff}. A writer that writes before each poll is never met at rest. */
@Timeout(300)
class BackoffOfASubscriberTest {
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final int BYTES = 4_096; // slow machines, too, are to have more than a line each microsecond
    private static final int MOST_POLLS = 1_000_000; // a chase lasts 100 us, and for sixteen finds

    private final MessageQueue queue =
            MessageQueues.open("shm:backoff-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true");
    private final Publisher publisher = queue.createPublisher();
    private final ShmSubscriber subscriber = (ShmSubscriber) queue.createSubscriber();
    private final Backoff backoff = subscriber.idle.backoff;

    @AfterEach
    void close() {
        queue.close();
    }

    private int poll(Duration timeout) {
        return subscriber.poll(view -> {}, 1_024, timeout);
    }

    private int publishAndPoll(Duration timeout) {
        publisher.publish(ByteBuffer.allocate(BYTES));
        return poll(timeout);
    }

    @Test
    void shouldTryToStayAwayWhereEachPollFindsSomething() {
        for (int polls = 0; !backoff.owed; polls++) {
            assertThat(polls).isLessThan(MOST_POLLS);
            assertThat(publishAndPoll(WAIT)).isEqualTo(1);
        }
        assertThat(poll(Duration.ZERO)).isZero();
        assertThat(publishAndPoll(Duration.ZERO)).isEqualTo(1);
        assertThat(backoff.owed).as("these do not wait").isTrue();
        assertThat(poll(Duration.ofNanos(1))).isZero();
        assertThat(backoff.owed).as("this one did, and found nothing").isFalse();
    }

    @Test
    void shouldNotStayAwayWhereACallMayNotWait() {
        for (int polls = 0; polls < 100_000; polls++) {
            publishAndPoll(Duration.ZERO);
            assertThat(backoff.owed).isFalse();
        }
    }

    /** Batches as long as the limit: no poll but the last finds less, and that one waits. */
    @Test
    void shouldNotJudgeWhatOnePollFindsTwice() {
        for (int polls = 0; !backoff.owed; polls++) {
            assertThat(polls).isLessThan(MOST_POLLS);
            assertThat(publishAndPoll(WAIT)).isEqualTo(1);
        }
        publisher.publish(ByteBuffer.allocate(BYTES));
        assertThat(subscriber.poll(view -> {}, 1, WAIT)).isEqualTo(1);
        assertThat(backoff.owed).as("paid").isFalse();
        assertThat(poll(Duration.ofNanos(1))).isZero();
        assertThat(backoff.owed).as("what was found before was not found here").isFalse();
    }

    /** It does not know what else there is. */
    @Test
    void shouldNotStayAwayWhereTheLimitEndsACall() {
        for (int polls = 0; polls < 100_000; polls++) {
            publisher.publish(ByteBuffer.allocate(BYTES));
            assertThat(subscriber.poll(view -> {}, 1, WAIT)).isEqualTo(1);
            assertThat(backoff.owed).isFalse();
        }
    }
}
