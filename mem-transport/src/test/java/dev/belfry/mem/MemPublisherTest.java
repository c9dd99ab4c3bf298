package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Waiting;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class MemPublisherTest extends MemTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final PublisherOptions EXCLUSIVE =
            PublisherOptions.builder().exclusive(true).build();

    private static PublisherOptions timeout(Duration timeout) {
        return PublisherOptions.builder().timeout(timeout).build();
    }

    // ---- length and space

    @Test
    void shouldCountHeaderPropertiesAndPadding() {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        publisher.publish(new byte[0]);
        assertThat(queue.stats().counters()).containsEntry("bytes", 8L);
        publisher.publish(new byte[1]);
        assertThat(queue.stats().counters()).containsEntry("bytes", 24L);
        publisher.publish(
                ByteBuffer.allocate(1), MessageProperties.builder().put("a", 1L).build()); // 14 encoded
        assertThat(queue.stats().counters()).containsEntry("bytes", 48L);
    }

    /** A text for each record that is dropped, which nobody reads, would be over this. */
    @Test
    void shouldAllocateLittleThoughEachPublishDropsARecord() {
        Publisher publisher = open("capacity=4k&maxCapacity=4k").createPublisher();
        byte[] body = new byte[100];
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = allocated();
            for (int i = 0; i < 1000; i++) publisher.publish(body);
            least = Math.min(least, allocated() - before);
        }
        assertThat(least / 1000).isLessThan(700);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void shouldRefuseMoreThanAQuarter() {
        Publisher publisher = open("capacity=4k&maxCapacity=16k").createPublisher();
        assertThat(publisher.maxMessageLength()).isEqualTo(4096);
        publisher.publish(new byte[4096]);
        ByteBuffer body = ByteBuffer.allocate(4090);
        MessageProperties properties = MessageProperties.builder().put("a", 1L).build();
        assertThatThrownBy(() -> publisher.publish(body, properties))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessage("Message of 4,104 bytes; limit is 4,096 (a quarter of maxCapacity 16 KiB, body and "
                        + "properties). Raise maxCapacity when the queue is created.");
        assertThat(body.position()).isZero();
        assertThatThrownBy(() -> publisher.claim(4097)).isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(() -> publisher.offer(ByteBuffer.allocate(4097), NOW))
                .isInstanceOf(MessageTooLargeException.class);
    }

    @Test
    void shouldGrowForAMessageThatDoesNotFitAndKeepHistory() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        publisher.publish("first");
        publisher.publish(new byte[4090]);
        assertThat(queue.stats().capacity()).isEqualTo(8192);
        assertThat(queue.stats().oldestPosition()).isEqualTo(1);
    }

    @Test
    void shouldNotGrowWhenNobodyNeedsTheOldest() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 1000; i++) publisher.publish(body());
        assertThat(queue.stats().capacity()).isEqualTo(4096);
        assertThat(queue.stats().oldestPosition()).isEqualTo(1000 - FIXED_HOLDS + 1);
    }

    @Test
    void shouldGrowForAReaderThatHoldsTheFullRing() {
        MessageQueue queue = open("capacity=4k&maxCapacity=16k");
        Subscriber subscriber = queue.createSubscriber();
        assertThat(fill(queue.createPublisher())).isEqualTo((16_384 - 16) / 120);
        assertThat(queue.stats().capacity()).isEqualTo(16_384);
        assertThat(queue.stats().counters()).containsEntry("grows", 2L);
        assertThat(subscriber.receive(NOW).position()).isEqualTo(1);
    }

    @Test
    void shouldSayWhoHoldsTheQueue() throws Exception {
        MessageQueue queue = fixed();
        queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        Publisher publisher = queue.createPublisher(timeout(NOW));
        fill(publisher);
        ByteBuffer body = body();
        assertThatThrownBy(() -> publisher.publish(body))
                .isInstanceOf(QueueFullException.class)
                .hasMessageMatching("'" + uri + "' is full \\(4 KiB\\): waiting for 'audit' \\(pid " + PID
                        + ", lag 34, parked [0-9]+ m?s\\)\\. .+");
        assertThat(body.position()).isZero();
        String log = logOf(() -> publisher.offer(body(), Duration.ofMillis(1200)));
        assertThat(log).contains("WARN").contains("'" + uri + "' is full (4 KiB): waiting for 'audit'");
    }

    @Test
    void shouldRefuseToWaitWhenInterruptedButPublishWhenItNeedNot() {
        MessageQueue queue = fixed();
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Thread.currentThread().interrupt();
        fill(publisher);
        ByteBuffer body = body();
        assertThatThrownBy(() -> publisher.publish(body))
                .isInstanceOf(InterruptedQueueException.class)
                .hasMessageStartingWith("Interrupted while waiting for space in '" + uri + "'");
        assertThat(body.position()).isZero();
        assertThatThrownBy(() -> publisher.awaitAcknowledged(1, 1, SECONDS))
                .isInstanceOf(InterruptedQueueException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(queue.stats().newestPosition()).isEqualTo(FIXED_HOLDS);
    }

    @Test
    void shouldThrowWhenClosedWhileItWaits() throws Exception {
        MessageQueue queue = fixed();
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher);
        Call<Long> publish = start(() -> publisher.publish(body()), "publish");
        Call<Boolean> await = start(() -> publisher.awaitAcknowledged(1, 1, SECONDS), "await");
        publish.awaitWaiting();
        await.awaitWaiting();
        publisher.close();
        assertThatThrownBy(publish::get).hasCauseInstanceOf(QueueClosedException.class);
        assertThat(await.get()).isFalse();
        assertThatThrownBy(() -> publisher.awaitAcknowledged(1, 1, NOW)).isInstanceOf(QueueClosedException.class);
    }

    @Test
    void shouldStampOnlyWhenAsked() {
        MessageQueue queue = open("");
        Subscriber subscriber = queue.createSubscriber();
        queue.createPublisher().publish("plain");
        long before = System.currentTimeMillis();
        queue.createPublisher(PublisherOptions.builder().timestamps(true).build())
                .publish("stamped");
        assertThat(subscriber.receive(NOW).timestampMillis()).isZero();
        assertThat(subscriber.receive(NOW).timestampMillis()).isBetween(before, System.currentTimeMillis());
    }

    // ---- exclusive

    @Test
    void shouldBeAloneWhenExclusive() {
        MessageQueue queue = open("");
        Publisher shared = queue.createPublisher();
        assertThatThrownBy(() -> queue.createPublisher(EXCLUSIVE))
                .isInstanceOf(InUseException.class)
                .hasMessage("'" + uri + "' has a publisher: pid " + PID
                        + " (this process). Close it first, or ask for a shared one.");
        shared.close();
        Publisher exclusive = queue.createPublisher(EXCLUSIVE);
        assertThatThrownBy(queue::createPublisher)
                .isInstanceOf(InUseException.class)
                .hasMessage(
                        "'" + uri + "' has an exclusive publisher: pid " + PID + " (this process). Close it first.");
        exclusive.close();
        queue.createPublisher().publish("x");
    }

    @Test
    void shouldShowWhoWaitsAndBecauseOfWhom() throws Exception {
        MessageQueue queue = fixed();
        Publisher publisher = queue.createPublisher();
        Subscriber audit =
                queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        fill(publisher);
        assertThat(queue.stats().waiting()).isEmpty();
        CompletableFuture<Long> published = CompletableFuture.supplyAsync(() -> publisher.publish(body()));
        Waiting waiting = awaitWaiting(queue);
        assertThat(waiting.kind()).isEqualTo(Waiting.Kind.ROOM);
        assertThat(waiting.pid()).isEqualTo(PID);
        assertThat(waiting.cause()).isEqualTo(new Waiting.Cause("audit", 0, PID, null, false));
        audit.receive();
        published.join();
        assertThat(queue.stats().waiting()).isEmpty();
        while (audit.receiveNoWait() != null) continue;
        try (Claim claim = open("").createPublisher().claim(8)) {
            MessageQueue other = open("");
            Publisher second = other.createPublisher();
            published = CompletableFuture.supplyAsync(() -> second.publish("x"));
            assertThat(awaitWaiting(other).kind()).isEqualTo(Waiting.Kind.LOCK);
            claim.commit();
        }
        published.join();
    }

    private static Waiting awaitWaiting(MessageQueue queue) {
        Patience.until(
                "a publisher is seen to wait", () -> !queue.stats().waiting().isEmpty());
        return queue.stats().waiting().get(0);
    }

    @Test
    void shouldLetASecondThreadWaitWhenExclusive() throws Exception {
        Publisher exclusive = fixed().createPublisher(EXCLUSIVE);
        Claim claim = exclusive.claim(1);
        Call<Long> waiting = start(() -> exclusive.publish("x"), "second");
        waiting.awaitWaiting();
        assertThat(claim.commit()).isEqualTo(1);
        assertThat(waiting.get()).isEqualTo(2);
    }

    // ---- claim

    @Test
    void shouldPublishWhatWasWrittenIntoAClaim() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        Claim claim = publisher.claim(5);
        ByteBuffer kept = claim.buffer();
        kept.put("hello".getBytes());
        assertThat(claim.commit(4)).isEqualTo(1);
        kept.put(0, (byte) 'j'); // too late, goes nowhere
        assertThat(subscriber.receive(NOW).text()).isEqualTo("hell");
        claim.close();
        assertThatIllegalStateException()
                .isThrownBy(claim::commit)
                .withMessage("This claim on '" + uri + "' was committed or given up before");
        publisher.claim(0).close();
        assertThat(publisher.claim(0).commit()).isEqualTo(2);
    }

    @Test
    void shouldCheckClaimArguments() {
        Publisher publisher = open("").createPublisher();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> publisher.claim(-1))
                .withMessage("length must be >= 0, was -1");
        try (Claim claim = publisher.claim(3)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> claim.commit(4))
                    .withMessage("length must be 0 to 3, was 4");
        }
    }

    @Test
    void shouldRefuseToPublishOrClaimWhileItHoldsAClaim() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Publisher other = open("").createPublisher();
        try (Claim claim = publisher.claim(3)) {
            for (Publisher p : new Publisher[] {publisher, other}) {
                assertThatIllegalStateException().isThrownBy(() -> p.claim(1));
                assertThatIllegalStateException()
                        .isThrownBy(() -> p.offer(body(), NOW))
                        .withMessage("This thread holds an open claim on '" + uri
                                + "': commit or close it before it publishes or claims again");
            }
            assertThat(claim.commit()).isEqualTo(1);
        }
    }

    @Test
    void shouldMakeOthersWaitForAClaim() throws Exception {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Claim claim = publisher.claim(3);
        Call<Long> second = start(() -> publisher.publish("second"), "second");
        assertThat(start(() -> publisher.offer(body(), NOW), "offer").get()).isEqualTo(Publisher.REJECTED);
        Publisher impatient = queue.createPublisher(timeout(Duration.ofMillis(20)));
        assertThatThrownBy(
                        () -> start(() -> impatient.publish("x"), "impatient").get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(QueueFullException.class)
                .hasMessageMatching(
                        "'" + uri + "' is held by publisher pid " + PID + " for [0-9]+ m?s\\. Is it stopped\\? .+");
        assertThatThrownBy(() -> start(claim::commit, "thief").get())
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("only that may use it");
        start(
                        () -> {
                            claim.close();
                            return null;
                        },
                        "elsewhere")
                .get();
        assertThat(second.isDone()).isFalse();
        assertThat(claim.commit()).isEqualTo(1);
        assertThat(second.get()).isEqualTo(2);
    }

    @Test
    @Slow
    void shouldWarnOfAClaimThatIsHeldForLong() throws Exception {
        Publisher publisher = open("").createPublisher();
        String log = logOf(() -> {
            Claim claim = publisher.claim(3);
            Call<Long> other = start(() -> publisher.offer(body(), Duration.ofMillis(1500)), "other");
            other.get();
            claim.close();
            return null;
        });
        assertThat(log)
                .containsOnlyOnce("WARN")
                .contains("'" + uri + "' is held by a claim of thread '"
                        + Thread.currentThread().getName() + "' for 1");
    }

    @Test
    void shouldGiveUpAClaimWhoseThreadHasEnded() throws Exception {
        Publisher publisher = open("").createPublisher();
        Claim claim = start(() -> publisher.claim(3), "gone").get();
        assertThat(publisher.offer(body(), SECONDS)).isEqualTo(1);
        claim.close();
        assertThat(publisher.publish("x")).isEqualTo(2);
    }

    @Test
    void shouldGiveUpTheClaimOfAPublisherThatIsClosed() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Claim claim = publisher.claim(3);
        publisher.close();
        assertThatThrownBy(claim::commit).isInstanceOf(QueueClosedException.class);
        assertThat(queue.createPublisher().publish("x")).isEqualTo(1);
        claim.close();
    }
}
