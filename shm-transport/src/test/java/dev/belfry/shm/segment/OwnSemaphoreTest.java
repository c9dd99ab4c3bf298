package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.sync.OnInterrupt;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a subscriber sleeps on, and what it does when somebody breaks it. */
@Timeout(60)
class OwnSemaphoreTest {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name = "bed-" + ProcessHandle.current().pid();
    private final String semaphoreName = "belfry.test." + name;
    private MessageQueue queue;
    private NamedSemaphore semaphore;
    private OwnSemaphore bed;

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    @BeforeEach
    void open() {
        queue = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true");
        semaphore = NamedSemaphore.create(RealLibC.load(), semaphoreName, 0600, -1);
        bed = own();
    }

    private OwnSemaphore own() {
        return handle(queue).semaphores.own(semaphore, () -> {}, handle(queue)::lookForName);
    }

    @AfterEach
    void close() {
        semaphore.close();
        NamedSemaphore.unlink(RealLibC.load(), semaphoreName);
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
        OwnSemaphore another = own();
        assertThat(another.take(SHORT)).isFalse();
        assertThat(log.text().split("semaphore is damaged")).hasSize(3);
    }

    private OwnSemaphore hasty() {
        return hasty(new AtomicInteger());
    }

    /** Its waits are over at once, and counted. */
    private OwnSemaphore hasty(AtomicInteger sleeps) {
        LibC real = RealLibC.load();
        LibC hasty = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("sem_clockwait")) {
                        sleeps.incrementAndGet();
                        new Pointer((Long) args[2]).clear(16);
                    }
                    return method.invoke(real, args);
                });
        semaphore.close();
        semaphore = NamedSemaphore.open(hasty, semaphoreName, null);
        return own();
    }

    /** Nothing comes: perhaps nobody finds us any more. */
    @Test
    void shouldAskEachSecondWhetherTheQueueHasItsName() throws Exception {
        OwnSemaphore hasty = hasty();
        Files.delete(Path.of("/dev/shm/belfry." + name));
        for (int tenths = 0; tenths < 9; tenths++)
            assertThat(hasty.take(TimeUnit.MILLISECONDS.toNanos(100))).isFalse();
        assertThat(log.text()).doesNotContain("its name was removed");
        assertThat(hasty.take(TimeUnit.MILLISECONDS.toNanos(100))).isFalse();
        assertThat(log.text()).contains(name + ": its name was removed");
    }

    /** Slices of a second are most of an idle subscriber's cost. */
    @Test
    void shouldMakeAFewSystemCallsInAQuietMinute() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger sleeps = new AtomicInteger();
        hasty(sleeps);
        OwnSemaphore hasty = handle(queue).semaphores.own(semaphore, () -> {}, asked::incrementAndGet);
        for (int second = 0; second < 60; second++)
            assertThat(hasty.take(TimeUnit.SECONDS.toNanos(1))).isFalse();
        assertThat(sleeps).as("sem_clockwait").hasValue(60);
        assertThat(asked).as("statx").hasValue(6);
    }

    /** Nothing would end a long slice of it. */
    @Test
    void shouldSleepOnlyShortlyWithoutASemaphore() throws Exception {
        AtomicInteger inVain = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        OwnSemaphore another = handle(queue).semaphores.own(semaphore, inVain::incrementAndGet, asked::incrementAndGet);
        cutShort();
        assertThat(another.tryTake()).isFalse();
        Thread.currentThread().interrupt(); // each slice is over at once
        while (asked.get() == 0)
            assertThat(another.take(TimeUnit.HOURS.toNanos(1))).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(inVain).as("slices in a second").hasValue(10);
    }

    /** In its first sleep, or in the second one: see {@link OnInterrupt}. */
    private static boolean isWoken(OwnSemaphore bed) {
        return bed.take(TimeUnit.SECONDS.toNanos(10)) || bed.take(TimeUnit.HOURS.toNanos(1));
    }

    /** Native code may report a fault by any exception, which is nothing to the thread that interrupts. */
    @Test
    void shouldThrowNothingToTheThreadThatInterrupts() throws Exception {
        LibC real = RealLibC.load();
        AtomicInteger posts = new AtomicInteger();
        LibC faulty = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("sem_post") && posts.incrementAndGet() == 1)
                        throw new NullPointerException("a late fault");
                    return method.invoke(real, args);
                });
        semaphore.close();
        semaphore = NamedSemaphore.open(faulty, semaphoreName, null);
        OwnSemaphore another = own();
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        Thread sleeper = new Thread(() -> taken.complete(isWoken(another)));
        sleeper.start();
        sleeper.interrupt(); // before or while it sleeps
        Patience.until("the fault", () -> posts.get() > 0);
        another.wake();
        assertThat(taken).succeedsWithin(Patience.limit()).isEqualTo(true);
        sleeper.join();
    }

    @Test
    void shouldTakeAnInterruptForAPostWhileItSleepsLong() throws Exception {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        Thread sleeper = new Thread(() -> taken.complete(isWoken(bed)));
        sleeper.start();
        sleeper.interrupt(); // before or while it sleeps
        assertThat(taken).succeedsWithin(Patience.limit()).isEqualTo(true);
        sleeper.join();
    }
}
