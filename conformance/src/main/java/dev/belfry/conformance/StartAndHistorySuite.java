package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Instant;
import java.util.ArrayList;
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

    /** Whatever their order is: what comes first is told by the messages themselves. */
    @Test
    @Tag("HISTORY_BY_TIME")
    @Tag("POSITIONS")
    void b10TimeBeginsAtTheFirstMessageThatIsNotBeforeIt() {
        MessageQueue queue = open();
        publishDated(queue, 4, 3);
        List<Message> all = drain(oldest(queue));
        assertThat(all).hasSize(12);
        for (Message each : all)
            for (int millis = -1; millis <= 1; millis++)
                for (int nanos : List.of(0, 999_999)) {
                    Instant time = Instant.ofEpochMilli(each.timestampMillis() + millis)
                            .plusNanos(nanos);
                    Subscriber subscriber = queue.createSubscriber(StartAt.time(time));
                    Message first = firstFrom(time, all);
                    assertThat(subscriber.position())
                            .as("%s of %s", time, each.timestampMillis())
                            .isEqualTo(first == null ? 12 : first.position() - 1);
                    if (first != null) assertThat(next(subscriber).text()).isEqualTo(first.text());
                    assertThat(subscriber.lostCount()).isZero();
                    subscriber.close();
                }
    }

    /** Messages in groups, the clock moves on between them. */
    static void publishDated(MessageQueue queue, int groups, int each) {
        try (Publisher publisher = queue.createPublisher(dated())) {
            for (int group = 1; group <= groups; group++) {
                publish(publisher, "of group " + group + ": ", each);
                long now = System.currentTimeMillis();
                Patience.until("the clock moves", () -> System.currentTimeMillis() > now + 1);
            }
        }
    }

    static PublisherOptions dated() {
        return PublisherOptions.builder().timestamps(true).build();
    }

    static Message firstFrom(Instant time, List<Message> all) {
        return all.stream()
                .filter(m -> m.timestampMillis() >= time.toEpochMilli())
                .findFirst()
                .orElse(null);
    }

    @Test
    @Tag("HISTORY_BY_TIME")
    void b10TimeThatNoMessageHasReachedWaitsForTheNextOne() {
        for (int messages : List.of(0, 5)) {
            nextQueue();
            MessageQueue queue = open();
            Publisher publisher = queue.createPublisher(dated());
            publish(publisher, "before ", messages);
            List<Subscriber> waiting = new ArrayList<>();
            for (Instant time : List.of(Instant.now().plusSeconds(3600), Instant.MAX))
                waiting.add(queue.createSubscriber(StartAt.time(time)));
            if (messages == 0) waiting.add(queue.createSubscriber(StartAt.time(Instant.MIN)));
            for (Subscriber each : waiting) assertThat(each.receiveNoWait()).isNull();
            publisher.publish("the next one");
            for (Subscriber each : waiting) {
                assertThat(next(each).text()).isEqualTo("the next one");
                assertThat(each.lostCount()).isZero();
            }
        }
    }

    @Test
    @Tag("HISTORY_BY_TIME")
    @Tag("POSITIONS")
    void b10TimeBeforeAllBeginsAtTheOldestAndNothingIsLost() {
        MessageQueue queue = open(SMALL);
        publish(queue.createPublisher(dated()), "message ", many());
        overwritten();
        long oldest = queue.stats().oldestPosition();
        assertThat(oldest).isGreaterThan(10);
        for (Instant time : List.of(Instant.EPOCH, Instant.MIN)) {
            Subscriber subscriber = queue.createSubscriber(StartAt.time(time));
            assertThat(subscriber.position()).isEqualTo(oldest - 1);
            assertSuffix(drain(subscriber), many());
            assertThat(subscriber.lostCount()).isZero();
        }
    }

    @Test
    @Tag("HISTORY_BY_TIME")
    @Tag("POSITIONS")
    void b10TimeIsRefusedWhereAMessageBeforeItHasNone() {
        if (fixture().findsUndated()) return;
        MessageQueue queue = open();
        publishDated(queue, 1, 2);
        queue.createPublisher().publish("undated");
        publishDated(queue, 1, 2);
        List<Message> all = drain(queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED)));
        int subscribers = queue.stats().subscribers().size();
        Instant first = Instant.ofEpochMilli(all.get(0).timestampMillis());
        for (Instant time : List.of(Instant.ofEpochMilli(all.get(3).timestampMillis()), Instant.MAX))
            for (SubscriberOptions.Builder reader : List.of(options(), options().ackMode(AckMode.NONE)))
                assertThatThrownBy(() -> queue.createSubscriber(
                                reader.startAt(StartAt.time(time)).build()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("Message 3 of '")
                        .hasMessageContaining("' has no timestamp, so " + StartAt.time(time) + " cannot be found")
                        .hasMessageContaining("Set timestamps in PublisherOptions");
        assertThat(queue.stats().subscribers()).hasSize(subscribers);
        assertThat(texts(queue.createSubscriber(StartAt.time(first)), 3))
                .as("one after that place need not have one")
                .containsExactly("of group 1: 1", "of group 1: 2", "undated");
    }

    /** A walk that is passed meanwhile begins again. */
    @WaitsForOthers
    @Test
    @Tag("HISTORY_BY_TIME")
    @Tag("POSITIONS")
    void b10TimeIsFoundWhilePublishersOverwrite() {
        MessageQueue queue = open(SMALL);
        AtomicBoolean stop = new AtomicBoolean();
        Publisher publisher = queue.createPublisher(dated());
        Call<Void> busy = run(() -> {
            for (long i = 1; !stop.get(); i++) publisher.publish("message " + i);
        });
        for (int i = 0; i < (LONG ? 2_000 : 50); i++) {
            Instant time = i % 2 == 0 ? Instant.EPOCH : Instant.now();
            try (Subscriber subscriber = queue.createSubscriber(StartAt.time(time))) {
                long position = subscriber.position();
                for (int k = 0; k < 50; k++) {
                    Message message = next(subscriber);
                    assertThat(message.position()).isEqualTo(++position);
                    assertThat(message.text()).isEqualTo("message " + position);
                }
                assertThat(subscriber.lostCount()).isZero();
            }
        }
        stop.set(true);
        busy.result();
    }

    private static void assertSuffix(List<Message> messages, long last) {
        assertThat(messages.stream().map(Message::position).toList())
                .isEqualTo(LongStream.rangeClosed(last - messages.size() + 1, last)
                        .boxed()
                        .toList());
        for (Message m : messages) assertThat(m.text()).isEqualTo("message " + m.position());
    }
}
