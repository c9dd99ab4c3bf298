package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Publishers, their claims and batches. See {@link Behaviours}. */
final class PublishBehaviours extends Behaviours {
    void publishAfterAnothersGrowth() {
        String growing = "?capacity=4k&maxCapacity=64k&deleteOnLastClose=true";
        Publisher first = open(growing).createPublisher();
        Publisher second = open(growing).createPublisher();
        Subscriber reader = open(growing).createSubscriber(StartAt.OLDEST_RETAINED);
        first.publish(body(100));
        second.publish(body(8000));
        first.publish(body(100));
        for (int length : new int[] {100, 8000, 100})
            assertThat(reader.receive(soon).bytes()).hasSize(length);
    }

    /** A thread that is favoured does not refresh what it knows of the log's end. */
    void publishAsTheFavouredAfterGrowth() {
        Participant process = new Participant();
        process.favour();
        MessageQueue queue = process.open(
                name,
                QueueConfig.builder()
                        .capacity(4096)
                        .maxCapacity(1 << 16)
                        .deleteOnLastClose(true)
                        .build(),
                8);
        opened.push(process::closeQueues);
        Subscriber reader = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int[] lengths = {100, 8000, 100, 3000, 14_000, 100};
        for (int length : lengths) publisher.publish(body(length));
        for (int length : lengths) assertThat(reader.receive(soon).bytes()).hasSize(length);
    }

    void disconnectGatesWhileItGrows() {
        String growing = "?capacity=4k&maxCapacity=64k&deleteOnLastClose=true";
        MessageQueue queue = open(growing);
        Subscriber slow = queue.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.DISCONNECT)
                .build());
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 20; i++) publisher.publish(body(1000));
        for (int i = 0; i < 20; i++) assertThat(slow.receive(soon).position()).isEqualTo(i + 1);
    }

    void exclusiveIsRefusedAtOnce() {
        Publisher exclusive = open(FIXED)
                .createPublisher(PublisherOptions.builder().exclusive(true).build());
        assertThatThrownBy(() -> open(FIXED).createPublisher()).isInstanceOf(InUseException.class);
        exclusive.close();
    }

    void claimInAClaim() {
        Publisher first = open(FIXED).createPublisher();
        Publisher second = open(FIXED)
                .createPublisher(PublisherOptions.builder().timeout(soon).build());
        try (Claim claim = first.claim(8)) {
            assertThat(claim.buffer().remaining()).isEqualTo(8);
            assertThatThrownBy(() -> second.publish("nested")).isInstanceOf(IllegalStateException.class);
        }
    }

    void maxGateTimeCountsAcrossCalls() {
        MessageQueue queue = open(FIXED + "&maxGateTime=50ms");
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 500);
        Patience.until("there is room", soon, () -> publisher.offer(body(500), Duration.ZERO) != Publisher.REJECTED);
    }

    void publisherCloseLeavesReaders() {
        MessageQueue queue = open(FIXED);
        Subscriber reader = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("still there");
        publisher.close();
        assertThat(reader.receive(soon).text()).isEqualTo("still there");
    }

    /**
     * A claim that its publisher's close has given up is nobody's any more: to close it again
     * leaves the lock to its present owner.
     */
    void claimOfAClosedPublisher() {
        Publisher closed = open(FIXED).createPublisher();
        Publisher holder = open(FIXED).createPublisher();
        Publisher other = open(FIXED).createPublisher();
        Claim given = closed.claim(8);
        closed.close();
        CompletableFuture<Void> held = new CompletableFuture<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletableFuture<Long> position = start(() -> {
            try (Claim claim = holder.claim(8)) {
                held.complete(null);
                done.join();
                return claim.commit();
            }
        });
        held.join();
        given.close();
        assertThat(other.offer(body(8), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        assertThatThrownBy(given::commit).isInstanceOfAny(IllegalStateException.class, QueueClosedException.class);
        assertThat(other.offer(body(8), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        done.complete(null);
        assertThat(position.join()).isEqualTo(1);
        assertThat(other.publish(body(8))).isEqualTo(2);
    }

    void commitAfterItsPublisherIsClosed() {
        Publisher closed = open(FIXED).createPublisher();
        Publisher holder = open(FIXED).createPublisher();
        Claim given = closed.claim(8);
        closed.close();
        Claim claim = holder.claim(8);
        run(() -> assertThatThrownBy(given::commit).isInstanceOf(IllegalStateException.class))
                .join();
        assertThatThrownBy(given::commit).isInstanceOf(QueueClosedException.class);
        Publisher other = open(FIXED).createPublisher();
        assertThat(start(() -> other.offer(body(8), Duration.ZERO)).join()).isEqualTo(Publisher.REJECTED);
        assertThat(claim.commit()).isEqualTo(1);
    }

    /** The publisher has one batch object: who committed it holds the same one that another thread fills by now. */
    void batchThatIsAnothersByNow() {
        Publisher publisher = open(FIXED).createPublisher();
        Batch before = publisher.batch(100);
        before.add(body(8));
        assertThat(before.commit()).isEqualTo(1);
        assertThatThrownBy(() -> before.add(body(8))).isInstanceOf(IllegalStateException.class);
        before.close(); // so that it is used again
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> refused = new CompletableFuture<>();
        CompletableFuture<Long> position = start(() -> {
            Batch batch = publisher.batch(100);
            begun.complete(null);
            refused.join();
            batch.add(body(8));
            return batch.commit();
        });
        begun.join();
        assertThatThrownBy(() -> before.add(body(8))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(before::commit).isInstanceOf(IllegalStateException.class);
        before.close();
        refused.complete(null);
        assertThat(position.join()).isEqualTo(2);
    }

    /** Each closes its claim after the commit, when it is the other's already. */
    void claimsOfTwoThreads() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (int t = 0; t < 2; t++)
            both.add(run(() -> {
                for (int i = 0; i < 20_000; i++)
                    try (Claim claim = publisher.claim(8)) {
                        claim.commit();
                        if (i % 16 == 0) LockSupport.parkNanos(50_000); // so that the other is at some step of its own
                    }
            }));
        both.forEach(CompletableFuture::join);
        assertThat(queue.stats().newestPosition()).isEqualTo(40_000);
    }

    /** A writer died after the first word of its batch; readers have read all of it. That is no damage. */
    void batchOfADeadWriterThatWasRead() {
        MessageQueue queue = open(new Participant());
        Subscriber subscriber = queue.createSubscriber();
        SegmentHeader header = handle(queue).segment.header;
        long tail = header.tailAcquire();
        try (Batch batch = queue.createPublisher().batch(1000)) {
            for (int i = 0; i < 10; i++) batch.add(body(8));
            batch.commit();
        }
        header.countRelease(0); // as before the batch
        header.tailRelease(tail);
        for (int i = 0; i < 10; i++) assertThat(subscriber.receive(soon)).isNotNull();
        assertThat(damage()).isEmpty();
    }
}
