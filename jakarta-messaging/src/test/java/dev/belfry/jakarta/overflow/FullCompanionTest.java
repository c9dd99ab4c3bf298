package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A companion that takes no more: nothing is half told, the log has it once, and it goes on when there is room. */
@OneJdk
@Timeout(60)
class FullCompanionTest extends OneMember {
    private static final int PAGE = 5 << 20;
    private static final int ENOSPC = 28;
    private static final int EIO = 5;

    private final CaughtLog log = new CaughtLog();

    FullCompanionTest() {
        super("20m");
    }

    @BeforeEach
    void catchLog() {
        log.beforeEach(null); // a twin knows no extension
    }

    @AfterEach
    void leaveLog() {
        log.afterEach(null);
    }

    private long logged(String what) {
        return log.text().lines().filter(line -> line.contains(what)).count();
    }

    private void fill() {
        do send();
        while (out.isPaged(companion, false));
    }

    private void drain() {
        bringAllBack();
        floor.raise(companion);
    }

    private void tryTwice() {
        int asked = member.asked;
        Patience.until("it was tried twice", () -> !out.isPaged(companion, false) && member.asked > asked + 4);
    }

    @Test
    void shouldLeaveRoomForAFileAndAPage() {
        fill();
        assertThat(companion.freeBytes()).isBetween((long) PAGE + SEGMENT, 2L * PAGE + SEGMENT);
        assertThat(logged("A backlog stays in memory")).isOne();
        assertThat(log.text()).contains("'" + companion.binding().uri() + "'", "maxSize of 20m");
        assertThat(out.refusal()).contains("maxSize of 20m");
        tryTwice();
        assertThat(logged("A backlog stays in memory")).isOne();
        assertThat(out.isPaged(companion, true))
                .as("a page finds no room to come back")
                .isTrue();
    }

    @Test
    void shouldPageOutAgainWhenPagesHaveLeft() {
        fill();
        drain();
        Patience.until("it goes on", () -> out.isPaged(companion, false));
        assertThat(out.refusal()).isEmpty();
        assertThat(logged("A backlog goes to '" + companion.binding().uri() + "' again."))
                .isOne();
        fill();
        assertThat(logged("A backlog stays in memory")).as("a second time").isEqualTo(2);
    }

    @Test
    void shouldLeaveAllInMemoryWhenTheDiskIsFull() {
        List<Long> all = inMemory();
        DiskProvider.before = call -> call.equals("posix_fallocate") ? ENOSPC : 0;
        while (out.isPaged(companion, false)) {
            drain();
            all = inMemory();
        }
        assertThat(page()).isNull();
        assertThat(inMemory()).isEqualTo(all);
        assertThat(logged("A backlog stays in memory")).isOne();
        DiskProvider.before = call -> 0;
        Patience.until("it goes on", () -> out.isPaged(companion, false));
        assertThat(logged("A backlog goes to")).isOne();
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldLeaveAllInMemoryWhenASyncFails() {
        List<Long> all = inMemory();
        companion.newest();
        DiskProvider.before = call -> call.equals("fdatasync") ? EIO : 0;
        assertThat(out.isPaged(companion, false)).isFalse();
        tryTwice();
        assertThat(page()).isNull();
        assertThat(inMemory()).isEqualTo(all);
        assertThat(logged("A backlog stays in memory")).as(log.text()).isOne();
        DiskProvider.before = call -> 0;
        Patience.until("it goes on", () -> out.isPaged(companion, false));
        assertThat(logged("A backlog goes to")).isOne();
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldHoldUpNobodyWhileItsDiskHangs() throws InterruptedException {
        companion.newest();
        CountDownLatch stands = new CountDownLatch(1);
        CountDownLatch hangs = new CountDownLatch(1);
        DiskProvider.before = call -> {
            if (call.equals("fdatasync")) {
                stands.countDown();
                await(hangs);
            }
            return 0;
        };
        boolean[] paged = {false};
        Thread daemon = new Thread(() -> paged[0] = out.isPaged(companion, false));
        daemon.start();
        stands.await();
        List<Long> all = inMemory();
        send();
        assertThat(inMemory()).hasSize(all.size() + MESSAGES);
        assertThat(page()).as("nothing is told yet").isNull();
        assertThat(daemon.isAlive()).isTrue();
        hangs.countDown();
        daemon.join();
        assertThat(paged[0]).isTrue();
        assertThat(page().rest().mid()).isGreaterThan(all.get(0)).isLessThan(all.get(all.size() - 1));
    }

    /** Waits as long as a page out does. */
    private void pageOutWhileItsDiskHangs() throws InterruptedException {
        List<Long> all = inMemory();
        companion.newest();
        CountDownLatch stands = new CountDownLatch(1);
        CountDownLatch hangs = new CountDownLatch(1);
        Thread daemon = Thread.currentThread();
        DiskProvider.before = call -> {
            if (!call.equals("fdatasync") || Thread.currentThread() == daemon) return 0;
            stands.countDown();
            await(hangs);
            return 0;
        };
        Thread other =
                new Thread(() -> companion.awaitDurable(companion.publish(List.of(new byte[8])), Patience.limit()));
        other.start();
        await(stands);
        try {
            assertThat(out.isPaged(companion, false)).isFalse();
            tryTwice();
            assertThat(page()).isNull();
            assertThat(inMemory()).isEqualTo(all);
            assertThat(logged("has not answered for")).isOne();
        } finally {
            hangs.countDown();
            other.join();
        }
        Patience.until("it goes on", () -> out.isPaged(companion, false));
        assertThat(logged("A backlog goes to")).isOne();
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Of an older copy that was put back the positions would be given again: it takes no page until it is right. */
    @Test
    void shouldPublishNothingWhenItEndsBeforeTheFloor() {
        append(other().floor(companion.binding().id(), 1_000));
        assertThat(out.isPaged(companion, false)).isFalse();
        tryTwice();
        floor.raise(companion);
        assertThat(member.flushes).isZero();
        assertThat(companion.newest()).as("no garbage").isZero();
        assertThat(log.text()).contains("lack that at 999: the directory was put back from a copy");
        assertThat(logged("lack that")).isOne();
    }

    /** No floor was told yet, but a page that lies there. */
    @Test
    void shouldPublishNothingWhenItEndsBeforeAPage() {
        Lot lot = new Lot(QUEUE, 4, 1, 0, 1);
        List<Chunk> chunks = List.of(new Chunk(7, 0));
        append(other().pageAgain(
                        new Paged(UUID.randomUUID(), companion.binding().id(), lot, chunks, new Rest(0, 1))));
        Patience.until("it is refused", () -> {
            assertThat(out.isPaged(companion, false)).isFalse(); // for a second it is left to who told the page
            return logged("lack that at 7: the directory was put back from a copy") > 0;
        });
        assertThat(companion.newest()).isZero();
    }

    /** It never has so much garbage then that a file can go. */
    @Test
    void shouldGoOnWhenItsMaxSizeHasFewFiles() {
        companion.close(Patience.limit());
        companion = new Companion(companion.binding(), 16 << 20, 8 << 20);
        fill();
        drain();
        send();
        Patience.until("it goes on", () -> out.isPaged(companion, false));
    }
}
