package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueClosedException;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The promises of {@link Log} to several that use one: claims, handles, bells; for a transport that
 * has one.
 */
public abstract class LogUsersSuite extends LogCalls {
    protected LogUsersSuite() {}

    // ---- claims

    @Test
    void l08TheEndStandsStillUnderAClaim() {
        Log log = log();
        append(log, 1);
        try (Claim claim = log.claim(64, Reserve.NORMAL, LONG_TIME)) {
            Call<Long> other = call(() -> append(log, 2, Reserve.NORMAL, Duration.ZERO));
            assertThat(other.result()).isEqualTo(Log.REJECTED);
            assertThat(log.newest()).isEqualTo(1);
            expect(log.reader(), 1, 1);
            claim.buffer().order(ByteOrder.LITTLE_ENDIAN).putInt(5);
            assertThat(claim.commit(4)).isEqualTo(2);
        }
        assertThat(append(log, 3)).isEqualTo(3);
        LogReader reader = log.reader();
        expect(reader, 1, 1);
        assertThat(reader.next()).isEqualTo(Step.RECORD);
        assertThat(reader.length()).isEqualTo(4);
        assertThat(reader.getInt(0)).isEqualTo(5);
        expect(reader, 3, 3);
    }

    /** Whether there is room is not known before the other has ended. An interrupt is kept for later. */
    @WaitsForOthers
    @Test
    void l08AnAppendWithoutTimeWaitsForAnotherThatIsUnderWay() {
        Log log = log();
        List<Call<Boolean>> calls;
        boolean inTime;
        do {
            long began = System.nanoTime();
            Claim claim = log.claim(64, Reserve.NORMAL, LONG_TIME);
            calls = List.of(
                    call(() -> append(log, 1) != Log.REJECTED),
                    call(() -> {
                        Thread.currentThread().interrupt();
                        return append(log, 2) != Log.REJECTED && Thread.interrupted();
                    }),
                    call(() -> {
                        try (Claim next = log.claim(8, Reserve.NORMAL, Duration.ZERO)) {
                            return next != null;
                        }
                    }));
            Patience.pause(SHORT.toMillis());
            boolean waits = calls.stream().noneMatch(Call::isDone);
            claim.close();
            inTime = System.nanoTime() - began < Log.OTHERS.toNanos() / 2;
            assertThat(waits || !inTime).as("all wait").isTrue();
        } while (!inTime);
        for (Call<Boolean> one : calls) assertThat(one.result()).isTrue();
    }

    @Test
    void l08AClaimThatIsClosedLeavesNothing() {
        Log log = log();
        log.claim(64, Reserve.NORMAL, LONG_TIME).close();
        assertThat(append(log, 1)).isEqualTo(1);
        expect(log.reader(), 1, 1);
    }

    // ---- handles

    @Test
    void l09HandlesAreAliveUntilTheyAreClosedAndNeverUsedAgain() {
        MessageQueue first = domain();
        Log log = log();
        long handle = first.unwrap(Log.class).self();
        assertThat(handle).isNotZero().isNotEqualTo(log.self());
        assertThat(log.isAlive(handle)).isTrue();
        assertThat(log.isAlive(log.self())).isTrue();
        assertThat(log.isAlive(12_345L << 16 | 1)).isFalse();
        first.close();
        assertThat(log.isAlive(handle)).isFalse();
        assertThat(log().self()).isNotIn(handle, log.self());
        assertThatThrownBy(() -> append(first.unwrap(Log.class), 1)).isInstanceOf(QueueClosedException.class);
    }

    // ---- bells

    @WaitsForOthers
    @Test
    void l10OnlyItsBellsWakeAReader() {
        Log log = log();
        LogReader reader = log.reader();
        Call<Boolean> waits = call(() -> reader.await(2 | 8, Deadlines.FOREVER))
                .untilItWaits()
                .staysPending(SHORT);
        log.append(record(1), Reserve.NORMAL, 1 | 4, Duration.ZERO);
        log.append(record(2), Reserve.NORMAL, 0, Duration.ZERO);
        waits.untilItWaits().staysPending(SHORT);
        log.append(record(3), Reserve.NORMAL, 4 | 8, Duration.ZERO);
        assertThat(waits.result()).isTrue();
        for (int i = 1; i <= 3; i++) expect(reader, i, i);
    }

    @Test
    void l10AReaderWithUnreadRecordsDoesNotWait() {
        Log log = log();
        LogReader reader = log.reader();
        log.append(record(1), Reserve.NORMAL, 0, Duration.ZERO);
        Call<Boolean> ready = call(() -> reader.await(1, Deadlines.FOREVER));
        assertThat(ready.result()).isTrue();
        expect(reader, 1, 1);
        assertThat(reader.await(1, Deadlines.after(Duration.ofMillis(5)))).isFalse();
    }

    @WaitsForOthers
    @Test
    void l11AReaderIsWokenByHandByCloseAndByInterrupts() throws Exception {
        Log log = log();
        LogReader reader = log.reader();
        reader.wake();
        Call<Boolean> woken = call(() -> reader.await(1, Deadlines.FOREVER));
        assertThat(woken.result()).isTrue();
        Call<Boolean> waits =
                call(() -> reader.await(1, Deadlines.FOREVER)).untilItWaits().staysPending(SHORT);
        reader.wake();
        assertThat(waits.result()).isTrue();
        AtomicBoolean flag = new AtomicBoolean();
        Call<Boolean> interrupted = call(() -> {
                    try {
                        return reader.await(1, Deadlines.FOREVER);
                    } finally {
                        flag.set(Thread.currentThread().isInterrupted());
                    }
                })
                .untilItWaits()
                .staysPending(SHORT);
        interrupted.interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(flag).isTrue();
        Call<Boolean> closing =
                call(() -> reader.await(1, Deadlines.FOREVER)).untilItWaits().staysPending(SHORT);
        reader.close();
        assertThat(closing.result()).isTrue();
        assertThatThrownBy(reader::next).isInstanceOf(QueueClosedException.class);
    }

    // ---- the disk

    @Test
    void l13AnyHandleFlushesWhatAnyOneHasAppended() {
        Log log = log();
        Log other = log();
        for (int i = 1; i <= 3; i++) append(log, i);
        assertThat(other.flush(2, LONG_TIME)).isTrue();
        assertThat(log.flush(3, LONG_TIME)).isTrue();
        assertThat(other.flush(3, Duration.ZERO)).as("it is there already").isTrue();
    }

    // ---- features

    @Test
    void l14AFeatureIsRaisedIfAllKnowIt() {
        Log log = log();
        Log other = log();
        boolean isRaised = log.raise(Log.PAGES);
        assertThat(isRaised).isEqualTo(log.unawareOf(Log.PAGES).isEmpty());
        assertThat(other.raise(Log.PAGES)).isEqualTo(isRaised);
        assertThat(log().raise(Log.PAGES)).as("one that comes later").isEqualTo(isRaised);
    }

    // ---- all together

    /**
     * Threads append, one keeps a window by moving a mark, a fast reader checks that nothing is
     * lost, a slow one is passed.
     */
    @WaitsForOthers
    @Seeded(1)
    void l12NothingIsLostWhileAMarkFollows(long seed) throws Exception {
        int count = LONG ? 200_000 : 5_000;
        Log log = log(SMALL);
        Mark mark = log.mark("m");
        List<Call<Void>> authors = new ArrayList<>();
        for (int a = 0; a < 2; a++) {
            int author = a;
            authors.add(run(() -> {
                for (int i = 0; i < count; i++) {
                    ByteBuffer record = ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(author);
                    log.append(record.putInt(i).flip(), Reserve.NORMAL, 1, LONG_TIME);
                }
            }));
        }
        Random random = new Random(seed);
        int[] next = new int[2];
        int passed = 0;
        LogReader reader = log.reader();
        LogReader slow = log.reader();
        for (long position = 1; position <= 2L * count; ) {
            Step step = reader.next();
            assertThat(step).isNotEqualTo(Step.PASSED);
            if (step == Step.NOTHING) {
                assertThat(reader.await(1, Deadlines.after(Patience.limit())))
                        .as("a record after " + (position - 1))
                        .isTrue();
                continue;
            }
            assertThat(reader.position()).isEqualTo(position++);
            assertThat(reader.getInt(4)).isEqualTo(next[reader.getInt(0)]++);
            boolean soonFull = position % 100 == 0; // authors wait for the mark, and the reader for them
            if (soonFull || random.nextInt(50) == 0) mark.advance(here(reader));
            if (random.nextInt(200) == 0 && slow.next() == Step.PASSED) {
                slow.moveTo(mark.at());
                passed++;
            }
        }
        for (Call<Void> author : authors) author.result();
        assertThat(next).containsExactly(count, count);
        assertThat(passed).as("the slow one was passed").isPositive();
    }
}
