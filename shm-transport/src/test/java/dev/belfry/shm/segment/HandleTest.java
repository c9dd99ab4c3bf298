package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.attached;
import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.isWatched;
import static dev.belfry.shm.Inside.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.ProgramName;
import dev.belfry.testing.Slow;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a process has of a queue: what it says of others, what becomes of errors, and how it ends. */
@ExtendWith(Quiet.Always.class)
class HandleTest {
    private static final int CHECKS = 20_000;

    private final String name = "handle-" + ProcessHandle.current().pid();
    private final MessageQueue queue = MessageQueues.open("shm:" + name);
    private final MessageQueue neighbour = MessageQueues.open("shm:" + name);
    private final Handle handle = handle(queue);

    @AfterEach
    void close() {
        queue.close();
        neighbour.close();
        MessageQueues.delete("shm:" + name);
    }

    private static PosixException posix(String call, int errno) {
        return PosixException.of(call, "something", errno);
    }

    @Test
    void shouldSayWhoHasAnEntry() {
        long pid = ProcessHandle.current().pid();
        assertThat(handle.describe(handle(neighbour).index))
                .matches("pid " + pid + " \\(" + Pattern.quote(ProgramName.of(pid))
                        + ", since \\d\\d:\\d\\d(:\\d\\d)?\\)");
        int last = handle.segment.handles.count() - 1;
        assertThat(handle.describe(last)).startsWith("pid ");
        for (int none : new int[] {-1, last + 1})
            assertThat(handle.describe(none)).isEqualTo("an unknown process");
    }

    @Test
    void shouldPassOnWhatIsAnsweredAlready() {
        RuntimeException refused = new IllegalArgumentException("limit must be > 0, was 0");
        assertThat(handle.translate(refused)).isSameAs(refused);
        StackOverflowError deep = new StackOverflowError();
        assertThatThrownBy(() -> handle.translate(deep)).isSameAs(deep);
        InternalError anybodys = new InternalError("not a fault of memory that is gone");
        assertThatThrownBy(() -> handle.translate(anybodys)).isSameAs(anybodys);
        RuntimeException bug = new NullPointerException("a bug, no fault either");
        assertThat(handle.translate(bug)).isSameAs(bug);
        assertThat(handle.isPoisoned()).isFalse();
    }

    @Test
    void shouldTranslateARefusedCallAndGoOn() {
        for (PosixException refused : new PosixException[] {posix("statx", Errno.ENOMEM), posix("futex", Errno.ENOSYS)})
            assertThat(handle.translate(refused))
                    .isInstanceOf(MessageQueueException.class)
                    .isNotInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining(name);
        assertThat(handle.isPoisoned()).isFalse();
    }

    private void assertPoisonedBy(Throwable failure, String why) {
        assertThat(handle.translate(failure))
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining(why);
        assertThat(handle.isPoisoned()).isTrue();
        assertThat(handle.segment.isCovered()).as("before its byte falls").isTrue();
        assertThat(handle(neighbour).liveness.isDead(handle.index, handle.incarnation))
                .isTrue();
        assertThatThrownBy(handle::check)
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining(why);
        handle(neighbour).check();
    }

    /** A call without a lock may read the zeros that cover the memory, before it can know why. */
    @Test
    void shouldTellOfTheFirstReasonOnly() {
        String first = handle.journalFailed("/somewhere", null).getMessage();
        assertThat(handle.translate(new CorruptSegmentException("region 0 of capacity 0")))
                .isInstanceOf(JournalFailedException.class)
                .hasMessage(first);
    }

    @Test
    void shouldBePoisonedByDamage() {
        assertPoisonedBy(new CorruptSegmentException("a HOP to nowhere"), "a HOP to nowhere");
    }

    @Test
    void shouldBePoisonedByAWordThatNobodyCanWaitFor() {
        assertPoisonedBy(posix("futex", Errno.EINVAL), "futex");
    }

    @Test
    void shouldBePoisonedByMemoryThatIsGone() throws Exception {
        Path file = Path.of("/dev/shm/belfry." + name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 4096);
        }
        for (Throwable late : new Throwable[] {new NullPointerException(), new InternalError()}) {
            assertThat(handle.translate(late))
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("cut short");
            assertThat(handle.isPoisoned()).isTrue();
        }
    }

    @Test
    void shouldBeAbandonedWithItsReason() {
        assertThat(handle.abandon("the repair failed", new IllegalStateException("no stack left")))
                .hasMessage("This handle of 'shm:" + name + "' was given up after the repair failed:"
                        + " java.lang.IllegalStateException: no stack left. A publish in progress may or may not have"
                        + " happened; the queue goes on. Open it again.");
        assertThatThrownBy(handle::check).hasMessageContaining("was given up").hasMessageNotContaining("damaged");
        assertThat(handle.isPoisoned()).isTrue();
    }

    /** The watch meets the same thread twice: only with what it had left at the first time is it given up. */
    @Test
    void shouldNotBeGivenUpBetweenTwoErrorsOfAThreadThatMendsEach() {
        for (int error = 0; error < 3; error++) {
            handle.repairOwedBy = Thread.currentThread();
            handle.abandonIfStillUnfinished();
            assertThat(handle.isPoisoned()).isFalse();
            handle.noteMended(Thread.currentThread());
        }
        handle.repairOwedBy = Thread.currentThread();
        handle.abandonIfStillUnfinished();
        handle.abandonIfStillUnfinished();
        assertThat(handle.isPoisoned()).isTrue();
    }

    /** An error that is met first by the second check was not there at the first one, whatever that one met. */
    @Test
    @Slow
    void shouldNotBeGivenUpForAnErrorThatCameAfterTheLastCheck() throws InterruptedException {
        AtomicLong errors = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        Thread mending = new Thread(() -> {
            while (!over.get()) {
                errors.incrementAndGet();
                handle.repairOwedBy = Thread.currentThread();
                handle.noteMended(Thread.currentThread());
            }
        });
        mending.start();
        try {
            for (int check = 0; check < CHECKS && !handle.isPoisoned(); check++) {
                long met = errors.get();
                while (errors.get() == met && mending.isAlive()) Thread.yield();
                handle.abandonIfStillUnfinished();
            }
        } finally {
            over.set(true);
            mending.join();
        }
        assertThat(handle.isPoisoned()).isFalse();
    }

    /** Where there are no publishers no watch checks, and its next call may never come. */
    @Test
    void shouldBeGivenUpByTheCallThatLosesALock() {
        assertThatThrownBy(() -> attached(queue).translating(() -> {
                    handle.gateLock.lost = true; // as where the stack ends in its release
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(handle.isPoisoned()).isTrue();
    }

    @Test
    void shouldBeWatchedUntilALostLockIsGivenUp() {
        assertThat(isWatched(queue)).isFalse();
        handle.gateLock.lost = true;
        assertThat(isWatched(queue)).isTrue();
        watch(queue);
        assertThat(handle.isPoisoned()).isTrue();
        assertThat(isWatched(queue)).isFalse();
    }

    /** A log that blocks must not stop every process: it holds the publish lock. */
    @Test
    void shouldTellNothingToTheLogWhileTheCallingThreadHasAClaim() {
        List<Thread> told = new CopyOnWriteArrayList<>(); // by the watch, too, which holds none
        Publisher publisher = queue.createPublisher();
        Claim claim = publisher.claim(8);
        handle.note(() -> told.add(Thread.currentThread()));
        queue.stats();
        queue.createSubscriber().close();
        assertThatThrownBy(() -> publisher.publish("nested")).isInstanceOf(IllegalStateException.class);
        assertThat(told).doesNotContain(Thread.currentThread());
        claim.commit();
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldSayClosedAndNothingElseOnceItHasLeft() {
        assertThat(handle.hasLeft()).isFalse();
        queue.close();
        assertThat(handle.hasLeft()).isTrue();
        assertThat(Inside.beginLeaving(handle)).as("once").isFalse();
        for (RuntimeException late : new RuntimeException[] {posix("fcntl", Errno.EBADF), new NullPointerException()})
            assertThat(handle.translate(late)).isInstanceOf(QueueClosedException.class);
        RuntimeException told = new QueueClosedException("told already");
        assertThat(handle.translate(told)).isSameAs(told);
        assertThatThrownBy(() -> handle.translate(new StackOverflowError())).isInstanceOf(StackOverflowError.class);
    }
}
