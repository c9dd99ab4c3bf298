package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.posix.Futex.Outcome;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.WaitsForOthers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@WaitsForOthers
class FutexTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final Futex futex = new Futex(C);
    private final String name = Kernel.freshName();
    private SharedMemory object;
    private Mapping mapping;
    private Mapping elsewhere;

    @BeforeEach
    void map() {
        object = Kernel.unnamed(4096);
        object.link(name);
        mapping = object.map(0, 4096, true);
        elsewhere = object.map(0, 4096, true);
        mapping.buffer.putInt(64, 5);
    }

    @AfterEach
    void close() {
        mapping.coverWithZeroPages();
        elsewhere.coverWithZeroPages();
        object.close();
        SharedMemory.unlink(C, name);
        assertThat(Kernel.names()).isEmpty();
    }

    @Test
    void shouldNotWaitWhenTheWordHasChanged() {
        assertThat(futex.await(mapping.address + 64, 4, LONG)).isEqualTo(Outcome.CHANGED);
    }

    @Test
    void shouldTimeOutNotBeforeItsTime() {
        long start = System.nanoTime();
        assertThat(futex.await(mapping.address + 64, 5, 30_000_000)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
        assertThat(futex.await(mapping.address + 64, 5, 0)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(futex.await(mapping.address + 64, 5, -1)).isEqualTo(Outcome.TIMED_OUT);
    }

    @Test
    void shouldCompareTheWordAsItIsWhateverItsSign() {
        mapping.buffer.putInt(64, -2);
        assertThat(futex.await(mapping.address + 64, -2, 1)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(futex.await(mapping.address + 64, 5, 1)).isEqualTo(Outcome.CHANGED);
    }

    @Test
    void shouldWakeASleeperThatSleepsAtAnotherAddress() throws Exception {
        CompletableFuture<Outcome> sleeper =
                CompletableFuture.supplyAsync(() -> futex.await(mapping.address + 64, 5, LONG));
        while (futex.wake(elsewhere.address + 64, 1) == 0) Thread.onSpinWait();
        assertThat(sleeper.get()).isEqualTo(Outcome.WOKEN);
        assertThat(futex.wake(elsewhere.address + 64, Integer.MAX_VALUE)).isZero();
    }

    @Test
    void shouldWakeASleeperInAnotherProcess() throws Exception {
        try (ChildJvm child = Isolated.command(Sleeps.class, name).start()) {
            assertThat(child.line()).isEqualTo("sleeping");
            while (futex.wake(mapping.address + 64, 1) == 0) Thread.onSpinWait();
            assertThat(child.line()).isEqualTo("WOKEN");
            assertThat(child.rest()).as(child::report).containsExactly("exit 0");
        }
    }

    static final class Sleeps {
        public static void main(String[] args) {
            try (SharedMemory object = SharedMemory.open(C, args[0])) {
                Mapping mapping = object.map(0, 4096, true);
                System.out.println("sleeping");
                System.out.println(new Futex(C).await(mapping.address + 64, 5, LONG));
                mapping.coverWithZeroPages();
            }
        }
    }

    @Test
    void shouldReportASignalAsInterrupted() throws Exception {
        try (Signals signals = new Signals()) {
            CompletableFuture<Outcome> sleeper = CompletableFuture.supplyAsync(() -> {
                signals.aimAtThisThread();
                return futex.await(mapping.address + 64, 5, LONG);
            });
            signals.untilDone(sleeper);
            assertThat(sleeper.get()).isEqualTo(Outcome.INTERRUPTED);
        }
    }

    @Test
    void shouldThrowWhenTheAddressIsNoWord() {
        assertThatThrownBy(() -> futex.await(mapping.address + 65, 5, LONG))
                .hasMessage("futex(FUTEX_WAIT) failed: EINVAL (22) Invalid argument");
        assertThatThrownBy(() -> futex.wake(mapping.address + 65, 1)).hasMessageContaining("EINVAL");
    }

    @Test
    void shouldThrowWhenTheWordLiesBeyondTheEnd() {
        Mapping beyond = object.map(0, 8192, true);
        assertThatThrownBy(() -> futex.await(beyond.address + 4096, 0, LONG)).hasMessageContaining("EFAULT (14)");
        beyond.coverWithZeroPages();
    }
}
