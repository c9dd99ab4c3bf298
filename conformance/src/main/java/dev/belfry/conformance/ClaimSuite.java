package dev.belfry.conformance;

import static dev.belfry.conformance.BatchSuite.assertState;
import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 26: claims: what a commit publishes, what is refused, and what is given up. */
@WaitsForOthers
public abstract class ClaimSuite extends ConformanceSuite {
    protected ClaimSuite() {}

    @Test
    @Tag("CLAIM")
    void b26CommitPublishesTheWholeOrTheFirstBytes() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] body = "0123456789".getBytes();
        try (Claim claim = publisher.claim(10)) {
            ByteBuffer buffer = claim.buffer();
            assertThat(buffer.position()).isZero();
            assertThat(buffer.limit()).isEqualTo(10);
            assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(buffer.isReadOnly()).isFalse();
            buffer.put(body);
            assertPosition(1, claim.commit());
        }
        try (Claim claim = publisher.claim(10)) {
            claim.buffer().put(0, body); // the buffer's position does not matter
            assertPosition(2, claim.commit());
        }
        try (Claim claim = publisher.claim(10)) {
            claim.buffer().put(body);
            assertPosition(3, claim.commit(4));
        }
        try (Claim claim = publisher.claim(10)) {
            assertPosition(4, claim.commit(0));
        }
        try (Claim claim = publisher.claim(0)) {
            assertThat(claim.buffer().hasRemaining()).isFalse();
            assertPosition(5, claim.commit());
        }
        publisher.publish("plain");
        assertThat(texts(subscriber, 6)).containsExactly("0123456789", "0123456789", "0123", "", "", "plain");
    }

    /** A try around it closes it late, when another claim is open. */
    @Test
    @Tag("CLAIM")
    void b26ACommittedOneDoesNothingToTheNext() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (int turn = 0; turn < 3; turn++) {
            Claim second;
            Claim third;
            try (Claim first = publisher.claim(5)) {
                first.copyFrom(0, "first".getBytes(), 0, 5);
                first.commit();
                try (Claim other = publisher.claim(6)) {
                    second = other;
                    assertState(() -> first.putByte(0, (byte) 'x'), first::commit, first::buffer);
                    second.copyFrom(0, "second".getBytes(), 0, 6);
                    second.commit();
                    third = publisher.claim(5);
                    third.copyFrom(0, "third".getBytes(), 0, 5);
                }
                assertState(second::commit);
            }
            third.commit();
            third.close();
        }
        assertThat(texts(subscriber, 9))
                .containsExactly("first", "second", "third", "first", "second", "third", "first", "second", "third");
        assertNothingComes(subscriber);
    }

    /**
     * Numbers that one writes by index, at places without alignment, the other reads, by both byte
     * orders.
     */
    @Test
    @Tag("CLAIM")
    void b26NumbersAreWrittenAndReadByTheirIndex() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] bytes = {9, 8, 7, 6, 5};
        for (int at : List.of(0, 1, 7)) {
            ByteBuffer expected = ByteBuffer.allocate(at + 64);
            try (Claim claim = publisher.claim(at + 64)) {
                assertThat(claim.length()).isEqualTo(at + 64);
                claim.copyFrom(0, expected.array(), 0, at);
                claim.putByte(at, (byte) -2);
                claim.putShort(at + 1, (short) 0x1234);
                claim.putInt(at + 3, 0x12345678);
                claim.putLong(at + 7, 0x123456789abcdef0L);
                claim.putFloat(at + 15, 1.5f);
                claim.putDouble(at + 19, -2.25);
                claim.putShortLE(at + 27, (short) 0x1234);
                claim.putIntLE(at + 29, 0x12345678);
                claim.putLongLE(at + 33, 0x123456789abcdef0L);
                claim.putFloatLE(at + 41, 1.5f);
                claim.putDoubleLE(at + 45, -2.25);
                claim.copyFrom(at + 53, bytes, 1, 4);
                ByteBuffer part = ByteBuffer.wrap(bytes).position(2);
                claim.copyFrom(at + 57, part);
                assertThat(part.hasRemaining()).isFalse();
                claim.copyFrom(at + 60, ByteBuffer.allocateDirect(4).putInt(0, 0x0a0b0c0d));
                claim.commit();
            }
            expected.position(at).put((byte) -2).putShort((short) 0x1234).putInt(0x12345678);
            expected.putLong(0x123456789abcdef0L).putFloat(1.5f).putDouble(-2.25);
            expected.order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0x1234).putInt(0x12345678);
            expected.putLong(0x123456789abcdef0L).putFloat(1.5f).putDouble(-2.25);
            expected.put(bytes, 1, 4).put(bytes, 2, 3).put(new byte[] {10, 11, 12, 13});
            assertThat(subscriber.poll(
                            view -> {
                                assertThat(view.bytes()).isEqualTo(expected.array());
                                SpiSuite.assertReads(view, expected.array());
                            },
                            1,
                            Patience.limit()))
                    .isOne();
        }
    }

    @Test
    @Tag("CLAIM")
    @SuppressWarnings("try")
    void b26BytesOutsideAreRefusedAndAllAfterTheEnd() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] bytes = new byte[20];
        Claim claim = publisher.claim(10);
        for (int bad : List.of(-1, 10, Integer.MIN_VALUE, Integer.MAX_VALUE))
            outside(() -> claim.putByte(bad, (byte) 1));
        for (int bad : List.of(-1, 9, Integer.MAX_VALUE)) outside(() -> claim.putShort(bad, (short) 1));
        for (int bad : List.of(-1, 7, Integer.MAX_VALUE)) outside(() -> claim.putInt(bad, 1));
        for (int bad : List.of(-1, 3, Integer.MAX_VALUE)) outside(() -> claim.putLong(bad, 1));
        outside(() -> claim.copyFrom(1, bytes, 0, 10));
        outside(() -> claim.copyFrom(0, bytes, 19, 2));
        outside(() -> claim.copyFrom(0, bytes, 0, -1));
        ByteBuffer tooLong = ByteBuffer.wrap(bytes);
        outside(() -> claim.copyFrom(0, tooLong));
        assertThat(tooLong.position()).isZero();
        claim.copyFrom(0, "0123456789".getBytes(), 0, 10);
        ByteBuffer head = claim.buffer().limit(2);
        ByteBuffer rest = claim.buffer().position(2);
        assertThat(head.remaining()).isEqualTo(2);
        assertThat(rest.put((byte) 'x').remaining()).isEqualTo(7);
        assertThat(claim.buffer().position()).isZero();
        claim.commit();
        assertThat(claim.length()).isEqualTo(10);
        state(() -> claim.putByte(0, (byte) 1));
        state(() -> claim.putLong(0, 1));
        state(() -> claim.copyFrom(0, bytes, 0, 1));
        state(() -> claim.copyFrom(0, ByteBuffer.wrap(bytes, 0, 1)));
        state(claim::buffer);
        Claim given = publisher.claim(10);
        given.close();
        state(() -> given.putInt(0, 1));
        assertThat(texts(subscriber, 1)).containsExactly("01x3456789");
    }

    private static void outside(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static void state(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Tag("CLAIM")
    void b26ClaimGivenUpLeavesNoHole() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        try (Claim claim = publisher.claim(100)) {
            claim.buffer().put(new byte[100]);
        }
        assertThat(next(subscriber).text()).isEqualTo("before");
        assertNothingComes(subscriber);
        long after = publisher.publish("after");
        assertPosition(2, after);
        assertThat(next(subscriber).text()).isEqualTo("after");
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("CLAIM")
    void b26NothingIsSeenBeforeCommitAndOthersWait() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        CountDownLatch claimed = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Call<Long> claiming = call(() -> {
            try (Claim claim = publisher.claim(5)) {
                claim.buffer().put("first".getBytes());
                claimed.countDown();
                await(goOn);
                return claim.commit();
            }
        });
        await(claimed);
        List<Call<Long>> others =
                List.of(call(() -> publisher.publish("another thread")), call(() -> open().createPublisher()
                        .publish("another handle")));
        others.forEach(Call::untilItWaits);
        assertNothingComes(subscriber);
        others.forEach(o -> o.staysPending(Duration.ofMillis(10)));
        goOn.countDown();
        claiming.result();
        others.forEach(Call::result);
        assertThat(next(subscriber).text()).isEqualTo("first");
        assertThat(texts(subscriber, 2)).containsExactlyInAnyOrder("another thread", "another handle");
    }

    @Test
    @Tag("CLAIM")
    void b26NestedPublishAndClaimAreRefused() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Publisher second = queue.createPublisher();
        try (Claim claim = publisher.claim(5)) {
            for (Publisher nested : List.of(publisher, second)) {
                assertThatThrownBy(() -> nested.claim(1)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> nested.publish("nested")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> nested.offer(bytes(1), Duration.ZERO))
                        .isInstanceOf(IllegalStateException.class);
            }
            claim.buffer().put("outer".getBytes());
            claim.commit();
        }
        second.publish("later");
        assertThat(texts(subscriber, 2)).containsExactly("outer", "later");
    }

    @Test
    @Tag("CLAIM")
    void b26BadLengthsAreRefusedAndHoldNothingUp() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int max = publisher.maxMessageLength();
        assertThatThrownBy(() -> publisher.claim(-1)).isInstanceOf(IllegalArgumentException.class);
        if (max < Integer.MAX_VALUE)
            assertThatThrownBy(() -> publisher.claim(max + 1)).isInstanceOf(MessageTooLargeException.class);
        try (Claim claim = publisher.claim(10)) {
            for (int bad : List.of(-1, 11))
                assertThatThrownBy(() -> claim.commit(bad)).isInstanceOf(IllegalArgumentException.class);
            claim.buffer().put("still open".getBytes());
            claim.commit();
        }
        open().createPublisher().publish("not held up");
        assertThat(texts(subscriber, 2)).containsExactly("still open", "not held up");
    }

    @Test
    @Tag("CLAIM")
    @SuppressWarnings("try")
    void b26CloseAfterCommitOrInAnotherThreadDoesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        try (Claim claim = publisher.claim(4)) {
            run(claim::close).result();
            claim.buffer().put("kept".getBytes());
            claim.commit();
            claim.close();
            claim.close();
        }
        publisher.publish("goes on");
        assertThat(texts(subscriber, 2)).containsExactly("kept", "goes on");
    }

    @Test
    @Tag("CLAIM")
    void b26CloseAfterItsPublisherWasClosedDoesNothing() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher closed = queue.createPublisher();
        Publisher publisher = queue.createPublisher();
        Claim given = closed.claim(4);
        closed.close();
        try (Claim claim = publisher.claim(4)) {
            given.close();
            assertThatThrownBy(given::commit).isInstanceOfAny(IllegalStateException.class, QueueClosedException.class);
            Publisher other = queue.createPublisher();
            assertThat(call(() -> other.offer(ByteBuffer.allocate(4), Duration.ZERO))
                            .result())
                    .as("while it is claimed")
                    .isEqualTo(Publisher.REJECTED);
            claim.buffer().put("kept".getBytes());
            claim.commit();
        }
        assertThat(texts(subscriber, 1)).containsExactly("kept");
    }

    @Test
    @Tag("CLAIM")
    void b26ClaimOfAThreadThatHasEndedIsGivenUp() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        Claim[] kept = new Claim[1];
        run(() -> {
                    kept[0] = publisher.claim(4);
                    kept[0].buffer().put("lost".getBytes());
                })
                .result();
        assertThat(publisher.publish("goes on")).isEqualTo(1);
        assertThat(texts(subscriber, 1)).containsExactly("goes on");
        assertThatThrownBy(kept[0]::commit).isInstanceOf(IllegalStateException.class);
    }

    private void assertPosition(long expected, long position) {
        if (has(Capability.POSITIONS)) assertThat(position).isEqualTo(expected);
    }
}
