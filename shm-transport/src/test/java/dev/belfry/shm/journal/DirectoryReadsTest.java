package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.Proc;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DirectoryReadsTest {
    private final AtomicInteger begun = new AtomicInteger();
    private volatile Thread waits;
    private final DirectoryReads reads = new DirectoryReads(RealLibC.load(), Long.MAX_VALUE / 4, task -> {
        if (begun.incrementAndGet() > 1) {
            task.run();
            return;
        }
        Patience.until("another one waits", () -> waits != null && waits.getState() == Thread.State.TIMED_WAITING);
        throw new OutOfMemoryError("no thread");
    });

    /** It would wait as long as for a disk that hangs. */
    @Test
    void shouldGoOnWhereTheReadBeforeNeverBegan() {
        CompletableFuture<Throwable> first = CompletableFuture.supplyAsync(() -> {
            try {
                String answer = reads.in("/a", moves -> "an answer");
                return new Exception(answer);
            } catch (OutOfMemoryError noThread) {
                return noThread;
            }
        });
        Patience.until("it is under way", () -> begun.get() == 1);
        waits = Thread.currentThread();
        assertThat(reads.<String>in("/a", moves -> "an answer")).isEqualTo("an answer");
        assertThat(first.join()).hasMessage("no thread");
        assertThat(begun).hasValue(2);
        assertThatThrownBy(() -> reads.in("/a", moves -> {
                    throw new IllegalStateException("of the question");
                }))
                .hasMessage("of the question");
    }

    /** It answers, and would hold up all that is told with it: a page of {@code serve} asks of hundreds. */
    @Test
    void shouldWaitForASlowDiskTwiceAsLongAndNoLongerUnlessAllIsAskedFor() {
        AtomicInteger threads = new AtomicInteger();
        DirectoryReads patient = new DirectoryReads(RealLibC.load(), Long.MAX_VALUE / 4, task -> {
            threads.incrementAndGet();
            DirectoryReads.THREADS.execute(task);
        });
        CountDownLatch goesOn = new CountDownLatch(1);
        AtomicInteger reads = new AtomicInteger();
        Function<Runnable, Integer> slow = moves -> {
            try {
                while (!goesOn.await(1, TimeUnit.MILLISECONDS)) moves.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return reads.incrementAndGet();
        };
        for (int i = 0; i < 3; i++)
            assertThatThrownBy(() -> patient.in("/slow", TimeUnit.MILLISECONDS.toNanos(50), slow))
                    .isInstanceOf(NoAnswerException.class)
                    .hasMessageContaining("the disk under /slow is slow: this is not read yet after ");
        assertThat(threads).hasValue(1);
        CompletableFuture<Integer> all = CompletableFuture.supplyAsync(() -> patient.atLength("/slow", slow));
        goesOn.countDown();
        assertThat(all.join()).isEqualTo(2);
        assertThat(threads).hasValue(2);
    }

    /** A page of {@code serve} asks four times of each directory. */
    @Test
    void shouldReadTheMountsOnceForEachDirectoryThatHangs() {
        AtomicInteger asked = new AtomicInteger();
        DirectoryReads patient =
                new DirectoryReads(RealLibC.load(), TimeUnit.MILLISECONDS.toNanos(50), DirectoryReads.THREADS) {
                    @Override
                    String mountOf(String path) {
                        asked.incrementAndGet();
                        return super.mountOf(path);
                    }
                };
        CountDownLatch goesOn = new CountDownLatch(1);
        for (int pass = 0; pass < 4; pass++) {
            for (int i = 0; i < 50; i++) {
                String directory = "/hangs/" + i;
                assertThatThrownBy(() -> patient.in(directory, moves -> ends(goesOn, () -> {})))
                        .isInstanceOf(NoAnswerException.class)
                        .hasMessageContaining("the disk under " + directory + " has not answered for ");
            }
        }
        goesOn.countDown();
        assertThat(asked).hasValueLessThanOrEqualTo(50);
    }

    private static boolean ends(CountDownLatch goesOn, Runnable moves) {
        try {
            while (!goesOn.await(1, TimeUnit.MILLISECONDS)) moves.run();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Hundreds that are slow would take hours. It waits for each as if for ever, but for the others. */
    @Test
    void shouldWaitLessForASlowDirectoryWhereOthersOfItsMountAreSlow() {
        DirectoryReads patient = new DirectoryReads(RealLibC.load(), Long.MAX_VALUE / 4, DirectoryReads.THREADS);
        CountDownLatch goesOn = new CountDownLatch(1);
        for (int i = 0; i < 10; i++) {
            String directory = "/slow/" + i;
            assertThatThrownBy(
                            () -> patient.in(directory, TimeUnit.MILLISECONDS.toNanos(5), moves -> ends(goesOn, moves)))
                    .isInstanceOf(NoAnswerException.class);
        }
        // Not halved it would be waited for longer than for this test.
        assertThatThrownBy(() -> patient.in("/slow/last", TimeUnit.MINUTES.toNanos(2), moves -> ends(goesOn, moves)))
                .isInstanceOf(NoAnswerException.class)
                .hasMessageContaining("the disk under /slow/last ");
        goesOn.countDown();
    }

    /** A reading of hundreds would take ten seconds more: Prometheus waits no longer for an answer. */
    @Test
    void shouldWaitHardlyForADirectoryWhereManyOfItsMountHang() {
        DirectoryReads patient =
                new DirectoryReads(RealLibC.load(), TimeUnit.MILLISECONDS.toNanos(300), DirectoryReads.THREADS);
        CountDownLatch goesOn = new CountDownLatch(1);
        long[] ends = new long[12];
        for (int i = 0; i < ends.length; i++) {
            String directory = "/hangs/" + i;
            assertThatThrownBy(() -> patient.in(directory, moves -> ends(goesOn, () -> {})))
                    .isInstanceOf(NoAnswerException.class);
            ends[i] = System.nanoTime();
        }
        goesOn.countDown();
        assertThat(ends[11] - ends[7]).as("for four").isLessThan(TimeUnit.MILLISECONDS.toNanos(500));
    }

    /** A busy machine needs so long, and the neighbour is well. */
    @Test
    void shouldWaitForANeighbourThatAnswersLateWhereOneDirectoryHangs() {
        DirectoryReads patient =
                new DirectoryReads(RealLibC.load(), TimeUnit.SECONDS.toNanos(1), DirectoryReads.THREADS);
        CountDownLatch goesOn = new CountDownLatch(1);
        assertThatThrownBy(() -> patient.in("/hangs", moves -> ends(goesOn, () -> {})))
                .isInstanceOf(NoAnswerException.class);
        assertThat(patient.<String>in("/well", moves -> {
                    Patience.pause(60);
                    return "an answer";
                }))
                .isEqualTo("an answer");
        goesOn.countDown();
    }

    @Test
    void shouldKnowAMountByItsPathWhateverThatHas(@TempDir Path temporary) throws IOException {
        reads.process = new Proc(temporary);
        Files.writeString(
                temporary.resolve("mounts"),
                "/dev/a / ext4 rw 0 0\n/dev/b /var/my\\040queues\\134 xfs rw 0 0\n/dev/c /var/my xfs rw 0 0\n");
        assertThat(reads.mountOf("/var/my queues\\/shop")).isEqualTo("/var/my queues\\");
        assertThat(reads.mountOf("/var/my/shop")).isEqualTo("/var/my");
        assertThat(reads.mountOf("/var/mine")).isEqualTo("/");
    }
}
