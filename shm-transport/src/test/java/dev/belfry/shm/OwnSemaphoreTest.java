package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.NativeLibC;
import dev.belfry.shm.segment.SlotSemaphores;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a subscriber sleeps on, and what it does when somebody breaks it. */
@Timeout(60)
class OwnSemaphoreTest {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SLICES_PER_LOOK = 10;

    private final String name = "bed-" + ProcessHandle.current().pid();
    private final String semaphoreName = "belfry.test." + name;
    private ShmQueue queue;
    private NamedSemaphore semaphore;
    private SlotSemaphores.Own bed;

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    @BeforeEach
    void open() {
        queue = (ShmQueue) MessageQueues.open("shm:" + name + "?deleteOnLastClose=true");
        semaphore = NamedSemaphore.create(NativeLibC.load(), semaphoreName, 0600, -1);
        bed = own();
    }

    private SlotSemaphores.Own own() {
        return queue.handle().semaphores.own(semaphore, () -> {}, queue.handle()::lookForName);
    }

    @AfterEach
    void close() {
        semaphore.close();
        NamedSemaphore.unlink(NativeLibC.load(), semaphoreName);
        queue.close();
    }

    private void cutShort() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile("/dev/shm/sem." + semaphoreName, "rw")) {
            file.setLength(0);
        }
    }

    @Test
    void shouldSleepUntilSomebodyPosts() {
        assertThat(bed.take(SHORT)).isFalse();
        bed.wake();
        bed.wake();
        assertThat(bed.take(TimeUnit.SECONDS.toNanos(30))).isTrue();
        assertThat(bed.take(0)).isTrue();
        assertThat(bed.take(0)).isFalse();
    }

    @Test
    void shouldTakeWhatIsOwed() {
        assertThat(bed.tryTake()).isFalse();
        bed.wake();
        assertThat(bed.tryTake()).isTrue();
        assertThat(bed.tryTake()).isFalse();
    }

    @Test
    void shouldGoOnWithoutASemaphoreThatWasCutShort() throws Exception {
        cutShort();
        assertThat(bed.tryTake()).isFalse();
        assertThat(log.text()).contains(name + ": a subscriber's semaphore is damaged, it checks by itself: ");
        String once = log.text();
        bed.wake();
        assertThat(bed.tryTake()).isFalse();
        assertThat(bed.take(SHORT)).isFalse();
        assertThat(log.text()).isEqualTo(once);
    }

    @Test
    void shouldNoticeDamageWhereverItIsMetFirst() throws Exception {
        cutShort();
        bed.wake();
        assertThat(log.text()).contains("semaphore is damaged");
        SlotSemaphores.Own another = own();
        assertThat(another.take(SHORT)).isFalse();
        assertThat(log.text().split("semaphore is damaged")).hasSize(3);
    }

    /** Nothing comes: perhaps nobody finds us any more. */
    @Test
    void shouldAskAfterSomeSlicesWhetherTheQueueHasItsName() throws Exception {
        Files.delete(Path.of("/dev/shm/belfry." + name));
        for (int rehearsal = 0; rehearsal < 2 * SLICES_PER_LOOK; rehearsal++)
            assertThat(bed.take(0)).isFalse();
        for (int slice = 1; slice < SLICES_PER_LOOK; slice++)
            assertThat(bed.take(SHORT)).isFalse();
        assertThat(log.text()).doesNotContain("its name was removed");
        assertThat(bed.take(SHORT)).isFalse();
        assertThat(log.text()).contains(name + ": its name was removed");
    }
}
