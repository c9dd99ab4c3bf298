package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.Counted;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class EventCountTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final Memory memory = new Memory();
    private final EventCount room = new EventCount(memory.bytes, new Futex(Memory.C), Membarrier.registered(Memory.C));
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean changed = new AtomicBoolean();

    @AfterEach
    void close() {
        memory.close();
    }

    private int word() {
        return memory.bytes.getIntAcquire(SegmentHeader.ROOM);
    }

    private Wait within(long nanos) {
        return new Wait(nanos, closing::get);
    }

    @Test
    void shouldStoreNothingWhenNobodyWaits() {
        room.wake();
        assertThat(word()).isZero();
        assertThat(room.await(() -> true, within(LONG))).isNull();
        assertThat(word()).isZero();
    }

    @Test
    void shouldCallTheKernelOnlyWhereSomebodyMayWait() {
        Counted calls = new Counted();
        EventCount counted = new EventCount(memory.bytes, new Futex(calls.libC()), Membarrier.registered(Memory.C));
        counted.wake();
        assertThat(calls.of("syscall")).isZero();
        memory.bytes.putInt(SegmentHeader.ROOM, 1);
        counted.wake();
        assertThat(calls.of("syscall")).isOne();
        counted.wake();
        assertThat(calls.of("syscall")).isOne();
    }

    /** Not a loop of calls that return at once. */
    @Test
    void shouldSleepWhileItWaits() {
        Counted calls = new Counted();
        EventCount counted = new EventCount(memory.bytes, new Futex(calls.libC()), Membarrier.registered(Memory.C));
        assertThat(counted.await(() -> false, within(TimeUnit.MILLISECONDS.toNanos(200))))
                .isEqualTo(Wait.Ended.TIMED_OUT);
        assertThat(calls.of("syscall")).as("slices").isBetween(1, 20);
    }

    @Test
    void shouldNotBlockWithoutTime() {
        assertThat(room.await(() -> false, within(0))).isEqualTo(Wait.Ended.TIMED_OUT);
        assertThat(word()).isZero();
    }

    @Test
    void shouldBeOddWhileSomebodyWaits() {
        assertThat(room.await(() -> false, within(2_000_000))).isEqualTo(Wait.Ended.TIMED_OUT);
        assertThat(word()).as("who left early leaves it odd").isEqualTo(1);
        room.wake();
        assertThat(word()).isEqualTo(2);
        room.wake();
        assertThat(word()).isEqualTo(2);
    }

    @Test
    void shouldNotSleepWhenTheChangeCameBetweenArmingAndLooking() {
        AtomicInteger looks = new AtomicInteger();
        Counted calls = new Counted();
        EventCount counted = new EventCount(memory.bytes, new Futex(calls.libC()), Membarrier.registered(Memory.C));
        assertThat(counted.await(() -> looks.incrementAndGet() >= 2, within(LONG)))
                .isNull();
        assertThat(calls.of("syscall")).isZero();
        assertThat(word()).isEqualTo(1);
    }

    @Test
    void shouldWakeAllWhoWait() throws Exception {
        List<CompletableFuture<Wait.Ended>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++)
            waiting.add(CompletableFuture.supplyAsync(() -> room.await(changed::get, within(LONG))));
        while ((word() & 1) == 0) Thread.onSpinWait();
        changed.set(true);
        room.wake();
        for (CompletableFuture<Wait.Ended> one : waiting)
            assertThat(one.get(60, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void shouldEndWhenClosedOrInterrupted() {
        closing.set(true);
        assertThat(room.await(() -> false, within(LONG))).isEqualTo(Wait.Ended.CLOSED);
        closing.set(false);
        Thread.currentThread().interrupt();
        assertThat(room.await(() -> false, within(LONG))).isEqualTo(Wait.Ended.INTERRUPTED);
        assertThat(room.await(() -> true, within(LONG))).as("need not wait").isNull();
        assertThat(Thread.interrupted()).isTrue();
    }

    /** And a change that nobody told of, as its process died before it could. */
    @Test
    void shouldSeeACloseAndAnUntoldChangeAfterASlice() throws Exception {
        for (AtomicBoolean what : List.of(closing, changed)) {
            Counted calls = new Counted();
            EventCount counted = new EventCount(memory.bytes, new Futex(calls.libC()), Membarrier.registered(Memory.C));
            CompletableFuture<Wait.Ended> waiting =
                    CompletableFuture.supplyAsync(() -> counted.await(changed::get, within(TimeUnit.HOURS.toNanos(1))));
            while (calls.of("syscall") == 0) Thread.onSpinWait();
            what.set(true);
            int begun = calls.of("syscall");
            assertThat(waiting.get()).isEqualTo(what == closing ? Wait.Ended.CLOSED : null);
            assertThat(calls.of("syscall") - begun).as("slices begun since").isLessThanOrEqualTo(1);
            closing.set(false);
        }
    }

    @Test
    void shouldSurviveTheEndOfItsNumbers() {
        memory.bytes.putInt(SegmentHeader.ROOM, -1);
        room.wake();
        assertThat(word()).isZero();
    }
}
