package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.posix.RealLibC;
import dev.belfry.testing.Patience;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
