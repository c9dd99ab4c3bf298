package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Batch;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.EndOfStack;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class MemBatchTest extends MemTest {
    @Test
    void shouldTakeOfTheQueueWhatItsMessagesTake() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        MessageProperties a = MessageProperties.builder().put("a", 1L).build(); // 14 encoded
        assertThat(publisher.sizeInBatch(0)).isEqualTo(8);
        assertThat(publisher.sizeInBatch(1)).isEqualTo(16);
        assertThat(publisher.sizeInBatch(1, a)).isEqualTo(24);
        try (Batch batch = publisher.batch(4_000)) {
            batch.add(new byte[0]);
            batch.add(new byte[1], a);
            batch.claim(100);
            batch.shorten(1);
            assertThat(queue.stats().counters()).containsEntry("bytes", 0L);
            batch.commit();
        }
        assertThat(queue.stats().counters()).containsEntry("bytes", 48L);
    }

    @Test
    void shouldSayWhatDoesNotFit() {
        Publisher publisher = open("capacity=4k&maxCapacity=16k").createPublisher();
        assertThatThrownBy(() -> publisher.batch(4097))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessage("Batch of 4,097 bytes; limit is 4,096 (a quarter of maxCapacity 16 KiB). "
                        + "Use several batches, or raise maxCapacity when the queue is created.");
        try (Batch batch = publisher.batch(4096)) {
            batch.add(new byte[4000]);
            assertThatIllegalStateException()
                    .isThrownBy(() -> batch.add(body()))
                    .withMessage("The message takes 120 bytes, this batch on '" + uri + "' has 88 of 4,096 left. "
                            + "Commit it and begin another, or begin it with more bytes.");
            assertThatIllegalStateException()
                    .isThrownBy(() -> batch.shorten(1))
                    .withMessage("The last of this batch on '" + uri
                            + "' is no claimed message: only that can be shortened");
            batch.add(new byte[80]);
            assertThat(batch.commit()).isEqualTo(2);
            assertThatIllegalStateException()
                    .isThrownBy(batch::commit)
                    .withMessage("This batch on '" + uri + "' was committed or given up before");
        }
    }

    @Test
    @Slow
    void shouldHaveNoMoreMessagesThanABatchMayHave() {
        MessageQueue queue = open("");
        byte[] none = {};
        try (Batch batch = queue.createPublisher().batch(16 << 20)) {
            while (batch.fits(0)) batch.add(none);
            assertThat(batch.count()).isEqualTo(Batch.MAX_MESSAGES);
            assertThatIllegalStateException()
                    .isThrownBy(() -> batch.add(none))
                    .withMessageContaining(" has 1,048,576 messages; ");
            assertThat(batch.commit()).isEqualTo(Batch.MAX_MESSAGES);
        }
        assertThat(queue.stats().newestPosition()).isEqualTo(Batch.MAX_MESSAGES);
    }

    @Test
    void shouldNotPublishWhatIsWrittenLate() {
        MessageQueue queue = open("");
        Subscriber subscriber = queue.createSubscriber();
        Batch batch = queue.createPublisher().batch(100);
        ByteBuffer kept = batch.claim(5).buffer().put("hello".getBytes());
        batch.commit();
        kept.put(0, (byte) 'j');
        assertThat(subscriber.receive(NOW).text()).isEqualTo("hello");
    }

    @Test
    void shouldRefuseOtherCallsOfItsThreadAndOtherThreads() {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        String me = Thread.currentThread().getName();
        try (Batch batch = publisher.batch(100)) {
            batch.add("x");
            assertThatIllegalStateException()
                    .isThrownBy(() -> open("").createPublisher().claim(1))
                    .withMessage("This thread has an open batch on '" + uri
                            + "': add to it, or commit or close it before it publishes or claims again");
            assertThatThrownBy(() -> start(batch::commit, "thief").get())
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("This batch on '" + uri + "' belongs to thread '" + me + "': only that may use it");
            publisher.close();
            assertThatThrownBy(batch::commit).isInstanceOf(QueueClosedException.class);
        }
        assertThat(queue.createPublisher().publish("x")).isEqualTo(1);
    }

    @Test
    @Slow
    void shouldWarnOfABatchThatIsHeldForLong() throws Exception {
        Publisher publisher = open("").createPublisher();
        String log = logOf(() -> {
            Batch batch = publisher.batch(3);
            start(() -> publisher.offer(body(), Duration.ofMillis(1500)), "other")
                    .get();
            batch.close();
            return null;
        });
        assertThat(log).containsOnlyOnce("WARN").contains("'" + uri + "' is held by a batch of thread '");
    }

    /** A little deeper inside each time, until there is stack enough for all of it. */
    @Test
    @Tag("F16")
    void shouldPublishAllOrNoneWhenItsThreadRunsOutOfStack() throws Exception {
        MessageProperties deep = MessageProperties.builder().put("name", "text").build();
        for (int frames = 0, all = 0; all < 5; frames++) {
            MessageQueue queue = open("");
            Publisher publisher = queue.createPublisher();
            long before = queue.stats().newestPosition();
            EndOfStack.run(
                    frames,
                    () -> {
                        Batch batch = publisher.batch(100_000);
                        for (int i = 0; i < 50; i++) batch.add(new byte[i]);
                        for (int i = 0; i < 50; i++) batch.add("this needs more stack", deep);
                        return batch;
                    },
                    Batch::commit);
            long published = queue.stats().newestPosition() - before;
            assertThat(published).as("%d frames up", frames).isIn(0L, 100L);
            if (published > 0) all++;
            assertThat(publisher.offer(body(), SECONDS)).isEqualTo(before + published + 1);
        }
    }
}
