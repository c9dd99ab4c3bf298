package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SleepersTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final Memory memory = new Memory();
    private final Sleepers sleepers = new Sleepers(memory.bytes, Membarrier.registered(Memory.C));
    private final AtomicBoolean closing = new AtomicBoolean();

    @AfterEach
    void close() {
        memory.close();
    }

    /** A semaphore of Java's; counts how often it was slept on. */
    private static final class JavaBed implements Sleepers.Bed {
        final Semaphore posts = new Semaphore(0);
        int sleeps;
        long nanos;
        Runnable atSleep = () -> {};

        @Override
        public boolean tryTake() {
            return posts.tryAcquire();
        }

        @Override
        public boolean take(long nanos) {
            sleeps++;
            this.nanos = nanos;
            atSleep.run();
            try {
                return posts.tryAcquire(nanos, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    private long group(int k) {
        return memory.bytes.getLongAcquire(SegmentHeader.SLEEPERS + 8L * k);
    }

    private Wait within(long nanos) {
        return new Wait(nanos, closing::get);
    }

    @Test
    void shouldNotAnnounceWhatNeedNotSleep() {
        JavaBed bed = new JavaBed();
        assertThat(sleepers.sleep(3, bed, () -> true, within(LONG), System.nanoTime()))
                .isNull();
        assertThat(sleepers.handshake.lookFenced()).isZero();
        assertThat(bed.sleeps).isZero();
    }

    @Test
    void shouldAnnounceSleepAndWithdraw() {
        JavaBed bed = new JavaBed();
        AtomicBoolean there = new AtomicBoolean();
        bed.atSleep = () -> {
            assertThat(group(1)).isEqualTo(1L << 6);
            assertThat(sleepers.handshake.lookFenced()).isPositive();
            there.set(true);
            sleepers.wake(() -> 128, slot -> {
                assertThat(slot).isEqualTo(70);
                bed.posts.release();
            });
            assertThat(group(1)).isZero();
        };
        assertThat(sleepers.sleep(70, bed, there::get, within(LONG), System.nanoTime()))
                .isNull();
        assertThat(bed.sleeps).isEqualTo(1);
        assertThat(sleepers.handshake.lookFenced()).isZero();
    }

    @Test
    void shouldWithdrawItsBitAfterATimeout() {
        JavaBed bed = new JavaBed();
        assertThat(sleepers.sleep(5, bed, () -> false, within(3_000_000), System.nanoTime()))
                .isEqualTo(Wait.Ended.TIMED_OUT);
        assertThat(group(0)).isZero();
        List<Integer> posted = new ArrayList<>();
        sleepers.wake(() -> 8, posted::add); // the flag is still up: looked at in vain, once
        assertThat(posted).isEmpty();
        assertThat(sleepers.handshake.lookFenced()).isZero();
    }

    @Test
    void shouldNotSleepWhenTheMessageCameBetweenAnnouncingAndLooking() {
        JavaBed bed = new JavaBed();
        AtomicInteger looks = new AtomicInteger();
        assertThat(sleepers.sleep(5, bed, () -> looks.incrementAndGet() >= 2, within(LONG), System.nanoTime()))
                .isNull();
        assertThat(bed.sleeps).isZero();
    }

    @Test
    void shouldDrainPostsThatAreOwed() {
        JavaBed bed = new JavaBed();
        bed.posts.release(3);
        AtomicBoolean there = new AtomicBoolean();
        bed.atSleep = () -> {
            assertThat(bed.posts.availablePermits()).isZero();
            there.set(true);
            bed.posts.release();
        };
        sleepers.sleep(5, bed, there::get, within(LONG), System.nanoTime());
        assertThat(bed.sleeps).isEqualTo(1);
    }

    @Test
    void shouldAnnounceItselfAnewAfterEachSlice() {
        JavaBed bed = new JavaBed();
        bed.atSleep = () -> {
            assertThat(group(0)).as("sleep %s", bed.sleeps).isEqualTo(1L << 5);
            assertThat(sleepers.handshake.lookFenced()).isPositive();
            memory.bytes.getAndSetInt(SegmentHeader.ASLEEP, 0); // somebody took both and died before it posted
            memory.bytes.getAndClearLong(SegmentHeader.SLEEPERS, -1);
        };
        assertThat(sleepers.sleep(5, bed, () -> bed.sleeps == 2, within(LONG), System.nanoTime()))
                .isNull();
    }

    /** How long it sleeps at a time so long after the last message. */
    private long slice(Duration quiet) {
        JavaBed bed = new JavaBed();
        bed.posts.release(); // drained
        bed.atSleep = bed.posts::release;
        long quietSince = System.nanoTime() - quiet.toNanos();
        sleepers.sleep(5, bed, () -> bed.sleeps == 1, within(LONG), quietSince);
        return bed.nanos;
    }

    @Test
    void shouldSleepATenthOfASecondAndAfterTenSecondsOfSilenceASecondAtATime() {
        assertThat(slice(Duration.ZERO)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(slice(Duration.ofSeconds(10))).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void shouldSleepAsLongInAVirtualThread() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "there are no virtual threads");
        CompletableFuture<Long> slice = new CompletableFuture<>();
        Runnable sleeps = () -> slice.complete(slice(Duration.ofSeconds(10)));
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, sleeps);
        assertThat(slice).succeedsWithin(Patience.limit()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void shouldPostEachSleeperOnceInAllGroups() {
        int[] slots = {0, 1, 63, 64, 127, 1000, 1023};
        for (int slot : slots) memory.bytes.getAndOrLong(SegmentHeader.SLEEPERS + 8L * (slot / 64), 1L << slot % 64);
        memory.bytes.getAndSetInt(SegmentHeader.ASLEEP, 1);
        List<Integer> posted = new ArrayList<>();
        sleepers.wake(() -> 1024, posted::add);
        assertThat(posted).containsExactly(0, 1, 63, 64, 127, 1000, 1023);
        sleepers.wake(() -> 1024, posted::add);
        assertThat(posted).hasSize(7);
    }

    @Test
    void shouldLookOnlyAtGroupsBelowTheHighMark() {
        memory.bytes.getAndOrLong(SegmentHeader.SLEEPERS + 8, 1);
        memory.bytes.getAndSetInt(SegmentHeader.ASLEEP, 1);
        List<Integer> posted = new ArrayList<>();
        sleepers.wake(() -> 64, posted::add);
        assertThat(posted).isEmpty();
        memory.bytes.getAndSetInt(SegmentHeader.ASLEEP, 1);
        sleepers.wake(() -> 65, posted::add);
        assertThat(posted).containsExactly(64);
    }

    @Test
    void shouldEndWhenClosedOrInterrupted() {
        JavaBed bed = new JavaBed();
        bed.atSleep = () -> closing.set(true);
        bed.posts.release(); // drained
        assertThat(sleepers.sleep(5, bed, () -> false, within(LONG), System.nanoTime()))
                .isEqualTo(Wait.Ended.CLOSED);
        closing.set(false);
        Thread.currentThread().interrupt();
        assertThat(sleepers.sleep(5, bed, () -> false, within(LONG), System.nanoTime()))
                .isEqualTo(Wait.Ended.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(group(0)).isZero();
    }
}
