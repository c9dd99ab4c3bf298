package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class MemSubscriberTest extends MemTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    private static SubscriberOptions.Builder options() {
        return SubscriberOptions.builder();
    }

    private static SubscriberOptions slow(SlowSubscriber policy) {
        return options().slowSubscriber(policy).build();
    }

    private static SubscriberOptions.Builder audit() {
        return options().name("audit").ackMode(AckMode.CLIENT);
    }

    // ---- start

    @Test
    void shouldStartWhereAsked() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 40; i++) publisher.publish(body()); // 7 to 40 are retained
        Subscriber present = queue.createSubscriber(StartAt.at(9));
        assertThat(present.position()).isEqualTo(8);
        assertThat(present.lag()).isEqualTo(32);
        assertThat(present.receive(NOW).position()).isEqualTo(9);
        Subscriber early = queue.createSubscriber(StartAt.at(2));
        assertThat(early.lostCount()).isEqualTo(5);
        assertThat(early.receive(NOW).position()).isEqualTo(7);
        assertThat(queue.createSubscriber(StartAt.OLDEST_RETAINED).receive(NOW).position())
                .isEqualTo(7);
        assertThat(queue.createSubscriber(StartAt.at(41)).receive(NOW)).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.createSubscriber(StartAt.at(42)))
                .withMessage("position must be <= 41 (newest of '" + uri + "' plus 1), was 42");
    }

    // ---- slow

    @Test
    void shouldJumpAndCountWhenOverrun() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(slow(SlowSubscriber.OVERRUN));
        publisher.publish("first");
        subscriber.receive(NOW);
        for (int i = 0; i < 100; i++) publisher.publish(body());
        int received = 1;
        while (subscriber.receiveNoWait() != null) received++;
        assertThat(received).isEqualTo(1 + FIXED_HOLDS);
        assertThat(received + subscriber.lostCount()).isEqualTo(101);
    }

    @Test
    void shouldNotCountAsLostWhatAnOverrunReaderHasSeen() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(options()
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .ackMode(AckMode.CLIENT)
                .build());
        for (int i = 0; i < 40; i++) {
            publisher.publish(body());
            subscriber.receive(NOW);
        }
        subscriber.recover();
        assertThat(subscriber.receive(NOW).position()).isEqualTo(7);
        assertThat(subscriber.lostCount()).isZero();
    }

    @Test
    void shouldEndOnlyTheOneThatDisconnects() {
        MessageQueue queue = open("capacity=4k&maxCapacity=8k");
        Publisher publisher = queue.createPublisher();
        Subscriber good = queue.createSubscriber();
        Subscriber bad = queue.createSubscriber(slow(SlowSubscriber.DISCONNECT));
        assertThat(fill(publisher)).as("it gates while the ring can grow").isEqualTo(2 * FIXED_HOLDS);
        assertThat(bad.receive(NOW)).as("the gating one held it for both").isNotNull();
        good.poll(m -> {}, 10);
        publisher.publish(body());
        assertThat(bad.receive(NOW).position()).isEqualTo(2);
        for (int i = 0; i < 2; i++) publisher.publish(body());
        for (int i = 0; i < 2; i++)
            assertThatThrownBy(bad::receiveNoWait)
                    .isInstanceOf(SubscriberDisconnectedException.class)
                    .hasMessage("Anonymous subscriber of '" + uri + "' was disconnected at position 2, lag 69: "
                            + "the queue was full (8 KiB) and could not grow. Subscribe again, read faster, or "
                            + "create the queue with a larger maxCapacity.");
        assertThat(good.receive(NOW).position()).isEqualTo(11);
    }

    @Test
    void shouldKeepANamedOneEndedUntilUnsubscribed() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        SubscriberOptions options =
                audit().slowSubscriber(SlowSubscriber.DISCONNECT).build();
        Subscriber ended = queue.createSubscriber(options);
        publisher.publish("x");
        ended.receive(NOW);
        for (int i = 0; i < 2 * FIXED_HOLDS; i++) publisher.publish(body());
        assertThatThrownBy(() -> ended.acknowledge(1)).isInstanceOf(SubscriberDisconnectedException.class);
        assertThatThrownBy(() -> queue.unsubscribe("audit")).isInstanceOf(InUseException.class);
        ended.close();
        assertThatThrownBy(() -> queue.createSubscriber(options))
                .isInstanceOf(SubscriberDisconnectedException.class)
                .hasMessageContaining("unsubscribe(\"audit\")");
        assertThat(queue.unsubscribe("audit")).isTrue();
        assertThat(queue.unsubscribe("audit")).isFalse();
        assertThat(queue.createSubscriber(options).receive(NOW)).isNull();
    }

    @Test
    void shouldEndWhoHoldsLongerThanMaxGateTime() {
        MessageQueue queue = open(FIXED + "&maxGateTime=100ms");
        Publisher publisher = queue.createPublisher();
        Subscriber stuck = queue.createSubscriber();
        Subscriber alsoStuck = queue.createSubscriber();
        fill(publisher);
        long start = System.nanoTime();
        publisher.publish(body());
        assertThat(System.nanoTime() - start).isGreaterThan(80_000_000L);
        for (Subscriber s : new Subscriber[] {stuck, alsoStuck})
            assertThatThrownBy(s::receiveNoWait)
                    .isInstanceOf(SubscriberDisconnectedException.class)
                    .hasMessageContaining("longer than maxGateTime (100 ms)");
    }

    @Test
    void shouldMeasureMaxGateTimeAcrossCallsAndAnewAfterEachMove() throws Exception {
        MessageQueue queue = open(FIXED + "&maxGateTime=400ms");
        Publisher publisher = queue.createPublisher();
        Subscriber slow = queue.createSubscriber();
        fill(publisher);
        for (int i = 0; i < 4; i++) { // 800 ms in all, but it moves
            Thread.sleep(200);
            slow.receive(NOW);
            fill(publisher);
        }
        assertThat(slow.receive(NOW)).isNotNull();
        fill(publisher);
        Patience.until("there is room", () -> publisher.offer(body(), NOW) != Publisher.REJECTED); // never waits itself
        assertThatThrownBy(slow::receiveNoWait).isInstanceOf(SubscriberDisconnectedException.class);
    }

    @Test
    void shouldRefuseToGateWhereTheOwnerForbids() {
        MessageQueue queue = open("allowGating=false");
        assertThatIllegalArgumentException()
                .isThrownBy(queue::createSubscriber)
                .withMessage("'" + uri + "' was created with allowGating=false: slowSubscriber must be OVERRUN or "
                        + "DISCONNECT, was GATE_PUBLISHER");
        queue.createSubscriber(slow(SlowSubscriber.DISCONNECT));
        queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        assertThat(queue.stats().subscribers()).hasSize(2);
    }

    @Test
    void shouldFreeTheSlotByReadingInNoneMode() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber =
                queue.createSubscriber(options().ackMode(AckMode.NONE).build());
        fill(publisher);
        subscriber.receive(NOW);
        assertThat(fill(publisher)).isEqualTo(1);
        subscriber.poll(m -> {}, 5);
        assertThat(fill(publisher)).isEqualTo(5);
        assertThat(publisher.awaitAcknowledged(1, 1, NOW)).isFalse();
    }

    // ---- named

    @Test
    void shouldContinueAfterTheLastAcknowledged() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber first = queue.createSubscriber(audit().build());
        assertThatThrownBy(() -> queue.createSubscriber(audit().build()))
                .isInstanceOf(InUseException.class)
                .hasMessageMatching(
                        "Subscription 'audit' is attached by pid [0-9]+ \\(this process, since [0-9:]+\\)\\. .+");
        for (int i = 0; i < 4; i++) publisher.publish("m");
        for (int i = 0; i < 3; i++) first.receive(NOW);
        first.acknowledge(1);
        first.close();
        Subscriber second = queue.createSubscriber(
                audit().startAt(StartAt.NOW).ackMode(AckMode.AUTO).build());
        assertThat(second.position()).isEqualTo(1);
        assertThat(second.lag()).isEqualTo(3);
        Message again = second.receive(NOW);
        assertThat(again.position()).isEqualTo(2);
        assertThat(again.redelivered()).isTrue();
        assertThat(second.receive(NOW).redelivered()).isTrue();
        assertThat(second.receive(NOW).redelivered()).isFalse();
    }

    @Test
    void shouldGateWhileNobodyIsAttachedUntilUnsubscribed() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        queue.createSubscriber(audit().build()).close();
        fill(publisher);
        assertThatThrownBy(() -> queue.createPublisher(dev.belfry.api.PublisherOptions.builder()
                                .timeout(NOW)
                                .build())
                        .publish("x"))
                .hasMessageContaining("waiting for 'audit' (no process attached, lag 34");
        assertThat(queue.unsubscribe("audit")).isTrue();
        publisher.publish("x");
    }

    @Test
    void shouldJumpWhenAPassedOneIsAttachedWithAnotherPolicy() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        queue.createSubscriber(audit().slowSubscriber(SlowSubscriber.OVERRUN).build())
                .close();
        for (int i = 0; i < 40; i++) publisher.publish(body());
        Subscriber gating = queue.createSubscriber(audit().build());
        assertThat(gating.lostCount()).isEqualTo(6);
        assertThat(publisher.offer(body(), NOW)).isEqualTo(Publisher.REJECTED);
        assertThat(gating.receive(NOW).position()).isEqualTo(7);
    }

    @Test
    void shouldJumpAsItIsAttachedWhenWhatItHadNotAcknowledgedIsGone() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        SubscriberOptions options =
                audit().slowSubscriber(SlowSubscriber.OVERRUN).build();
        Subscriber first = queue.createSubscriber(options);
        for (int i = 0; i < 10; i++) publisher.publish(body());
        for (int i = 0; i < 10; i++) first.receive(NOW);
        first.acknowledge(1);
        first.close();
        for (int i = 10; i < 40; i++)
            publisher.publish(body()); // 7 is the oldest: between acknowledged and handed over
        Subscriber second = queue.createSubscriber(options);
        assertThat(second.position()).isEqualTo(6);
        assertThat(queue.stats().subscribers().get(0).acknowledgedPosition()).isEqualTo(6);
        assertThat(second.lostCount()).as("all up to 10 were handed over").isZero();
        assertThat(second.receive(NOW).redelivered()).isTrue();
    }

    // ---- awaitAcknowledged

    @Test
    void shouldCountThoseThatBeganInTime() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber early = queue.createSubscriber();
        long position = publisher.publish("x");
        Subscriber late = queue.createSubscriber();
        assertThat(publisher.awaitAcknowledged(position, 1, NOW)).isFalse();
        early.receive(NOW);
        assertThat(publisher.awaitAcknowledged(position, 1, NOW)).isTrue();
        assertThat(publisher.awaitAcknowledged(position, 2, Duration.ofMillis(20)))
                .isFalse();
        early.close();
        late.close();
        assertThat(publisher.awaitAcknowledged(position, 1, NOW))
                .as("gone since")
                .isTrue();
    }

    @Test
    void shouldWaitForAllThatGate() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber one = queue.createSubscriber();
        Subscriber two = queue.createSubscriber();
        queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        publisher.publish("x");
        one.receive(NOW);
        assertThat(publisher.awaitAcknowledged(1, 1, NOW)).isFalse();
        two.receive(NOW);
        assertThat(publisher.awaitAcknowledged(1, 1, NOW)).isTrue();
        assertThat(publisher.awaitAcknowledged(2, 1, NOW))
                .as("not published yet")
                .isFalse();
    }

    @Test
    void shouldNotCountWhoJumpedOverIt() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(slow(SlowSubscriber.OVERRUN));
        for (int i = 0; i < 40; i++) publisher.publish(body());
        while (subscriber.receiveNoWait() != null) {}
        assertThat(publisher.awaitAcknowledged(6, 1, NOW)).isFalse();
        assertThat(publisher.awaitAcknowledged(7, 1, NOW)).isTrue();
    }

    @Test
    void shouldForgetTheFirstLeaversAfterMany() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber leaver = queue.createSubscriber();
        publisher.publish("x");
        leaver.receive(NOW);
        leaver.close();
        for (int i = 0; i < 127; i++) queue.createSubscriber().close();
        assertThat(publisher.awaitAcknowledged(1, 1, NOW)).isTrue();
        queue.createSubscriber().close();
        assertThat(publisher.awaitAcknowledged(1, 1, NOW)).isFalse();
    }

    // ---- waiting

    @Test
    void shouldSleepUntilSomethingChanges() throws Exception {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        Call<Message> message = start(subscriber::receive, "receive");
        Call<Boolean> acknowledged = start(() -> publisher.awaitAcknowledged(1, 1, FOREVER), "acknowledged");
        long messageSleeps = message.sleeps();
        long acknowledgedSleeps = acknowledged.sleeps();
        Thread.sleep(200); // four times what a waiting publisher sleeps
        assertThat(message.sleeps()).isEqualTo(messageSleeps);
        assertThat(acknowledged.sleeps()).isEqualTo(acknowledgedSleeps);
        publisher.publish("x");
        assertThat(message.get().text()).isEqualTo("x");
        assertThat(acknowledged.get()).isTrue();
    }

    @Test
    void shouldNoticeThatASubscriptionNoLongerHoldsUp() throws Exception {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        queue.createSubscriber(audit().build()).close();
        Subscriber other = queue.createSubscriber();
        publisher.publish("x");
        other.receive(NOW);
        Call<Boolean> acknowledged = start(() -> publisher.awaitAcknowledged(1, 1, FOREVER), "acknowledged");
        acknowledged.awaitWaiting();
        queue.createSubscriber(audit().slowSubscriber(SlowSubscriber.OVERRUN).build());
        assertThat(acknowledged.get()).isTrue();
    }

    // ---- views

    @Test
    void shouldHandOutReadOnlyViewsAndOwnCopies() {
        MessageQueue queue = open("");
        Subscriber subscriber = queue.createSubscriber();
        byte[] body = {1, 2};
        queue.createPublisher().publish(body);
        body[0] = 9;
        subscriber.poll(
                m -> {
                    assertThat(m.buffer().isReadOnly()).isTrue();
                    m.buffer().get();
                    assertThat(m.buffer().position()).isZero();
                    m.bytes()[0] = 9;
                    Message copy = m.copy();
                    copy.bytes()[0] = 9;
                    assertThat(copy.bytes()).isSameAs(copy.bytes());
                    assertThat(m.bytes()).containsExactly(1, 2);
                },
                1);
    }
}
