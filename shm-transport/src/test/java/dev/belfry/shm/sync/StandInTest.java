package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** In the place of virtual threads, which Java has since 21. The kernel is a semaphore of Java's. */
@Tag("F62")
@WaitsForOthers
class StandInTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(20);

    private final Semaphore posts = new Semaphore(0);
    private final AtomicInteger sleeps = new AtomicInteger();
    private final AtomicInteger handedOn = new AtomicInteger();
    private final AtomicReference<Thread> sleeper = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private RuntimeException fault;
    private final StandIn standIn = new StandIn(this::sleep, this::handOn);

    private boolean sleep(int seen, long nanos) {
        sleeper.set(Thread.currentThread());
        sleeps.incrementAndGet();
        boolean taken = false;
        try {
            while (!ended.get() && !taken) taken = posts.tryAcquire(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (taken && fault != null) throw fault;
        return taken;
    }

    private void handOn() {
        handedOn.incrementAndGet();
        posts.release();
        ended.set(true);
    }

    private static <T> CompletableFuture<T> virtually(AtomicReference<Thread> thread, Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Runnable run = () -> {
            try {
                done.complete(work.call());
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        };
        try {
            thread.set((Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, run));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        return done;
    }

    private static <T> CompletableFuture<T> virtually(Callable<T> work) {
        return virtually(new AtomicReference<>(), work);
    }

    private CompletableFuture<Boolean> waits(long nanos) {
        return virtually(() -> standIn.await(0, nanos, () -> true));
    }

    @BeforeEach
    void needsVirtualThreads() {
        assumeTrue(
                Runtime.version().feature() >= 21,
                "no virtual threads in Java " + Runtime.version().feature());
    }

    @Test
    void shouldSleepInADaemonThatNoInterruptReachesAndNoClassLoaderStaysBy() {
        CompletableFuture<Boolean> waiting = waits(LONG);
        Patience.until("a helper sleeps", () -> sleeper.get() != null);
        Thread helper = sleeper.get();
        assertThat(helper.isDaemon()).isTrue();
        assertThat(helper.getContextClassLoader()).isNull();
        assertThat(helper.getThreadGroup().getParent()).isNull();
        posts.release();
        assertThat(waiting).succeedsWithin(Patience.limit()).isEqualTo(true);
        Patience.until("it ends", () -> !helper.isAlive());
    }

    @Test
    void shouldDoForAllWithOneHelper() {
        CompletableFuture<Boolean> first = waits(LONG);
        Patience.until("a helper sleeps", () -> sleeps.get() == 1);
        CompletableFuture<Boolean> second = waits(SHORT);
        assertThat(second).succeedsWithin(Patience.limit()).isEqualTo(false);
        CompletableFuture<Boolean> third = waits(LONG);
        Thread.yield();
        assertThat(sleeps).hasValue(1);
        posts.release(2); // the second one, if the third is late
        assertThat(first).succeedsWithin(Patience.limit()).isEqualTo(true);
        assertThat(third).succeedsWithin(Patience.limit()).isEqualTo(true);
    }

    /** The next message's post, or the wake of a thread that sleeps beside it. */
    @Test
    void shouldHandOnAWakeThatFindsNobodyAnyMore() {
        assertThat(waits(SHORT)).succeedsWithin(Patience.limit()).isEqualTo(false);
        assertThat(handedOn).hasValue(0);
        posts.release();
        Patience.until("it is handed on", () -> handedOn.get() == 1);
        ended.set(false);
        assertThat(waits(LONG)).succeedsWithin(Patience.limit()).isEqualTo(true);
        assertThat(handedOn).hasValue(1);
    }

    @Test
    void shouldThrowWhatTheHelperMetAndHaveAnotherOneNext() {
        fault = new IllegalStateException("EFAULT");
        CompletableFuture<Boolean> waiting = waits(LONG);
        posts.release();
        assertThat(waiting).failsWithin(Patience.limit()).withThrowableThat().withCause(fault);
        fault = null;
        posts.release();
        assertThat(waits(LONG)).succeedsWithin(Patience.limit()).isEqualTo(true);
    }

    @Test
    void shouldSleepForAMomentByItselfWhenNoHelperCanBeHad() {
        AtomicReference<String> by = new AtomicReference<>();
        StandIn alone = new StandIn(
                (seen, nanos) -> {
                    by.set(nanos + " " + Carrier.isVirtual());
                    return false;
                },
                () -> {},
                work -> {
                    throw new OutOfMemoryError("unable to create native thread");
                });
        for (int i = 0; i < 2; i++)
            assertThat(virtually(() -> alone.await(0, LONG, () -> true)))
                    .succeedsWithin(Patience.limit())
                    .isEqualTo(false);
        assertThat(by).hasValue("10000000 true");
    }

    /** An interrupted thread does not park. */
    @Test
    void shouldParkThroughAnInterruptThatIsNotToEndIt() {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<Thread> thread = new AtomicReference<>();
        CompletableFuture<String> waiting = virtually(thread, () -> {
            Thread.currentThread().interrupt();
            boolean woken = standIn.await(0, LONG, () -> asked.incrementAndGet() < 0);
            return woken + " " + Thread.interrupted();
        });
        Patience.until("it parks", () -> asked.get() == 1 && thread.get().getState() == Thread.State.TIMED_WAITING);
        thread.get().interrupt();
        Patience.until("it parks again", () -> asked.get() == 2);
        Patience.until("a helper sleeps", () -> sleeper.get() != null);
        posts.release();
        assertThat(waiting).succeedsWithin(Patience.limit()).isEqualTo("true true");
        assertThat(asked).hasValueLessThan(10);
    }

    @Test
    void shouldEndByAnInterruptThatIsToEndIt() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CompletableFuture<String> waiting =
                virtually(thread, () -> standIn.await(0, LONG, () -> true) + " " + Thread.interrupted());
        Patience.until("it parks", () -> thread.get().getState() == Thread.State.TIMED_WAITING);
        thread.get().interrupt();
        assertThat(waiting).succeedsWithin(Patience.limit()).isEqualTo("false true");
        ended.set(true);
    }

    @Test
    void shouldKeepItsCarrierForAShortSliceWhenOthersWaitForIt() {
        posts.release();
        assertThat(virtually(() -> standIn.awaitOnCarrier(0, LONG) && sleeper.get() == Thread.currentThread()))
                .succeedsWithin(Patience.limit())
                .isEqualTo(true);
    }
}
