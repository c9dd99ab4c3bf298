package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Batch;
import dev.belfry.api.Capability;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.WritableBody;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 51-53: several messages that become visible together, or not at all. */
@WaitsForOthers
@Tag("BATCH")
public abstract class BatchSuite extends ConformanceSuite {
    private static final int BODY = 100;

    protected BatchSuite() {}

    static PublisherOptions timeout(Duration timeout) {
        return PublisherOptions.builder().timeout(timeout).build();
    }

    private void assertPosition(long expected, long actual) {
        if (has(Capability.POSITIONS)) assertThat(actual).as("position").isEqualTo(expected);
    }

    static void assertState(ThrowingCallable... calls) {
        for (ThrowingCallable call : calls) assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
    }

    // ---- 51: all at once

    @Test
    void b51MessagesAreSeenInOrderAsTheyWereAdded() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        assertPosition(1, publisher.publish("before"));
        try (Batch batch = publisher.batch(4_000)) {
            batch.add("text");
            ByteBuffer part = ByteBuffer.wrap("a part".getBytes()).position(2);
            batch.add(part);
            assertThat(part.hasRemaining()).isFalse();
            batch.add(ByteBuffer.allocateDirect(3).put("dir".getBytes()).flip().asReadOnlyBuffer());
            batch.add(new byte[0]);
            WritableBody claimed = batch.claim(7);
            assertThat(claimed.length()).isEqualTo(7);
            ByteBuffer whole = claimed.buffer();
            assertThat(whole.position()).isZero();
            assertThat(whole.limit()).isEqualTo(7);
            assertThat(whole.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            whole.put("CLAIMED".getBytes());
            claimed.copyFrom(0, "claimed".getBytes(), 0, 7);
            claimed = batch.claim(10);
            claimed.copyFrom(0, ByteBuffer.wrap("shortened!".getBytes()));
            WritableBody shortened = claimed;
            batch.shorten(5);
            assertThat(shortened.length()).isEqualTo(5);
            assertThat(shortened.buffer().capacity()).isEqualTo(5);
            assertThatThrownBy(() -> shortened.putByte(5, (byte) 'X')).isInstanceOf(IndexOutOfBoundsException.class);
            batch.add("last");
            assertState(() -> shortened.putByte(0, (byte) 'X'), () -> shortened.putLong(0, 1), shortened::buffer);
            assertThat(batch.count()).isEqualTo(7);
            assertPosition(8, batch.commit());
        }
        assertPosition(9, publisher.publish("after"));
        List<Message> messages = next(subscriber, 9);
        assertThat(messages)
                .extracting(Message::text)
                .containsExactly("before", "text", "part", "dir", "", "claimed", "short", "last", "after");
        for (int i = 0; i < 9; i++) assertPosition(i + 1, messages.get(i).position());
    }

    @Test
    @Tag("PROPERTIES")
    void b51EachMessageHasItsOwnProperties() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        try (Batch batch = queue.createPublisher().batch(4_000)) {
            for (int i = 0; i < 5; i++) {
                MessageProperties own = MessageProperties.builder().put("i", i).build();
                batch.add("body " + i, i % 2 == 0 ? own : MessageProperties.empty());
            }
            batch.commit();
        }
        for (int i = 0; i < 5; i++) {
            Message message = next(subscriber);
            assertThat(message.text()).isEqualTo("body " + i);
            assertThat(message.properties().getInt("i", -1)).isEqualTo(i % 2 == 0 ? i : -1);
        }
    }

    @Test
    void b51NothingIsSeenBeforeCommitAndOthersWait() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        CountDownLatch added = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Call<Long> batching = call(() -> {
            try (Batch batch = publisher.batch(4_000)) {
                batch.add("first");
                batch.add("second");
                added.countDown();
                goOn.await();
                return batch.commit();
            }
        });
        Patience.until("two are added", () -> added.getCount() == 0);
        Call<Long> other = call(() -> open().createPublisher().publish("other")).untilItWaits();
        assertThat(publisher.tryBatch(100, Duration.ZERO)).isNull();
        assertNothingComes(subscriber);
        if (has(Capability.POSITIONS)) assertThat(subscriber.lag()).isZero();
        other.staysPending(Duration.ofMillis(10));
        goOn.countDown();
        batching.result();
        other.result();
        assertThat(texts(subscriber, 3)).containsExactly("first", "second", "other");
    }

    /** A reader that has the first can have all the others without waiting. */
    @Test
    void b51CommitShowsAllOfItAtOnce() {
        MessageQueue queue = open("capacity=64k&maxCapacity=1m");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        int batches = LONG ? 20_000 : 500;
        Call<Void> publishing = run(() -> {
            for (int i = 0; i < batches; i++)
                try (Batch batch = publisher.batch(4_000)) {
                    for (int k = 0; k < i % 20 + 2; k++) batch.add(i + "." + k);
                    batch.commit();
                }
        });
        for (int i = 0; i < batches; i++) {
            assertThat(next(subscriber).text()).isEqualTo(i + ".0");
            for (int k = 1; k < i % 20 + 2; k++) {
                Message message = subscriber.receiveNoWait();
                assertThat(message).as("message %d of batch %d, at once", k, i).isNotNull();
                assertThat(message.text()).isEqualTo(i + "." + k);
            }
        }
        publishing.result();
    }

    @Test
    void b51AllCarryTheTimeAtWhichItBegan() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        long before = System.currentTimeMillis();
        try (Batch batch = queue.createPublisher(
                        PublisherOptions.builder().timestamps(true).build())
                .batch(4_000)) {
            long began = System.currentTimeMillis();
            for (int i = 0; i < 3; i++) {
                batch.add("timely");
                long now = System.currentTimeMillis();
                Patience.until("the clock goes on", () -> System.currentTimeMillis() > now);
            }
            batch.commit();
            assertThat(next(subscriber, 3))
                    .allSatisfy(m -> assertThat(m.timestampMillis()).isBetween(before, began));
        }
    }

    // ---- 52: or nothing

    @Test
    void b52BatchGivenUpLeavesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        try (Batch batch = publisher.batch(4_000)) {
            batch.add("never");
            batch.claim(10).buffer().put(new byte[10]);
            batch.add("seen");
        }
        assertThatThrownBy(() -> {
                    try (Batch batch = publisher.batch(4_000)) {
                        batch.add("never");
                        throw new UnsupportedOperationException("the user's own");
                    }
                })
                .isInstanceOf(UnsupportedOperationException.class);
        try (Batch empty = publisher.batch(0)) {
            assertPosition(1, empty.commit());
        }
        assertThat(next(subscriber).text()).isEqualTo("before");
        assertNothingComes(subscriber);
        Publisher other = open().createPublisher(timeout(Patience.limit()));
        assertPosition(2, call(() -> other.publish("after")).result());
        assertThat(next(subscriber).text()).isEqualTo("after");
        assertNothingComes(subscriber);
    }

    @Test
    @SuppressWarnings("try")
    void b52CloseAfterCommitOrInAnotherThreadDoesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        try (Batch batch = publisher.batch(4_000)) {
            batch.add("kept");
            run(batch::close).result();
            batch.add("too");
            batch.commit();
            batch.close();
            batch.close();
        }
        publisher.publish("goes on");
        assertThat(texts(subscriber, 3)).containsExactly("kept", "too", "goes on");
    }

    @Test
    @Tag("F81")
    void b52BatchOfAThreadThatHasEndedIsGivenUp() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        Batch[] kept = new Batch[1];
        run(() -> {
                    kept[0] = publisher.batch(4_000);
                    kept[0].add("lost");
                })
                .result();
        assertPosition(1, publisher.publish("goes on"));
        assertThat(texts(subscriber, 1)).containsExactly("goes on");
        assertState(() -> kept[0].add("late"), kept[0]::commit);
    }

    @Test
    void b52BatchOfAClosedPublisherIsGivenUp() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher closed = queue.createPublisher();
        Batch given = closed.batch(4_000);
        given.add("lost");
        closed.close();
        try (Batch batch = queue.createPublisher().batch(4_000)) {
            given.close(); // it holds nothing any more
            assertThatThrownBy(given::commit).isInstanceOfAny(IllegalStateException.class, QueueClosedException.class);
            Publisher other = queue.createPublisher();
            assertThat(call(() -> other.offer(bytes(4), Duration.ZERO)).result())
                    .isEqualTo(Publisher.REJECTED);
            batch.add("kept");
            batch.commit();
        }
        assertThat(texts(subscriber, 1)).containsExactly("kept");
        assertNothingComes(subscriber);
    }

    // ---- 53: its room

    @Test
    void b53SizesAddUpAndABatchThatIsFullStaysUsable() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int size = publisher.sizeInBatch(BODY);
        assertThat(size).isBetween(BODY, 2 * BODY);
        if (has(Capability.PROPERTIES))
            assertThat(publisher.sizeInBatch(
                            BODY,
                            MessageProperties.builder()
                                    .put("name", "x".repeat(BODY))
                                    .build()))
                    .isGreaterThan(2 * BODY);
        try (Batch batch = publisher.batch(3 * size)) {
            for (int i = 0; i < 3; i++) {
                assertThat(batch.fits(BODY)).isTrue();
                batch.add(bytes(BODY));
            }
            assertThat(batch.fits(BODY)).isFalse();
            ByteBuffer body = bytes(BODY);
            assertState(() -> batch.add(body), () -> batch.claim(BODY), () -> batch.claim(Integer.MAX_VALUE));
            assertThat(body.position()).isZero();
            assertThat(batch.count()).isEqualTo(3);
            batch.commit();
        }
        try (Batch batch = publisher.batch(2 * size - 1)) {
            batch.claim(BODY).buffer().put(new byte[BODY]);
            assertThat(batch.fits(BODY)).isFalse();
            batch.shorten(BODY / 2);
            assertThat(batch.fits(BODY)).isTrue();
            batch.add(bytes(BODY));
            batch.commit();
        }
        assertThat(next(subscriber, 5)).extracting(m -> m.bytes().length).containsExactly(100, 100, 100, 50, 100);
    }

    @Test
    void b53BatchMayHaveAQuarterForWhichTheQueueGrowsAtOnce() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        int most = Math.min(publisher.maxMessageLength(), 1 << 16);
        for (int round = 0, serial = 0, read = 0; round < 20; round++) {
            try (Batch batch = publisher.batch(most)) {
                for (; batch.fits(700); serial++) batch.add(new Payload(0, serial).bytes(serial % 650));
                assertThat(batch.count()).isGreaterThanOrEqualTo(most / publisher.sizeInBatch(700));
                batch.commit();
            }
            for (; read < serial - 50; read++)
                assertThat(Payload.of(next(subscriber).bytes()).serial()).isEqualTo(read);
        }
    }

    @Test
    @Tag("GATING")
    void b53WaitsForTheRoomOfAllOfIt() throws Exception {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, BODY);
        int bytes = 5 * publisher.sizeInBatch(BODY);
        assertThat(publisher.tryBatch(bytes, Duration.ZERO)).isNull();
        assertThat(nanosOf(() -> assertThat(publisher.tryBatch(bytes, SHORT)).isNull()))
                .isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThatThrownBy(() -> queue.createPublisher(timeout(SHORT)).batch(bytes))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith("'" + plainUri() + "' is full (");
        Call<Batch> interrupted =
                call(() -> publisher.tryBatch(bytes, LONG_TIME)).untilItWaits();
        interrupted.interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedQueueException.class);
        Call<Long> waiting = call(() -> {
            try (Batch batch = publisher.batch(bytes)) {
                while (batch.fits(BODY)) batch.add(bytes(BODY));
                assertThat(batch.count()).isEqualTo(5);
                return batch.commit();
            }
        });
        next(subscriber, 4);
        waiting.untilItWaits().staysPending(SHORT);
        next(subscriber);
        waiting.result();
        assertThat(drain(subscriber)).hasSize(taken);
    }
}
