package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.sync.FutexLock.Outcome;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@WaitsForOthers
class PublishLockTest {
    private static final int BIAS = SegmentHeader.PUBLISH_LOCK + 4;
    private static final int ASKED = 1 << 31;
    private static final int PATIENCE = 2;
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final Members members = new Members();
    private final Memory memory = members.memory;

    @AfterEach
    void close() {
        members.close();
    }

    private PublishLock member(int handle) {
        return member(handle, Membarrier.registered(Memory.C));
    }

    /** As a process has it: its byte held, its state stored. */
    private PublishLock member(int handle, Membarrier membarrier) {
        long incarnation = members.open(handle);
        return lock(handle, incarnation, membarrier, PATIENCE);
    }

    private PublishLock lock(int handle, long incarnation, Membarrier membarrier, int patience) {
        Futex futex = new Futex(Memory.C);
        return new PublishLock(
                memory.bytes, futex, members.liveness, membarrier, memory.handles, handle, incarnation, patience);
    }

    private void kill(int member) {
        members.kill(member);
    }

    private static Membarrier without() {
        return Membarrier.registered((LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("syscall");
                    return -1L;
                }));
    }

    private int word() {
        return members.word();
    }

    private int bias() {
        return memory.bytes.getIntAcquire(BIAS);
    }

    private int inside(int handle) {
        return memory.bytes.getIntAcquire(memory.handles.insideAt(handle));
    }

    private Wait within(long nanos) {
        return members.within(nanos);
    }

    private void publish(PublishLock lock) {
        if (!lock.enter()) assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
        lock.releaseAfterPublish();
    }

    private PublishLock favoured(int handle) {
        PublishLock lock = member(handle);
        for (int i = 0; i <= PATIENCE; i++) publish(lock);
        assertThat(bias()).as("favoured").isEqualTo(1 << 11 | handle + 1);
        return lock;
    }

    private static <T> CompletableFuture<T> elsewhere(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> new Thread(task).start());
    }

    @Test
    void shouldFavourWhoPublishesAloneForLong() {
        PublishLock lock = member(3);
        for (int i = 0; i < PATIENCE; i++) publish(lock);
        assertThat(lock.enter()).isFalse();
        assertThat(lock.hasFenced()).isEqualTo(FutexLock.RELEASE_FENCES);
        publish(lock);
        assertThat(bias()).isEqualTo(1 << 11 | 4);
        assertThat(lock.enter()).isTrue();
        assertThat(inside(3)).isOne();
        assertThat(word()).as("untouched").isZero();
        assertThat(lock.isHeldByThisHandle()).isTrue();
        assertThat(lock.ownerHandle(memory.handles)).isEqualTo(3);
        lock.releaseAfterPublish();
        assertThat(lock.ownerHandle(memory.handles)).as("nobody is inside").isEqualTo(-1);
        assertThat(inside(3)).isZero();
        assertThat(lock.hasFenced()).isFalse();
    }

    @Test
    void shouldFavourNobodyWhoIsWaitedFor() throws Exception {
        PublishLock lock = member(0);
        PublishLock other = member(1);
        for (int i = 0; i <= PATIENCE; i++) {
            assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
            CompletableFuture<Outcome> waiting = elsewhere(() -> {
                Outcome outcome = other.acquire(within(LONG));
                other.release();
                return outcome;
            });
            while (word() >= 0) Thread.onSpinWait(); // until it says that it waits
            lock.releaseAfterPublish();
            assertThat(waiting.get()).isEqualTo(Outcome.ACQUIRED);
        }
        assertThat(bias()).isZero();
    }

    @Test
    void shouldGiveTheLockToWhoeverAsks() {
        PublishLock lock = favoured(0);
        PublishLock other = member(1);
        assertThat(other.tryAcquire()).isFalse();
        assertThat(other.acquire(within(0))).as("even without waiting").isEqualTo(Outcome.ACQUIRED);
        assertThat(bias()).isZero();
        assertThat(lock.enter()).isFalse();
        assertThat(inside(0)).isZero();
        assertThat(lock.tryAcquire()).isFalse();
        other.release();
        assertThat(lock.tryAcquire()).isTrue();
    }

    @Test
    void shouldWaitMoreLongEachTimeBeforeAThreadIsFavouredAgain() {
        PublishLock lock = favoured(0);
        PublishLock other = member(1);
        other.acquire(within(LONG));
        other.release();
        int times = 0;
        for (; bias() == 0; times++) publish(lock);
        assertThat(times).isEqualTo(4 * PATIENCE + 1);
    }

    @Test
    void shouldWaitForWhoIsInside() {
        PublishLock lock = favoured(0);
        PublishLock other = member(1);
        assertThat(lock.enter()).isTrue();
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(other.acquire(within(30_000_000))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(bias()).as("asked").isEqualTo(ASKED | 1 << 11 | 1);
        assertThat(word()).as("given back meanwhile").isZero();
        CompletableFuture<Outcome> waiting = elsewhere(() -> other.acquire(within(LONG)));
        while (word() == 0) Thread.onSpinWait();
        lock.releaseAfterPublish();
        assertThat(waiting.join()).isEqualTo(Outcome.ACQUIRED);
    }

    /** Which would pass the favoured one by. */
    @Test
    void shouldRefuseTheWayOfAThreadThatHasAnotherLock() {
        PublishLock other = member(1);
        assertThatThrownBy(() -> other.acquireInside(within(LONG))).isInstanceOf(UnsupportedOperationException.class);
        assertThat(word()).isZero();
    }

    @Test
    void shouldEndAWaitForWhoIsInside() throws Exception {
        PublishLock lock = favoured(0);
        PublishLock other = member(1);
        assertThat(lock.enter()).isTrue();
        members.closing.set(true);
        assertThat(other.acquire(within(LONG))).isEqualTo(Outcome.CLOSED);
        members.closing.set(false);
        Thread.currentThread().interrupt();
        assertThat(other.acquire(within(LONG))).isEqualTo(Outcome.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(word()).isZero();
        lock.release();
        assertThat(other.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldTakeOverFromADeadOneInside() {
        PublishLock dead = favoured(0);
        PublishLock heir = member(1);
        assertThat(dead.enter()).isTrue();
        assertThat(heir.isHeldByDead()).isFalse();
        kill(0);
        assertThat(heir.isHeldByDead()).isTrue();
        assertThat(heir.acquire(within(0))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
        assertThat(bias()).isZero();
        assertThat(heir.isHeldByDead()).isFalse();
    }

    @Test
    void shouldTakeOverFromADeadOneWithTheLockWord() {
        PublishLock dead = member(0);
        PublishLock heir = member(1);
        assertThat(dead.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
        assertThat(heir.isHeldByDead()).isFalse();
        kill(0);
        assertThat(heir.isHeldByDead()).isTrue();
        assertThat(member(0).takeOverFromPredecessor())
                .as("something to repair")
                .isTrue();
    }

    @Test
    void shouldHaveNothingToRepairAfterADeadOneOutside() {
        favoured(0);
        PublishLock heir = member(1);
        kill(0);
        assertThat(heir.isHeldByDead()).isFalse();
        assertThat(heir.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldRepairWhenTheDeadOnesHandleIsSomebodyElsesByNow() {
        PublishLock dead = favoured(0);
        PublishLock heir = member(1);
        assertThat(dead.enter()).isTrue();
        kill(0);
        PublishLock later = member(0);
        assertThat(inside(0)).as("cleared").isZero();
        assertThat(later.isHeldByThisHandle()).isFalse();
        assertThat(heir.isHeldByDead()).as("for who looks").isTrue();
        assertThat(heir.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
    }

    @Test
    void shouldTakeOverFromAFavouredPredecessor() {
        PublishLock dead = favoured(0);
        assertThat(dead.enter()).isTrue();
        kill(0);
        PublishLock later = member(0);
        assertThat(later.takeOverFromPredecessor()).as("something to repair").isTrue();
        assertThat(bias()).isZero();
        assertThat(later.isHeldByThisHandle()).isTrue();
        later.release();
        assertThat(word()).isZero();
    }

    @Test
    void shouldGoOnAfterWhoDiedAsking() {
        PublishLock lock = favoured(0);
        PublishLock asker = member(1);
        assertThat(lock.enter()).isTrue();
        assertThat(asker.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        memory.bytes.putIntRelease(SegmentHeader.PUBLISH_LOCK, 1 << 11 | 2); // as if it had died before it gave up
        kill(1);
        PublishLock third = member(2);
        assertThat(third.acquire(within(0))).as("one is inside").isEqualTo(Outcome.TIMED_OUT);
        memory.bytes.putIntRelease(SegmentHeader.PUBLISH_LOCK, 1 << 11 | 2);
        PublishLock later = member(1);
        assertThat(later.takeOverFromPredecessor()).as("something to repair").isFalse();
        assertThat(word()).isZero();
        lock.release();
        assertThat(third.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldFavourOneThreadOfAHandleAsLongAsItLives() throws Exception {
        PublishLock lock = favoured(0);
        elsewhere(() -> {
                    assertThat(lock.enter()).isFalse();
                    for (int i = 0; i < 20 * PATIENCE; i++) publish(lock);
                    return lock.enter();
                })
                .thenAccept(entered -> assertThat(entered).isFalse())
                .join();
        assertThat(lock.enter()).isFalse();
        PublishLock fresh = member(1);
        Thread first = new Thread(() -> {
            for (int i = 0; i <= PATIENCE; i++) publish(fresh);
        });
        first.start();
        first.join();
        assertThat(bias()).as("the thread that has ended").isEqualTo(1 << 11 | 2);
        for (int i = 0; i < 20 * PATIENCE; i++) publish(fresh);
        assertThat(fresh.enter()).isTrue();
        fresh.release();
    }

    @Test
    void shouldForgoIt() {
        PublishLock lock = favoured(0);
        lock.forgoBias();
        assertThat(bias()).isZero();
        assertThat(word()).isZero();
        assertThat(lock.enter()).isFalse();
        for (int i = 0; i <= PATIENCE; i++) publish(lock);
        assertThat(bias()).as("as soon as the first time").isNotZero();
    }

    @Test
    void shouldEndItForWhoClosesUnlessSomebodyIsInside() {
        PublishLock lock = favoured(0);
        assertThat(lock.enter()).isTrue();
        elsewhere(() -> {
                    lock.endOwnBias();
                    lock.endOwnBias();
                    return null;
                })
                .join();
        assertThat(lock.isHeldByThisHandle()).isTrue();
        lock.release();
        elsewhere(() -> {
                    lock.endOwnBias();
                    return null;
                })
                .join();
        assertThat(lock.isHeldByThisHandle()).isFalse();
        assertThat(word()).isZero();
    }

    /** As with a claim open: if it took itself for one that goes by the word, its next release would be a fence. */
    @Test
    void shouldStayFavouredWhereItAsksItselfInside() {
        PublishLock lock = favoured(0);
        assertThat(lock.enter()).isTrue();
        lock.endOwnBias();
        lock.releaseAfterPublish();
        assertThat(lock.hasFenced()).isFalse();
        assertThat(lock.enter()).as("it was asked").isFalse();
        lock.endOwnBias();
        assertThat(bias()).isZero();
    }

    @Test
    void shouldFavourNobodyWhomNoFenceReaches() {
        PublishLock lock = member(0, without());
        for (int i = 0; i < 20 * PATIENCE; i++) publish(lock);
        assertThat(bias()).isZero();
        assertThat(lock.enter()).isFalse();
    }

    @Test
    void shouldAskWithoutMembarrier() {
        PublishLock lock = favoured(0);
        PublishLock other = member(1, without());
        assertThat(lock.enter()).isTrue();
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        lock.release();
        Thread.currentThread().interrupt(); // which must not make the wait for the other's stores shorter
        long began = System.nanoTime();
        assertThat(other.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(20_000_000);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** It asks, and does not wait for the other's stores: that time passes between its calls. */
    @Test
    void shouldNotSleepWithoutMembarrierWhenItMayNotWait() {
        PublishLock lock = favoured(0);
        PublishLock other = member(1, without());
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(bias()).as("asked").isEqualTo(ASKED | 1 << 11 | 1);
        assertThat(word()).as("given back").isZero();
        assertThat(lock.enter()).isFalse();
        Outcome outcome;
        do outcome = other.acquire(within(0));
        while (outcome == Outcome.TIMED_OUT);
        assertThat(outcome).isEqualTo(Outcome.ACQUIRED);
        assertThat(bias()).isZero();
    }

    /** The same name at another count may be there for a second time, and asked by somebody else just now. */
    @Test
    void shouldNotCountTheTimeOfAnotherBiasWhenItMayNotWait() {
        favoured(0);
        PublishLock other = member(1, without());
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        for (int i = 1; i <= 3; i++) {
            Membarrier.outlastStoreBuffers();
            memory.bytes.putLongRelease(SegmentHeader.COUNT, i);
            assertThat(other.acquire(within(0))).isEqualTo(Outcome.TIMED_OUT);
        }
        Membarrier.outlastStoreBuffers();
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldTakeOverFromTheDeadWithoutMembarrierWhenItMayNotWait() {
        favoured(0);
        PublishLock other = member(1, without());
        kill(0);
        assertThat(other.acquire(within(0))).isEqualTo(Outcome.ACQUIRED);
    }

    @Test
    void shouldTreatANameOfNobodyAsADeadOne() {
        PublishLock lock = member(0);
        for (int scribbled : new int[] {7 << 11, 7 << 11 | 2047, -1, 1}) {
            memory.bytes.putIntRelease(BIAS, scribbled);
            assertThat(lock.isHeldByDead()).isTrue();
            assertThat(lock.ownerHandle(memory.handles)).isEqualTo(-1);
            assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED_FROM_DEAD_OWNER);
            assertThat(bias()).isZero();
            lock.release();
        }
    }

    @Test
    void shouldEndInTimeWhenInsideIsScribbled() {
        favoured(0);
        PublishLock other = member(1);
        memory.bytes.putIntRelease(memory.handles.insideAt(0), 77);
        long began = System.nanoTime();
        assertThat(other.acquire(within(100_000_000))).isEqualTo(Outcome.TIMED_OUT);
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(100_000_000);
    }

    /** Two members, two threads of each, one of which publishes far more often and is favoured again and again. */
    @Test
    void shouldCountRightWhoeverIsFavoured() throws Exception {
        PublishLock[] locks = {member(0), member(1)};
        long[] counter = {0};
        long[] fast = {0};
        int[] rounds = {200_000, 2_000, 2_000, 2_000};
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            PublishLock lock = locks[t % 2];
            int times = rounds[t];
            threads.add(new Thread(() -> {
                for (int i = 0; i < times; i++) {
                    boolean entered = lock.enter();
                    if (!entered) assertThat(lock.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
                    counter[0]++;
                    if (entered) fast[0]++;
                    lock.releaseAfterPublish();
                    if (times < 10_000 && i % 100 == 0) LockSupport.parkNanos(50_000); // so that one has it to itself
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        assertThat(counter[0]).isEqualTo(206_000);
        assertThat(fast[0]).as("by the way of the favoured").isPositive();
        assertThat(word()).isZero();
    }

    /**
     * One goes in and out by its own way as fast as it can until another asks, again and again: in
     * compiled code, on the real processors. How often both were inside, in so many rounds, or as
     * many as there is time for.
     */
    private int meetings(int rounds, long nanos, Membarrier membarrier) throws Exception {
        long end = System.nanoTime() + nanos;
        AtomicBoolean over = new AtomicBoolean();
        Crossing crossing = new Crossing();
        Thread favoured = new Thread(() -> {
            while (!over.get()) {
                PublishLock lock = lock(0, memory.handles.incarnation(0), membarrier, 0);
                if (lock.tryAcquire()) lock.releaseAfterPublish();
                else Thread.yield();
                while (lock.enter()) {
                    crossing.pass(1);
                    lock.release();
                    if (over.get()) break;
                }
            }
        });
        favoured.start();
        PublishLock other = lock(1, memory.handles.incarnation(1), membarrier, 0);
        int round = 0;
        for (; round == 0 || round < rounds && System.nanoTime() - end < 0; round++) {
            for (int look = 0; bias() == 0; look++) if (look > 10_000) Thread.yield(); // on one processor
            for (int i = 0; i < round % 64; i++) Thread.onSpinWait();
            assertThat(other.acquire(within(LONG))).isEqualTo(Outcome.ACQUIRED);
            crossing.pass(2);
            other.release();
        }
        over.set(true);
        favoured.join();
        assertThat(round).isPositive();
        return crossing.met;
    }

    private static final class Crossing {
        private int inside;
        private int met;

        void pass(int who) {
            inside = who;
            for (int i = 0; i < 4; i++) Thread.onSpinWait();
            SharedBytes.loadFence();
            if (inside != who) met++;
        }
    }

    @Test
    @Slow
    void shouldExcludeTheFavouredOne() throws Exception {
        member(0);
        member(1);
        assertThat(meetings(100_000, TimeUnit.SECONDS.toNanos(3), Membarrier.registered(Memory.C)))
                .isZero();
    }

    /**
     * So the one above can fail. They must meet within nanoseconds, which is rare where the machine
     * is busy. With any luck: {@code StoreBufferTest}.
     */
    @Luck
    @Seeded(2)
    @Timeout(180)
    void shouldMeetTheFavouredOneWhereNobodyIsFenced() throws Exception {
        member(0);
        member(1);
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
        // No more than the answer: while it takes its time, the stores that it should have fenced are seen all the
        // same.
        Membarrier onlySaysSo = Membarrier.registered((LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> 0L));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        int met = 0;
        while (met == 0 && System.nanoTime() - end < 0) met = meetings(50_000, TimeUnit.SECONDS.toNanos(2), onlySaysSo);
        assertThat(met).isPositive();
    }
}
