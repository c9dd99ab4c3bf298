package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 8-10: where a new subscription begins. */
public abstract class StartAndHistorySuite extends ConformanceSuite {
    protected StartAndHistorySuite() {}

    @Test
    void b08NowBeginsAfterWhatWasThereAndMissesNothingLater() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        Subscriber subscriber = queue.createSubscriber();
        Subscriber other = open().createSubscriber(StartAt.NOW);
        publisher.publish("after");
        assertThat(next(subscriber).text()).isEqualTo("after");
        assertThat(next(other).text()).isEqualTo("after");
    }

    @WaitsForOthers
    @Test
    void b08NowMissesNothingWhilePublishersAreBusy() {
        MessageQueue queue = open("capacity=64k&maxCapacity=64k");
        AtomicLong begun = new AtomicLong();
        AtomicLong ended = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        Publisher publisher = queue.createPublisher();
        Call<Void> busy = run(() -> {
            while (!stop.get()) {
                publisher.publish(Long.toString(begun.incrementAndGet()));
                ended.incrementAndGet();
            }
        });
        for (int i = 0; i < (LONG ? 5_000 : 100); i++) {
            long endedBefore = ended.get();
            try (Subscriber subscriber = queue.createSubscriber()) {
                long beginsLater = begun.get() + 1;
                long first = Long.parseLong(next(subscriber).text());
                assertThat(first).isGreaterThan(endedBefore).isLessThanOrEqualTo(beginsLater);
                for (int k = 1; k < 20; k++) assertThat(next(subscriber).text()).isEqualTo(Long.toString(first + k));
            }
        }
        stop.set(true);
        busy.result();
    }

    @Test
    @Tag("HISTORY")
    void b09OldestRetainedGetsTheWholeHistory() {
        MessageQueue queue = open();
        List<String> sent = publish(queue.createPublisher(), "message ", 200);
        assertThat(texts(oldest(queue), 200)).isEqualTo(sent);
        assertThat(texts(oldest(open()), 200)).isEqualTo(sent);
    }

    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    void b09OldestRetainedIsAContiguousSuffixOnceOldOnesAreOverwritten() {
        MessageQueue queue = open(SMALL);
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        long oldest = queue.stats().oldestPosition();
        Subscriber subscriber = oldest(queue);
        List<Message> messages = drain(subscriber);
        assertThat(messages.get(0).position()).isEqualTo(oldest);
        assertThat(messages).hasSizeGreaterThan(10);
        assertSuffix(messages, many());
        assertThat(subscriber.lostCount()).isZero();
    }

    @WaitsForOthers
    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    void b09OldestRetainedIsContiguousWhilePublishersOverwrite() {
        MessageQueue queue = open(SMALL);
        AtomicBoolean stop = new AtomicBoolean();
        Publisher publisher = queue.createPublisher();
        Call<Void> busy = run(() -> {
            for (long i = 1; !stop.get(); i++) publisher.publish("message " + i);
        });
        for (int i = 0; i < (LONG ? 2_000 : 50); i++)
            try (Subscriber subscriber = oldest(queue)) {
                Message first = next(subscriber);
                long position = first.position();
                assertThat(first.text()).isEqualTo("message " + position);
                for (int k = 0; k < 200; k++) {
                    Message message = next(subscriber);
                    assertThat(message.position()).isEqualTo(++position);
                    assertThat(message.text()).isEqualTo("message " + position);
                }
                assertThat(subscriber.lostCount()).isZero();
            }
        stop.set(true);
        busy.result();
    }

    @Test
    @Tag("HISTORY")
    void b09HistorySurvivesGrowthForABigMessage() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Publisher publisher = queue.createPublisher();
        List<String> sent = publish(publisher, "small ", 20);
        publisher.publish("x".repeat(30_000));
        publisher.publish("last");
        Subscriber subscriber = oldest(queue);
        assertThat(texts(subscriber, 20)).isEqualTo(sent);
        assertThat(next(subscriber).text()).hasSize(30_000);
        assertThat(next(subscriber).text()).isEqualTo("last");
    }

    @Test
    @Tag("HISTORY")
    @Tag("GATING")
    void b09HistorySurvivesGrowthByBackPressure() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Subscriber gating = queue.createSubscriber();
        List<String> sent = publish(queue.createPublisher(), "message ", 2_000);
        assertThat(texts(oldest(queue), 2_000)).isEqualTo(sent);
        assertThat(texts(gating, 2_000)).isEqualTo(sent);
    }

    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    void b10AtBeginsThere() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 100);
        for (long p : List.of(1L, 2L, 57L, 100L)) {
            Subscriber subscriber = queue.createSubscriber(StartAt.at(p));
            assertThat(subscriber.position()).isEqualTo(p - 1);
            assertThat(subscriber.lag()).isEqualTo(100 - (p - 1));
            Message first = next(subscriber);
            assertThat(first.position()).isEqualTo(p);
            assertThat(first.text()).isEqualTo("message " + p);
            assertThat(subscriber.lostCount()).isZero();
        }
        Subscriber end = queue.createSubscriber(StartAt.at(101));
        assertNothingComes(end);
        publisher.publish("message 101");
        assertThat(next(end).position()).isEqualTo(101);
    }

    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    void b10AtTooOldBeginsAtTheOldestAndCountsTheGap() {
        MessageQueue queue = open(SMALL);
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        long oldest = queue.stats().oldestPosition();
        assertThat(oldest).isGreaterThan(10);
        Subscriber subscriber = queue.createSubscriber(StartAt.at(5));
        assertThat(next(subscriber).position()).isEqualTo(oldest);
        assertThat(subscriber.lostCount()).isEqualTo(oldest - 5);
        assertSuffix(drain(subscriber), many());
        assertThat(subscriber.lostCount()).isEqualTo(oldest - 5);
    }

    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    void b10AtInTheFutureIsRefused() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        assertThatThrownBy(() -> queue.createSubscriber(StartAt.at(2))).isInstanceOf(IllegalArgumentException.class);
        Subscriber first = queue.createSubscriber(StartAt.at(1));
        publish(publisher, "message ", 10);
        assertThat(next(first).position()).isOne();
        assertThatThrownBy(() -> queue.createSubscriber(StartAt.at(12))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.createSubscriber(StartAt.at(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StartAt.at(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.stats().subscribers()).hasSize(1);
    }

    private static void assertSuffix(List<Message> messages, long last) {
        assertThat(messages.stream().map(Message::position).toList())
                .isEqualTo(LongStream.rangeClosed(last - messages.size() + 1, last)
                        .boxed()
                        .toList());
        for (Message m : messages) assertThat(m.text()).isEqualTo("message " + m.position());
    }
}
