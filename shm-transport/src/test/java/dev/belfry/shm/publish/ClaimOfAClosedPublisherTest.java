package dev.belfry.shm.publish;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing but its thread may end a claim, though its publisher was closed and nothing of the
 * program reaches either.
 */
@Tag("F79")
@Timeout(120)
@WaitsForOthers
@Slow
class ClaimOfAClosedPublisherTest {
    private final String uri =
            "shm:closed-claim-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true&capacity=64k";

    @Test
    void shouldBeGivenUpWhenItsThreadEnds() throws Exception {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            CountDownLatch mayEnd = new CountDownLatch(1);
            long began = System.nanoTime();
            Thread claimant = closeWithAClaim(queue, mayEnd);
            long waited = System.nanoTime() - began;
            for (int i = 0; i < 3; i++) queue.createPublisher().close();
            assertThat(System.nanoTime() - began - waited)
                    .as("others do not wait for that claim")
                    .isLessThan(waited);
            System.gc(); // of publisher and claim the program has nothing any more
            mayEnd.countDown();
            claimant.join();
            Publisher next = queue.createPublisher(
                    PublisherOptions.builder().timeout(Patience.limit()).build());
            assertThat(next.publish("goes on")).isEqualTo(1);
        }
    }

    /** An error that ended a publish in the middle is to be found, though its publisher is closed meanwhile. */
    @Test
    void shouldStillAbandonAHandleThatWasLeftInTheMiddle() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Publisher closed = queue.createPublisher();
            handle(queue).repairOwedBy = Thread.currentThread();
            closed.close();
            Patience.until("the handle is given up", handle(queue)::isPoisoned);
        }
        MessageQueues.delete(uri); // a handle that was given up leaves the name for others
    }

    private static Thread closeWithAClaim(MessageQueue queue, CountDownLatch mayEnd) throws Exception {
        AtomicReference<Publisher> publisher = new AtomicReference<>(queue.createPublisher());
        CountDownLatch claimed = new CountDownLatch(1);
        Thread claimant = new Thread(() -> {
            claimAndForget(publisher.get());
            claimed.countDown();
            await(mayEnd);
        });
        claimant.start();
        claimed.await();
        publisher.getAndSet(null).close(); // which waits for the claim in vain
        return claimant;
    }

    private static void claimAndForget(Publisher publisher) {
        publisher.claim(8).buffer().putLong(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
