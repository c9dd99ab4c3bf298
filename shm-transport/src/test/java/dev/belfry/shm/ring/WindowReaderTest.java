package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reader sees that has copied a part of the log, and what happens beside it. */
@Tag(LeakCheck.PLANTED)
class WindowReaderTest {
    private static final int GATE = 520;
    private static final int RECORD = 416; // 8 + 400 + 8

    /** Runs something before the n-th load of this word. */
    private static final class AtLoad extends Seam {
        private long word = -1;
        private int loads;
        private Runnable then;

        private void before(long word, int loads, Runnable then) {
            this.word = word;
            this.loads = loads;
            this.then = then;
        }

        @Override
        protected long load(Words words, long at, int size) {
            if (at == word && then != null && loads-- == 0) {
                Runnable now = then;
                then = null;
                now.run();
            }
            return super.load(words, at, size);
        }
    }

    private final AtLoad seam = new AtLoad();
    private final Memory memory = new Memory(seam, true);
    private final Regions regions = memory.regions();
    private final LogEnd writer = new LogEnd(memory.header, regions, null);
    private final Gate gate = new Gate(memory.header, regions, new Floor(memory.header, regions, memory.slots), null);
    private boolean isCovered;
    private final WindowReader observer = reader(null);
    private final WindowReader gating = reader(() -> Long.MAX_VALUE);

    private WindowReader reader(LongSupplier needed) {
        WindowReader reader = new WindowReader(memory.regions(), 1 << 20, null, memory.header, needed, () -> isCovered);
        reader.moveTo(new LogPlace(0, 1));
        return reader;
    }

    @AfterEach
    void close() {
        memory.close();
    }

    private void publish(int fill) {
        byte[] body = new byte[400];
        Arrays.fill(body, (byte) fill);
        while (writer.append(ByteBuffer.wrap(body), 0, body.length, new byte[0], 0) == LogEnd.NO_ROOM)
            gate.advance(RECORD, false, Gate.Milestones.NONE);
    }

    private void publish(int from, int to) {
        for (int i = from; i <= to; i++) publish(i);
    }

    private static void read(Reader reader, int number) {
        assertThat(reader.next()).as("message " + number).isEqualTo(Reader.Found.RECORD);
        assertThat(reader.record.position()).isEqualTo(number);
        assertThat(reader.record.copyBody()).containsOnly(number);
        assertThat(reader.record.isInPlace()).isFalse();
        reader.advance();
    }

    private static void readBatch(WindowReader reader, int from, int to) {
        long at = reader.batchBegins();
        for (int i = from; i <= to; i++) {
            long word = reader.word(at);
            assertThat(reader.isPlain(word)).as("message " + i).isTrue();
            at = reader.step(at, word);
            assertThat(reader.record.position()).isEqualTo(i);
            assertThat(reader.record.copyBody()).containsOnly(i);
        }
        assertThat(reader.isPlain(reader.word(at))).isFalse();
    }

    @Test
    void shouldReadWhatWasPublishedMeanwhile() {
        for (int i = 1; i <= 50; i++) {
            assertThat(observer.mayProceed()).isFalse();
            assertThat(observer.next()).isEqualTo(Reader.Found.NOTHING);
            publish(i);
            assertThat(observer.mayProceed()).isTrue();
            if (i % 2 == 0) read(observer, i);
            else readBatch(observer, i, i);
        }
    }

    @Test
    void shouldReadFromItsWindowThoughTheRingHasAnotherLap() {
        publish(1, 9);
        read(gating, 1);
        for (int at = 0; at < Memory.CAPACITY; at += 8) regions.ring(0).bytes.putLong(at, -1);
        read(gating, 2);
        readBatch(gating, 3, 9);
    }

    @Test
    @Tag("F48")
    void shouldNoticeAtEachLookThatItWasPassed() {
        for (int look = 0; look < 2; look++) {
            publish(1);
            observer.moveTo(LogPlace.oldest(memory.header, regions));
            if (look == 0) seam.before(GATE, 1, () -> publish(101, 125));
            else seam.before(SegmentHeader.TAIL, 0, () -> publish(101, 125));
            assertThat(observer.next()).as("passed before look %s", look).isEqualTo(Reader.Found.PASSED);
            assertThat(seam.then).isNull();
        }
        observer.moveTo(LogPlace.newest(memory.header, regions)); // where the next look finds nothing
        seam.before(GATE, 1, () -> publish(101, 125));
        assertThat(observer.next()).isEqualTo(Reader.Found.PASSED);
        assertThat(seam.then).isNull();
    }

    @Test
    void shouldNotTakeAPassedWordForCorruption() {
        publish(1, 2);
        publish(101, 125);
        regions.ring(0).bytes.putLong(0, RecordHeader.data(Integer.MAX_VALUE, 0, 77));
        assertThat(observer.next()).isEqualTo(Reader.Found.PASSED);
    }

    @Test
    void shouldTakeAWrongWordForCorruptionWhenNotPassed() {
        publish(1);
        for (long wrong : new long[] {RecordHeader.data(400, 0, 2), RecordHeader.data(Integer.MAX_VALUE, 0, 1)}) {
            regions.ring(0).bytes.putLong(0, wrong);
            observer.moveTo(new LogPlace(0, 1));
            assertThatThrownBy(observer::next).isInstanceOf(CorruptSegmentException.class);
        }
    }

    /** Also in the middle of a batch, though the window still has what is gone. */
    @Test
    void shouldNoticeThatItWasPassedWhileItReadsItsWindow() {
        publish(1, 9);
        read(observer, 1);
        long at = observer.batchBegins();
        assertThat(observer.isPlain(observer.word(at))).isTrue();
        publish(101, 125);
        assertThat(observer.isPlain(observer.word(at))).isFalse();
        assertThat(observer.next()).isEqualTo(Reader.Found.PASSED);
        assertThat(observer.mayProceed()).isTrue();
    }

    @Test
    void shouldAskWhatItNeedsNotWhereItReads() {
        publish(1, 9);
        WindowReader careful = reader(() -> 0); // needs what lies at 0
        careful.moveTo(new LogPlace(5 * RECORD, 6));
        read(careful, 6);
        gate.advance(900, false, Gate.Milestones.NONE);
        assertThat(memory.header.gateAcquire()).isBetween(1L, 5L * RECORD);
        assertThat(careful.next()).isEqualTo(Reader.Found.PASSED);
    }

    /** A window that reaches beyond a HOP has an old lap there. */
    @Test
    void shouldForgetItsWindowBehindAHopAndWhenItIsMoved() {
        publish(1, 2);
        writer.hop(memory.nextRegion());
        publish(3, 6);
        for (WindowReader reader : List.of(gating, observer)) {
            for (int i = 1; i <= 6; i++) read(reader, i);
            reader.moveTo(new LogPlace(0, 1));
            read(reader, 1);
            reader.moveTo(new LogPlace(2 * RECORD + 8 + RECORD, 4));
            for (int i = 4; i <= 6; i++) read(reader, i);
            assertThat(reader.next()).isEqualTo(Reader.Found.NOTHING);
        }
    }

    /** Its publisher has died, or stands, between the word and the tail. */
    @Test
    void shouldReadARecordThatTheTailHasNotPassed() {
        publish(1, 3);
        memory.header.tailRelease(2 * RECORD);
        for (int i = 1; i <= 3; i++) read(gating, i);
        readBatch(observer, 1, 3);
        assertThat(gating.next()).isEqualTo(Reader.Found.NOTHING);
        assertThat(observer.next()).isEqualTo(Reader.Found.NOTHING);
    }

    /** Then the header is zeros, too. */
    @Test
    void shouldBelieveNothingThatIsCopiedOutOfCoveredMemory() {
        publish(1);
        isCovered = true;
        assertThat(gating.next()).isEqualTo(Reader.Found.NOTHING);
        assertThat(gating.isPlain(gating.word(gating.batchBegins()))).isFalse();
    }

    @Test
    void shouldReadAnEmptyWordAgain() {
        publish(1, 2);
        long word = regions.ring(0).wordAcquire(RECORD);
        regions.ring(0).bytes.putLong(RECORD, RecordHeader.empty(2));
        read(gating, 1);
        assertThat(gating.next()).isEqualTo(Reader.Found.NOTHING);
        regions.ring(0).bytes.putLong(RECORD, word);
        read(gating, 2);
    }

    /** The tail stood in the middle of what is there now. */
    @Test
    void shouldReadWhatEndsInTheNextWindow() {
        publish(1, 4);
        memory.header.tailRelease(2 * RECORD + 64);
        read(gating, 1);
        readBatch(observer, 1, 2);
        memory.header.tailRelease(4 * RECORD);
        readBatch(gating, 2, 2);
        for (int i = 3; i <= 4; i++) {
            read(gating, i);
            read(observer, i);
        }
    }

    /** All of them. */
    static final class All implements Consumer<String> {
        @Override
        public void accept(String nothing) {
            Each.run(
                    WindowReaderTest::new,
                    WindowReaderTest::close,
                    List.of(
                            WindowReaderTest::shouldReadWhatWasPublishedMeanwhile,
                            WindowReaderTest::shouldReadFromItsWindowThoughTheRingHasAnotherLap,
                            WindowReaderTest::shouldNoticeAtEachLookThatItWasPassed,
                            WindowReaderTest::shouldNoticeThatItWasPassedWhileItReadsItsWindow,
                            WindowReaderTest::shouldAskWhatItNeedsNotWhereItReads,
                            WindowReaderTest::shouldForgetItsWindowBehindAHopAndWhenItIsMoved,
                            WindowReaderTest::shouldReadARecordThatTheTailHasNotPassed,
                            WindowReaderTest::shouldBelieveNothingThatIsCopiedOutOfCoveredMemory,
                            WindowReaderTest::shouldReadAnEmptyWordAgain,
                            WindowReaderTest::shouldReadWhatEndsInTheNextWindow));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "WindowReader ## ring = regions.at(cursor); forget(); ## ring = regions.at(cursor);",
                "WindowReader ## if (RecordHeader.type(word) == RecordHeader.HOP && ring != files) forget(); ## ''",
                "WindowReader ## long limit = ## if (header.tailAcquire() <= cursor) return 0; long limit =",
                "WindowReader ## if (isCovered.getAsBoolean()) return Found.NOTHING; ## ''",
                "WindowReader ## if (isPassed()) return Found.PASSED; return cursor >= begin ## return cursor >= begin",
                "WindowReader ## if (isPassed()) return Found.PASSED; if (goBe ## if (length == 0 && isPassed()) return Found.PASSED; if (goBe",
                "WindowReader ## if (isPassed()) return Found.PASSED; if (goBe ## if (length != 0 && isPassed()) return Found.PASSED; if (goBe",
                "WindowReader ## return super.isPlain(word) && isWhole(word); ## return super.isPlain(word);",
                "WindowReader ## forget(); // a stranger's store: who waits finds that the log goes on ## ''",
                "WindowReader ## needed == null ? () -> cursor : needed ## () -> cursor"
            })
    @Slow
    void shouldNotice(String type, String snippet, String replacement) {
        new All().accept("");
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(All.class, "")).isInstanceOf(AssertionError.class);
        }
    }
}
