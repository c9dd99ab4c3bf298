package dev.belfry.shm.receive;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.sim.Words;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A subscriber that finds nothing gives the processor away for a moment before it sleeps, but only in a stream. */
@Timeout(600)
@WaitsForOthers
class YieldsInAStreamTest {
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(65536)
            .maxCapacity(65536)
            .deleteOnLastClose(true)
            .build();

    /** Of its word, by a reader that does not spin: by next, on falling asleep, and after the announcement. */
    private static final int LOOKS_BEFORE_SLEEP = 3;

    private final String name = "yields-" + ProcessHandle.current().pid();
    private final Participant others = new Participant();
    private int looks = -1;

    private final Participant reading = new Participant() {
        @Override
        protected long load(Words words, long at, int size) {
            if (words.isRing() && looks >= 0 && ++looks == LOOKS_BEFORE_SLEEP + 1) publisher.publish("one more");
            return super.load(words, at, size);
        }
    };

    private final MessageQueue queue = open(reading);
    private final Subscriber subscriber = queue.createSubscriber();
    private final Publisher publisher = open(others).createPublisher();

    private MessageQueue open(Participant process) {
        return process.open(name, CONFIG, 8);
    }

    @AfterEach
    void close() {
        for (Participant process : new Participant[] {reading, others}) {
            process.closeQueues();
            process.bury();
        }
    }

    /** Waits in vain, after which it sleeps without spinning; unless the machine let one of them begin late. */
    private void learnNotToSpin() {
        for (int i = 0; i < 12; i++)
            assertThat(subscriber.receive(Duration.ofMillis(1))).isNull();
    }

    private long sleepsAfter(int messages) {
        learnNotToSpin();
        for (int i = 0; i < messages; i++) publisher.publish("message " + i);
        assertThat(subscriber.poll(view -> {}, messages + 1)).isEqualTo(messages);
        long before = handle(queue).segment.slots.sleeps(0);
        looks = 0;
        assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("one more");
        looks = -1;
        return handle(queue).segment.slots.sleeps(0) - before;
    }

    @Test
    void shouldLookOnForAMomentInAStream() {
        for (int i = 0; i < 5; i++) assertThat(sleepsAfter(40)).isZero();
    }

    @Test
    void shouldSleepAtOnceWhereMessagesAreRare() {
        Patience.until("it has slept", () -> sleepsAfter(20) == 1);
    }
}
