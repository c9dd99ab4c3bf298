package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Call;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The promises of {@link Log} to an author, a mark and a reader; for a transport that has one.
 * Beside the contract's list, as no program sees it.
 */
public abstract class LogSuite extends LogCalls {
    protected LogSuite() {}

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

    @Test
    @Tag("LIST")
    void l01IsListed() {
        log();
        assertThat(MessageQueues.list(fixture().scheme())).anyMatch(q -> q.uri().equals(plainUri()));
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
        assertThatThrownBy(() -> log.append(tooLong, Reserve.NONE, 0, Duration.ZERO))
                .isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(() -> log.claim((4 << 10) + 1, Reserve.NONE, Duration.ZERO))
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
        assertThat(mark.advance(second)).isEqualTo(Mark.Advance.MOVED);
        fill(log, Reserve.NONE);
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
        int taken = fill(log, Reserve.NONE);
        assertThat(taken).isBetween(10, 16);
        LogReader reader = log.reader();
        expect(reader, 1, 0);
        expect(reader, 2, 0);
        expect(reader, 3, 0);
        Mark.At third = here(reader);
        long used = log.usedBytes();
        assertThat(mark.advance(third)).isEqualTo(Mark.Advance.MOVED);
        assertThat(log.usedBytes()).isBetween(used - 2 * RECORD - 48, used - 2 * RECORD);
        assertThat(fill(log, Reserve.NONE)).isEqualTo(2);
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
        fill(later, Reserve.NONE);
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
        assertThat(mark.advance(new Mark.At(second.place() + 8, 2))).isEqualTo(Mark.Advance.STAYED);
        assertThat(mark.advance(new Mark.At(second.place(), 3))).isEqualTo(Mark.Advance.STAYED);
        assertThat(mark.advance(new Mark.At(end, 5))).isEqualTo(Mark.Advance.STAYED);
        assertThat(mark.at()).isEqualTo(first);
        assertThat(mark.advance(second)).isEqualTo(Mark.Advance.MOVED);
        assertThat(mark.advance(first)).isEqualTo(Mark.Advance.STAYED);
        assertThat(mark.advance(second)).isEqualTo(Mark.Advance.STAYED);
        assertThat(mark.at()).isEqualTo(second);
        assertThat(mark.advance(new Mark.At(end, 4))).isEqualTo(Mark.Advance.MOVED);
        assertThat(log.flush(3, LONG_TIME)).as("what no file has is kept, too").isTrue();
        assertThat(log.usedBytes()).isZero();
    }

    @Test
    void l05AReaderHoldsNothingBackAndLearnsThatItWasPassed() {
        Log log = log(FIXED);
        LogReader reader = log.reader();
        append(log, 1);
        expect(reader, 1, 1);
        for (int i = 2; i <= 40; i++)
            assertThat(append(log, i, Reserve.NONE, Duration.ZERO)).isEqualTo(i);
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
        fill(log, Reserve.NONE);
        expect(reader, 1, 1);
        reader.hold(false);
        for (int i = 0; i < 40; i++)
            assertThat(append(log, i, Reserve.NONE, Duration.ZERO)).isPositive();
        assertThat(reader.next()).isEqualTo(Step.PASSED);
        LogReader other = log.reader();
        other.hold(true);
        other.close();
        for (int i = 0; i < 40; i++)
            assertThat(append(log, i, Reserve.NONE, Duration.ZERO)).isPositive();
    }

    @Test
    void l06ReservesLeaveRoomForThoseThatFree() {
        Log log = log(FIXED);
        log.mark("m");
        int normal = fill(log, Reserve.NORMAL);
        assertThat(log.usedBytes()).isLessThanOrEqualTo(12 << 10);
        int small = fill(log, Reserve.SMALL);
        assertThat(log.usedBytes()).isLessThanOrEqualTo(14 << 10);
        int all = fill(log, Reserve.NONE);
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

    @WaitsForOthers
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
        assertThat(mark.advance(here(reader))).isEqualTo(Mark.Advance.MOVED);
        assertThat(waits.result()).isEqualTo(taken + 1);
        fill(log, Reserve.NORMAL);
        assertThat(append(log, 8, Reserve.NORMAL, SHORT)).isEqualTo(Log.REJECTED);
    }
}
