package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.sim.Words;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thread that the publish lock favours: its claims and batches go its own way, as its publishes do. */
class FavouredClaimTest {
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    private static final String AS_FEW = "3 loads, 6 stores, 0 swaps, 0 of the lock's word";

    /** Counts what it does to shared memory. */
    private static final class Counting extends Participant {
        private int loads;
        private int stores;
        private int swaps;
        private int ofTheWord;

        @Override
        protected long load(Words words, long at, int size) {
            loads++;
            return super.load(words, at, size);
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            stores++;
            if (isTheWord(words, at)) ofTheWord++;
            super.store(words, at, size, value, release);
        }

        @Override
        protected boolean swap(Words words, long at, int size, long expected, long value) {
            swaps++;
            if (isTheWord(words, at)) ofTheWord++;
            return super.swap(words, at, size, expected, value);
        }

        private static boolean isTheWord(Words words, long at) {
            return !words.isRing() && at == SegmentHeader.PUBLISH_LOCK;
        }

        String accesses(Runnable work) {
            loads = stores = swaps = ofTheWord = 0;
            work.run();
            return loads + " loads, " + stores + " stores, " + swaps + " swaps, " + ofTheWord + " of the lock's word";
        }
    }

    private final Counting process = new Counting();
    private final ByteBuffer body = ByteBuffer.allocateDirect(8);
    private Publisher publisher;

    @BeforeEach
    void open() {
        process.favour();
        MessageQueue queue = process.open("favoured-" + ProcessHandle.current().pid(), CONFIG, 4);
        publisher = queue.createPublisher();
        publish(); // and is favoured from now on
    }

    @AfterEach
    void close() {
        process.closeQueues();
    }

    private void publish() {
        publisher.publish(body.clear());
    }

    private void claim() {
        try (Claim claim = publisher.claim(8)) {
            claim.putLong(0, 7);
            claim.commit();
        }
    }

    private void batch() {
        try (Batch batch = publisher.batch(64)) {
            batch.add(body.clear());
            batch.commit();
        }
    }

    @Test
    void shouldWriteNoLockWordWhenItsThreadIsFavoured() {
        assertThat(process.accesses(this::publish)).isEqualTo(AS_FEW);
        assertThat(process.accesses(this::claim)).isEqualTo(AS_FEW);
        assertThat(process.accesses(this::batch)).isEqualTo(AS_FEW);
        assertThat(process.accesses(() -> publisher.claim(8).close()))
                .isEqualTo("2 loads, 2 stores, 0 swaps, 0 of the lock's word");
    }

    /** Each of them counts for it, and none of those that commit nothing. */
    @Test
    void shouldMakeItsThreadFavouredWhenItCommits() {
        Counting other = new Counting();
        other.favour();
        try (Publisher second = other.open("favoured-" + ProcessHandle.current().pid(), CONFIG, 4)
                .createPublisher()) {
            second.claim(8).close();
            assertThat(other.accesses(() -> second.claim(8).close())).endsWith(" 2 of the lock's word");
            second.claim(8).commit();
            assertThat(other.accesses(() -> second.claim(8).close())).endsWith(" 0 of the lock's word");
        } finally {
            other.closeQueues();
        }
    }
}
