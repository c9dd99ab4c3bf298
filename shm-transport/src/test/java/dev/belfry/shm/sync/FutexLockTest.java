package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Counted;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.sync.FutexLock.Outcome;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class FutexLockTest {
    private static final int WAITERS = 1 << 31;
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final Members members = new Members();
    private final Memory memory = members.memory;

    @AfterEach
    void close() {
        members.close();
    }

    /** As a process has it: its byte held, its state stored. */
    private FutexLock member(int handle) {
        return member(handle, Memory.C);
    }

    private FutexLock member(int handle, LibC libC) {
        long incarnation = members.open(handle);
        return new FutexLock(
                memory.bytes, SegmentHeader.PUBLISH_LOCK, new Futex(libC), members.liveness, handle, incarnation);
    }

    private void kill(int member) {
        members.kill(member);
    }

    private int word() {
        return members.word();
    }

    private Wait within(long nanos) {
        return members.within(nanos);
    }

    @Test
    void shouldNameItsOwner() {
        FutexLock lock = member(5);
        assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
        assertThat(word()).isEqualTo(1 << 11 | 6);
        assertThat(lock.ownerHandle(memory.handles)).isEqualTo(5);
        assertThat(lock.isHeldByThisHandle()).isTrue();
        lock.release();
        assertThat(word()).isZero();
        assertThat(lock.ownerHandle(memory.handles)).isEqualTo(-1);
        assertThat(lock.isHeldByThisHandle()).isFalse();
    }

    @Test
    void shouldExcludeOthersAndTheirOwnThreads() {
        FutexLock a = member(0);
        FutexLock b = member(1);
        assertThat(a.tryAcquire()).isTrue();
        assertThat(a.tryAcquire()).isFalse();
        assertThat(b.tryAcquire()).isFalse();
        assertThat(a.acquire(within(1_000_000))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(b.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(b.acquire(within(1_000_000))).isEqualTo(Outcome.TIMED_OUT);
        a.release();
        assertThat(b.acquire(within(0))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldCountRightWithManyThreadsOfTwoMembers() throws Exception {
        FutexLock[] locks = {member(0), member(1)};
        int rounds = 5_000;
        long[] counter = {0};
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            FutexLock lock = locks[t % 2];
            threads.add(new Thread(() -> {
                for (int i = 0; i < rounds; i++) {
                    assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
                    counter[0]++;
                    lock.release();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        assertThat(counter[0]).isEqualTo(4L * rounds);
        assertThat(word()).isZero();
    }

    @Test
    void shouldTakeOverFromTheDead() {
        FutexLock dead = member(0);
        FutexLock heir = member(1);
        dead.tryAcquire();
        kill(0);
        assertThat(heir.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
        assertThat(heir.isHeldByThisHandle()).isTrue();
        assertThat(word() & WAITERS).as("others may sleep: nobody knows").isEqualTo(WAITERS);
    }

    @Test
    void shouldTakeOverFromTheDeadEvenWithoutWaiting() {
        FutexLock dead = member(0);
        dead.tryAcquire();
        kill(0);
        assertThat(member(1).acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
    }

    @Test
    void shouldTakeOverWhenTheByteIsHeldBySomebodyLater() {
        FutexLock dead = member(0);
        FutexLock other = member(1);
        dead.tryAcquire();
        kill(0);
        FutexLock later = member(0); // the next incarnation
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
        other.release();
        assertThat(later.tryAcquire()).isTrue();
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
    }

    @Test
    void shouldTakeOverFromItsPredecessorAtOpen() {
        FutexLock dead = member(0);
        dead.tryAcquire();
        kill(0);
        FutexLock later = member(0);
        assertThat(member(1).takeOverFromPredecessor()).as("another handle's").isFalse();
        assertThat(later.takeOverFromPredecessor()).isTrue();
        assertThat(later.isHeldByThisHandle()).isTrue();
        later.release();
        assertThat(later.takeOverFromPredecessor()).isFalse();
    }

    @Test
    void shouldTakeOverAWordThatNobodyCanHaveWritten() {
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, 7 << 11 | 2000); // handle 1999 of 8
        assertThat(member(0).acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, WAITERS);
        assertThat(member(1).acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
    }

    @Test
    void shouldNeverRobTheLivingHoweverSlow() {
        FutexLock slow = member(0);
        FutexLock other = member(1);
        slow.tryAcquire();
        long began = System.nanoTime();
        assertThat(other.acquire(within(TimeUnit.MILLISECONDS.toNanos(150)))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(System.nanoTime() - began)
                .as("never early")
                .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(150));
        assertThat(slow.isHeldByThisHandle()).isTrue();
        slow.release();
        assertThat(word()).isZero();
    }

    @Test
    void shouldNotRobWhoseByteAStrangerCovers() {
        FutexLock slow = member(0);
        FutexLock other = member(1);
        slow.tryAcquire();
        kill(0);
        SharedMemory stranger = memory.object().reopen();
        members.closeAtTheEnd(stranger);
        ByteRangeLock lock = new ByteRangeLock(stranger);
        assertThat(lock.tryLock(Liveness.FIRST_BYTE)).isTrue();
        assertThat(lock.tryLock(Liveness.FIRST_BYTE - 1))
                .as("the kernel joins neighbours")
                .isTrue();
        assertThat(members.liveness.isForeign(0)).isTrue();
        assertThat(members.liveness.isForeign(1)).as("its owner's own").isFalse();
        assertThat(other.acquire(within(0))).as("a foreign lock proves nothing").isEqualTo(Outcome.TIMED_OUT);
    }

    /** An error in between made it be given back twice: that is lost, and harms no other owner. */
    @Test
    void shouldGiveBackNoOthersLock() {
        FutexLock twice = member(0);
        FutexLock other = member(1);
        twice.tryAcquire();
        twice.release();
        other.tryAcquire();
        assertThat(twice.isLost()).isFalse();
        assertThat(twice.release()).isFalse();
        assertThat(other.isHeldByThisHandle()).isTrue();
        assertThat(twice.isLost()).isTrue();
        other.release();
        assertThat(word()).isZero();
        assertThat(other.isLost()).isFalse();
    }

    @Test
    void shouldKeepTheWaitersBitOnceItHasSlept() throws Exception {
        FutexLock a = member(0);
        FutexLock b = member(1);
        a.tryAcquire();
        CompletableFuture<Outcome> sleeper = CompletableFuture.supplyAsync(() -> b.acquire(within(LONG)));
        while (word() != (a(1, 0) | WAITERS)) Thread.onSpinWait();
        a.release();
        assertThat(sleeper.get()).isEqualTo(Outcome.ACQUIRED);
        assertThat(word()).as("others may sleep behind it").isEqualTo(a(1, 1) | WAITERS);
        b.release();
        assertThat(word()).isZero();
    }

    /** Or each publish would cost a system call, and each waiter a slice. */
    @Test
    void shouldCallTheKernelOnlyWhereSomebodyMayWait() {
        Counted calls = new Counted();
        FutexLock lock = member(0, calls.libC());
        assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
        lock.release();
        assertThat(calls.of("syscall")).isZero();
        assertThat(lock.tryAcquire()).isTrue();
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, word() | WAITERS);
        lock.release();
        assertThat(calls.of("syscall")).isOne();
    }

    /** Not a loop of calls that return at once. */
    @Test
    void shouldSleepWhileItWaits() {
        Counted calls = new Counted();
        FutexLock owner = member(0);
        FutexLock waiter = member(1, calls.libC());
        owner.tryAcquire();
        assertThat(waiter.acquire(within(TimeUnit.MILLISECONDS.toNanos(200)))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(calls.of("syscall")).as("slices").isBetween(1, 50);
    }

    /** At most 50 ms each: a longer one would make its futex call with more. */
    @Test
    void shouldTakeOverFromTheDeadInTheSliceAfterItsDeath() throws Exception {
        assertThat(FutexLock.SLICE_NANOS).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        Counted calls = new Counted();
        FutexLock owner = member(0);
        FutexLock waiter = member(1, calls.libC());
        owner.tryAcquire();
        CompletableFuture<Outcome> waiting =
                CompletableFuture.supplyAsync(() -> waiter.acquire(within(TimeUnit.HOURS.toNanos(1))));
        while (calls.of("syscall") == 0) Thread.onSpinWait();
        kill(0);
        int begun = calls.of("syscall");
        assertThat(waiting.get()).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
        assertThat(calls.of("syscall") - begun)
                .as("slices begun after its death")
                .isLessThanOrEqualTo(1);
    }

    @Test
    void shouldNameNobodyWhereAWordHasBeenScribbledOver() {
        int count = memory.handles.count();
        FutexLock lock = member(0);
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, a(1, count - 1));
        assertThat(lock.ownerHandle(memory.handles)).isEqualTo(count - 1);
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, a(1, count));
        assertThat(lock.ownerHandle(memory.handles)).isEqualTo(-1);
        assertThat(lock.acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
    }

    /** For people. */
    @Test
    void shouldSayWhetherADeadOneHoldsIt() {
        FutexLock lock = member(0);
        FutexLock other = member(1);
        assertThat(other.isHeldByDead()).as("free").isFalse();
        lock.tryAcquire();
        assertThat(other.isHeldByDead()).as("by the living").isFalse();
        kill(0);
        assertThat(other.isHeldByDead()).as("by the dead").isTrue();
        memory.bytes.putInt(SegmentHeader.PUBLISH_LOCK, word() | WAITERS);
        assertThat(other.isHeldByDead()).as("while others wait").isTrue();
        member(0);
        assertThat(other.isHeldByDead()).as("by a predecessor").isTrue();
    }

    private static int a(int incarnation, int handle) {
        return incarnation << 11 | handle + 1;
    }

    @Test
    void shouldWakeEverySleeperInTurn() throws Exception {
        FutexLock a = member(0);
        FutexLock b = member(1);
        a.tryAcquire();
        List<CompletableFuture<Outcome>> sleepers = new ArrayList<>();
        for (int i = 0; i < 3; i++)
            sleepers.add(CompletableFuture.supplyAsync(() -> {
                Outcome outcome = b.acquire(within(LONG));
                b.release();
                return outcome;
            }));
        while ((word() & WAITERS) == 0) Thread.onSpinWait();
        a.release();
        for (CompletableFuture<Outcome> sleeper : sleepers)
            assertThat(sleeper.get()).isEqualTo(Outcome.ACQUIRED);
    }

    /** Or one that waits for less than a slice, again and again, would never hear of it. */
    @Test
    void shouldNotSleepWhenItIsInterruptedAlready() {
        Counted calls = new Counted();
        FutexLock a = member(0);
        FutexLock b = member(1, calls.libC());
        a.tryAcquire();
        Thread.currentThread().interrupt();
        assertThat(b.acquire(within(LONG))).isEqualTo(Outcome.INTERRUPTED);
        assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
        assertThat(calls.of("syscall")).isZero();
    }

    @Test
    void shouldSeeClosingAndInterruptAfterASlice() throws Exception {
        Counted calls = new Counted();
        FutexLock a = member(0);
        FutexLock b = member(1, calls.libC());
        a.tryAcquire();
        Thread.currentThread().interrupt();
        assertThat(b.acquire(within(LONG))).isEqualTo(Outcome.INTERRUPTED);
        assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
        CompletableFuture<Outcome> waiting =
                CompletableFuture.supplyAsync(() -> b.acquire(within(TimeUnit.HOURS.toNanos(1))));
        members.closing.set(true);
        int begun = calls.of("syscall");
        assertThat(waiting.get()).isEqualTo(Outcome.CLOSED);
        assertThat(calls.of("syscall") - begun).as("slices begun since").isLessThanOrEqualTo(1);
        assertThat(a.isHeldByThisHandle()).isTrue();
    }
}
