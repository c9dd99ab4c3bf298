package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InUseException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One at a time, among processes and among the threads of one; and a wait can be interrupted, or cannot. */
@Timeout(60)
@WaitsForOthers
class AdminLockTest {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(30);

    private final String uri = "shm:admin-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
    private MessageQueue queue;
    private MessageQueue elsewhere;
    private AdminLock ours;
    private AdminLock theirs;

    @BeforeEach
    void open() {
        queue = MessageQueues.open(uri);
        elsewhere = MessageQueues.open(uri);
        ours = handle(queue).admin;
        theirs = handle(elsewhere).admin;
    }

    @AfterEach
    void close() {
        elsewhere.close();
        queue.close();
    }

    /** By another thread: threads of one handle would hold the byte together. */
    private static boolean isFree(AdminLock admin) throws InterruptedException {
        AtomicBoolean taken = new AtomicBoolean();
        Thread thread = new Thread(() -> {
            if (!Inside.tryTakeUninterrupted(admin, SHORT)) return;
            taken.set(true);
            admin.giveBack();
        });
        thread.start();
        thread.join();
        return taken.get();
    }

    @Test
    void shouldSayWhoHasItAndUntilWhen() {
        handle(queue).segment.header.adminPid(0);
        long before = System.nanoTime();
        long deadline = ours.take();
        long after = System.nanoTime();
        assertThat(handle(queue).segment.header.adminPid())
                .isEqualTo((int) ProcessHandle.current().pid());
        assertThat(deadline).isBetween(before + AdminLock.WAIT_NANOS, after + AdminLock.WAIT_NANOS);
        ours.giveBack();
    }

    @Test
    void shouldKeepOtherProcessesOutForAsLongAsTheyWait() throws Exception {
        ours.take();
        long began = System.nanoTime();
        assertThat(Inside.tryTakeUninterrupted(theirs, SHORT)).isFalse();
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(SHORT);
        assertThat(isFree(theirs)).isFalse();
        ours.giveBack();
        assertThat(isFree(theirs)).isTrue();
        assertThat(isFree(ours)).isTrue();
    }

    @Test
    void shouldKeepOtherThreadsOut() throws Exception {
        assertThat(Inside.tryTakeUninterrupted(ours, SHORT)).isTrue();
        assertThat(isFree(ours)).isFalse();
        assertThat(isFree(theirs)).isFalse();
        ours.giveBack();
        assertThat(isFree(ours)).isTrue();
        assertThat(isFree(theirs)).isTrue();
    }

    @Test
    void shouldTakeItAsSoonAsItIsFree() throws Exception {
        ours.take();
        AtomicBoolean given = new AtomicBoolean();
        Thread other = new Thread(() -> {
            theirs.take();
            given.set(true);
            theirs.giveBack();
        });
        other.start();
        while (other.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        assertThat(given).isFalse();
        ours.giveBack();
        other.join();
        assertThat(given).isTrue();
        assertThat(isFree(ours)).isTrue();
    }

    @Test
    void shouldNotWaitForWhoWasInterruptedAndForgetNothing() throws Exception {
        theirs.take();
        Thread.currentThread().interrupt();
        assertThatThrownBy(ours::take).isInstanceOf(InterruptedQueueException.class);
        assertThat(Thread.interrupted()).as("still set").isTrue();
        theirs.giveBack();
        assertThat(isFree(ours)).as("it gave up its place").isTrue();
    }

    @Test
    void shouldCloseThoughInterrupted() {
        Thread.currentThread().interrupt();
        boolean taken = Inside.tryTakeUninterrupted(ours, SHORT);
        assertThat(Thread.interrupted()).as("still set").isTrue();
        assertThat(taken).isTrue();
        ours.giveBack();
        assertThat(Inside.tryTakeUninterrupted(ours, SHORT)).isTrue();
        assertThat(Thread.interrupted()).as("it never was").isFalse();
        ours.giveBack();
    }

    @Test
    void shouldGiveUpWhenInterruptedWhileItWaitsForAnotherThread() throws Exception {
        ours.take();
        AtomicBoolean stillSet = new AtomicBoolean();
        AtomicBoolean taken = new AtomicBoolean(true);
        Thread closer = new Thread(() -> {
            taken.set(Inside.tryTakeUninterrupted(ours, TimeUnit.SECONDS.toNanos(50)));
            stillSet.set(Thread.interrupted());
        });
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        closer.interrupt();
        closer.join();
        assertThat(taken).isFalse();
        assertThat(stillSet).isTrue();
        ours.giveBack();
        assertThat(isFree(ours)).isTrue();
    }

    /** Ten seconds: no step takes so long, unless its process is stopped. */
    @Test
    @Slow
    void shouldSayWhomItWaitedForInVainAndForgetNothing() throws Exception {
        theirs.take();
        long began = System.nanoTime();
        assertThatThrownBy(ours::take)
                .isInstanceOf(InUseException.class)
                .hasMessage("pid " + ProcessHandle.current().pid() + " has held the administrative lock of '"
                        + uri.replaceAll("\\?.*", "")
                        + "' for 10 s. Is it stopped? Continue or kill it then, and try again.");
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(AdminLock.WAIT_NANOS);
        theirs.giveBack();
        assertThat(isFree(ours)).as("it gave up its place").isTrue();
    }
}
