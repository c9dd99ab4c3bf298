package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What {@link Log} promises; for a transport that has one. Beside the contract's list, as no program sees it. */
public abstract class LogSuite extends ConformanceSuite {
    private static final String DOMAIN = Log.KIND + "=" + Log.DOMAIN;
    private static final int ALL_BELLS = -1;
    private static final long RECORD = 1_000;

    protected LogSuite() {}

    private MessageQueue domain(String... parameters) {
        List<String> all = new ArrayList<>(List.of(parameters));
        all.add(DOMAIN);
        return open(all.toArray(new String[0]));
    }

    private Log log(String... parameters) {
        return domain(parameters).unwrap(Log.class);
    }

    private static long append(Log log, int number) {
        return append(log, number, Reserve.NORMAL, Duration.ZERO);
    }

    private static long append(Log log, int number, Reserve reserve, Duration timeout) {
        ByteBuffer record = record(number);
        long position = log.append(record, reserve, ALL_BELLS, timeout);
        assertThat(record.remaining()).isEqualTo(position == Log.REJECTED ? RECORD : 0);
        return position;
    }

    private static ByteBuffer record(int number) {
        return ByteBuffer.allocate((int) RECORD)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .putLong(~(long) number)
                .put((byte) -1)
                .rewind();
    }

    private static void expect(LogReader reader, long position, int number) {
        assertThat(reader.next()).isEqualTo(Step.RECORD);
        assertThat(reader.position()).isEqualTo(position);
        assertThat(reader.length()).isEqualTo((int) RECORD);
        assertThat(reader.getInt(0)).isEqualTo(number);
        assertThat(reader.getLong(4)).isEqualTo(~(long) number);
        assertThat(reader.getByte(12)).isEqualTo((byte) -1);
        byte[] bytes = new byte[6];
        reader.get(0, bytes, 1, 4);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(1))
                .isEqualTo(number);
        assertThat(reader.intact()).isTrue();
    }

    /** Appends until it is refused. */
    private static int fill(Log log, Reserve reserve) {
        int taken = 0;
        while (append(log, 0, reserve, Duration.ZERO) != Log.REJECTED)
            assertThat(++taken).isLessThan(1_000);
        return taken;
    }

    private static Mark.At here(LogReader reader) {
        return new Mark.At(reader.place(), reader.position());
    }

    // ---- kinds

    @Test
    void l01IsNoPlainQueue() {
        domain();
        assertThatThrownBy(this::open)
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("domain of Jakarta Messaging");
        MessageQueue handle = domain();
        assertThatThrownBy(handle::createPublisher).isInstanceOf(IncompatibleQueueException.class);
        assertThatThrownBy(handle::createSubscriber).isInstanceOf(IncompatibleQueueException.class);
        assertThatThrownBy(() -> handle.unsubscribe("mark")).isInstanceOf(IncompatibleQueueException.class);
    }

    @Test
    void l01APlainQueueIsNoLog() {
        MessageQueue queue = open();
        assertThatThrownBy(() -> queue.unwrap(Log.class)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> domain()).isInstanceOf(IncompatibleQueueException.class);
    }

    @Test
    void l01RefusesOptionsThatLoseWhatIsKept() {
        assertThatThrownBy(() -> domain("maxGateTime=1s")).hasMessageContaining("maxGateTime");
        assertThatThrownBy(() -> domain("allowGating=false")).hasMessageContaining("allowGating");
        assertThatThrownBy(() -> open(Log.KIND + "=other")).hasMessageContaining("'other'");
    }

    // ---- appending and reading

    @Test
    void l02ReadersSeeWhatWasAppendedInItsOrder() {
        Log one = log();
        Log other = log();
        LogReader reader = one.reader();
        assertThat(reader.next()).isEqualTo(Step.NOTHING);
        for (int i = 1; i <= 5; i++) {
            Log author = i % 2 == 0 ? one : other;
            assertThat(append(author, i)).isEqualTo(i);
            assertThat(one.newest()).isEqualTo(i);
        }
        for (int i = 1; i <= 5; i++) expect(reader, i, i);
        assertThat(reader.next()).isEqualTo(Step.NOTHING);
        assertThat(one.id()).isEqualTo(other.id());
    }

    @Test
    void l02RefusesWhatIsTooLong() {
        Log log = log(FIXED);
        assertThat(log.maxRingBytes()).isEqualTo(16 << 10);
        ByteBuffer tooLong = ByteBuffer.allocate((4 << 10) + 1);
        assertThatThrownBy(() -> log.append(tooLong, Reserve.ALL, 0, Duration.ZERO))
                .isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(() -> log.claim((4 << 10) + 1, Reserve.ALL, Duration.ZERO))
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(log.newest()).isZero();
    }

    @Test
    void l03ReadsAnyRecordByItsPlace() {
        Log log = log(FIXED);
        Mark mark = log.mark("m");
        append(log, 1);
        append(log, 2);
        LogReader reader = log.reader();
        expect(reader, 1, 1);
        Mark.At first = here(reader);
        expect(reader, 2, 2);
        Mark.At second = here(reader);
        byte[] to = new byte[8];
        assertThat(reader.read(first.place(), 1, 0, to, 2, 4)).isTrue();
        assertThat(ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN).getInt(2)).isEqualTo(1);
        assertThat(reader.read(second.place(), 1, 0, to, 0, 4)).isFalse();
        assertThat(reader.read(second.place(), 3, 0, to, 0, 4)).isFalse();
        assertThatThrownBy(() -> reader.read(first.place(), 1, (int) RECORD - 3, to, 0, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(mark.advance(second)).isTrue();
        fill(log, Reserve.ALL);
        assertThat(reader.read(first.place(), 1, 0, to, 0, 4)).isFalse();
        assertThat(reader.read(second.place(), 2, 0, to, 0, 4)).isTrue();
        reader.moveTo(second);
        expect(reader, 2, 2);
    }

    // ---- marks, room, passing

    @Test
    void l04AMarkKeepsWhatComesAfterIt() {
        Log log = log(FIXED);
        Mark mark = log.mark("m");
        assertThat(mark.at()).isEqualTo(new Mark.At(mark.at().place(), 1));
        int taken = fill(log, Reserve.ALL);
        assertThat(taken).isBetween(10, 16);
        LogReader reader = log.reader();
        expect(reader, 1, 0);
        expect(reader, 2, 0);
        expect(reader, 3, 0);
        Mark.At third = here(reader);
        long used = log.usedBytes();
        assertThat(mark.advance(third)).isTrue();
        assertThat(log.usedBytes()).isBetween(used - 2 * RECORD - 32, used - 2 * RECORD);
        assertThat(fill(log, Reserve.ALL)).isEqualTo(2);
        assertThat(log.reader().next()).isEqualTo(Step.RECORD);
        assertThat(log.mark("m").at()).isEqualTo(third);
    }

    @Test
    void l04AMarkOutlivesItsHandles() {
        MessageQueue handle = domain(FIXED);
        Log log = handle.unwrap(Log.class);
        Mark mark = log.mark("m");
        append(log, 1);
        handle.close();
        Log later = log();
        assertThat(later.usedBytes()).isGreaterThan(RECORD);
        fill(later, Reserve.ALL);
        expect(later.reader(), 1, 1);
        assertThatThrownBy(() -> log.mark("m")).isInstanceOf(QueueClosedException.class);
        assertThat(later.mark("m").at().position()).isEqualTo(1);
        assertThat(mark).isNotNull();
    }

    @Test
    void l04AMarkMovesOnlyOnAndOnlyToRecords() {
        Log log = log();
        Mark mark = log.mark("m");
        for (int i = 1; i <= 3; i++) append(log, i);
        LogReader reader = log.reader();
        expect(reader, 1, 1);
        Mark.At first = here(reader);
        expect(reader, 2, 2);
        Mark.At second = here(reader);
        expect(reader, 3, 3);
        long end = reader.place() + reader.place() - second.place();
        assertThat(mark.advance(new Mark.At(second.place() + 8, 2))).isFalse();
        assertThat(mark.advance(new Mark.At(second.place(), 3))).isFalse();
        assertThat(mark.advance(new Mark.At(end, 5))).isFalse();
        assertThat(mark.at()).isEqualTo(first);
        assertThat(mark.advance(second)).isTrue();
        assertThat(mark.advance(first)).isFalse();
        assertThat(mark.advance(second)).isFalse();
        assertThat(mark.at()).isEqualTo(second);
        assertThat(mark.advance(new Mark.At(end, 4))).isTrue();
        assertThat(log.usedBytes()).isZero();
    }

    @Test
    void l05AReaderHoldsNothingBackAndLearnsThatItWasPassed() {
        Log log = log(FIXED);
        LogReader reader = log.reader();
        append(log, 1);
        expect(reader, 1, 1);
        for (int i = 2; i <= 40; i++)
            assertThat(append(log, i, Reserve.ALL, Duration.ZERO)).isEqualTo(i);
        assertThat(reader.intact()).isFalse();
        assertThat(reader.next()).isEqualTo(Step.PASSED);
        assertThat(reader.next()).isEqualTo(Step.PASSED);
        LogReader late = log.reader();
        assertThat(late.next()).isEqualTo(Step.RECORD);
        reader.moveTo(here(late));
        expect(reader, late.position(), (int) late.position());
    }

    @Test
    void l05AHeldLogKeepsAllThatIsThere() {
        Log log = log(FIXED);
        append(log, 1);
        LogReader reader = log.reader();
        reader.hold(true);
        fill(log, Reserve.ALL);
        expect(reader, 1, 1);
        reader.hold(false);
        for (int i = 0; i < 40; i++)
            assertThat(append(log, i, Reserve.ALL, Duration.ZERO)).isPositive();
        assertThat(reader.next()).isEqualTo(Step.PASSED);
        LogReader other = log.reader();
        other.hold(true);
        other.close();
        for (int i = 0; i < 40; i++)
            assertThat(append(log, i, Reserve.ALL, Duration.ZERO)).isPositive();
    }

    @Test
    void l06ReservesLeaveRoomForThoseThatFree() {
        Log log = log(FIXED);
        log.mark("m");
        int normal = fill(log, Reserve.NORMAL);
        assertThat(log.usedBytes()).isLessThanOrEqualTo(12 << 10);
        int small = fill(log, Reserve.SMALL);
        assertThat(log.usedBytes()).isLessThanOrEqualTo(14 << 10);
        int all = fill(log, Reserve.ALL);
        assertThat(List.of(normal, small, all)).doesNotContain(0);
        assertThat(append(log, 1)).isEqualTo(Log.REJECTED);
        assertThat(log.claim(8, Reserve.NORMAL, Duration.ZERO)).isNull();
    }

    @Test
    void l06OnlyAnAppendThatMayWaitGrows() {
        Log log = log(SMALL);
        log.mark("m");
        long ring = log.ringBytes();
        fill(log, Reserve.NORMAL);
        assertThat(log.ringBytes()).isEqualTo(ring);
        assertThat(append(log, 1, Reserve.NORMAL, LONG_TIME)).isPositive();
        assertThat(log.ringBytes()).isEqualTo(2 * ring);
    }

    @Waits
    @Test
    void l07AnAppendWaitsForTheMark() {
        Log log = log(FIXED);
        Mark mark = log.mark("m");
        int taken = fill(log, Reserve.NORMAL);
        Call<Long> waits = call(() -> append(log, 7, Reserve.NORMAL, LONG_TIME))
                .untilItWaits()
                .staysPending(SHORT);
        LogReader reader = log.reader();
        for (int i = 0; i < 4; i++) reader.next();
        assertThat(mark.advance(here(reader))).isTrue();
        assertThat(waits.result()).isEqualTo(taken + 1);
        fill(log, Reserve.NORMAL);
        assertThat(append(log, 8, Reserve.NORMAL, SHORT)).isEqualTo(Log.REJECTED);
    }

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
    @Waits
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

    @Waits
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

    @Waits
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

    // ---- all together

    /**
     * Threads append, one keeps a window by moving a mark, a fast reader checks that nothing is
     * lost, a slow one is passed.
     */
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
        LogReader reader = log.reader();
        LogReader slow = log.reader();
        for (long position = 1; position <= 2L * count; ) {
            Step step = reader.next();
            assertThat(step).isNotEqualTo(Step.PASSED);
            if (step == Step.NOTHING) {
                reader.await(1, Deadlines.after(Patience.limit()));
                continue;
            }
            assertThat(reader.position()).isEqualTo(position++);
            assertThat(reader.getInt(4)).isEqualTo(next[reader.getInt(0)]++);
            if (random.nextInt(50) == 0) mark.advance(here(reader));
            if (random.nextInt(200) == 0 && slow.next() == Step.PASSED) slow.moveTo(mark.at());
        }
        for (Call<Void> author : authors) author.result();
        assertThat(next).containsExactly(count, count);
        assertThat(MessageQueues.list(fixture().scheme())).anyMatch(q -> q.uri().equals(plainUri()));
    }
}
