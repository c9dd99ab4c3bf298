package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.AgesTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Of a transport that keeps no word of it: what the handle of the subscriber that stopped still says. */
@Timeout(30)
class StoppedSubscribersTest {
    private static final long FAILS_AT = 3;

    private final StoppedSubscribers stopped = new StoppedSubscribers();
    private final CountDownLatch released = new CountDownLatch(1);

    @Test
    void shouldTellOfOneThatNobodyTookOver() throws InterruptedException {
        stops(AckMode.AUTO, 0);
        assertThat(told(FAILS_AT - 1, false)).isEqualTo(FAILS_AT);
        assertThat(told(FAILS_AT - 1, false)).isEqualTo(FAILS_AT);
    }

    @Test
    void shouldForgetOneThatAProcessTookOver() throws InterruptedException {
        stops(AckMode.AUTO, 0);
        assertThat(told(FAILS_AT - 1, true)).isZero();
        assertThat(told(FAILS_AT - 1, false)).isZero();
    }

    @Test
    void shouldForgetOneThatWasReadOnByAProcessThatHasGone() throws InterruptedException {
        stops(AckMode.AUTO, 0);
        assertThat(told(FAILS_AT, false)).isZero();
    }

    @Test
    void shouldTellOfOneThatHadAcknowledgedWhatItFailedAt() throws InterruptedException {
        stops(AckMode.CLIENT, FAILS_AT);
        assertThat(told(FAILS_AT, false)).isEqualTo(FAILS_AT);
        assertThat(told(FAILS_AT + 1, false)).isZero();
    }

    private void stops(AckMode mode, long acknowledges) throws InterruptedException {
        Reader reader = new Reader(SubscriberOptions.builder()
                .name("audit")
                .ackMode(mode)
                .maxRedeliveries(0)
                .onError(e -> {})
                .build());
        reader.setListener(message -> {
            if (message.position() < FAILS_AT) return;
            if (acknowledges != 0) reader.acknowledge(acknowledges);
            throw new IllegalStateException("trouble");
        });
        released.await();
    }

    /** The position that a reading shows, whose own row has this. */
    private long told(long acknowledged, boolean attached) {
        SubscriberStats row = AgesTest.at(acknowledged, attached, Map.of());
        QueueStats stats = stopped.in(new QueueFigures(null, 1, 9, 0, 0, 0, List.of(row), Map.of(), List.of()));
        return QueueCounter.STOPPED.of(stats.subscribers().get(0));
    }

    private final class Reader extends SubscriberSupport {
        private long position;

        Reader(SubscriberOptions options) {
            super("toys", "toys", options);
        }

        @Override
        protected MessageView next(long deadlineNanos) {
            return new HeapMessage(++position, 0, new byte[0], MessageProperties.empty(), false);
        }

        @Override
        protected void acknowledged(long position) {}

        @Override
        protected void rewind() {}

        @Override
        protected void wake() {}

        @Override
        protected void release() {
            stopped.released(this);
            released.countDown();
        }

        @Override
        public long lag() {
            return 0;
        }

        @Override
        public long lostCount() {
            return 0;
        }
    }
}
