package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same where each record ends in a trailer, and what trailers say. */
@Tag(LeakCheck.PLANTED)
class RingWithTrailersTest extends RingTest {
    private static final long MORE = 1;
    private static final byte[] NONE = {};

    @Override
    boolean hasTrailers() {
        return true;
    }

    private long trailer(long end) {
        return memory.regions().ring(0).wordAcquire(end - 8);
    }

    private void checkAll() {
        new LogCheck(memory.header, memory.regions(), 1 << 20).walk(Set.of(), told -> {});
    }

    /** As if so many messages had been there before. */
    private void beginAt(long position) {
        memory.regions().putFirstWord(RecordHeader.empty(position));
        memory.header.countRelease(position - 1);
        memory.header.gatePosRelease(position);
    }

    @Test
    void shouldSayBits24To54OfThePosition() {
        assertThat(RecordTrailer.of(0xFFFFFF, false)).isZero();
        assertThat(RecordTrailer.of(1L << 24, false)).isEqualTo(2);
        assertThat(RecordTrailer.of(1L << 54, true)).isEqualTo(0x8000_0001L);
        assertThat(RecordTrailer.of(-1L, false)).isEqualTo(0xFFFF_FFFEL);
        beginAt(0x1234_5678_9ABCL);
        writer.append(ByteBuffer.allocate(3), 0, 3, NONE, 0);
        assertThat(trailer(24)).isEqualTo(0x12_3456L << 1);
        checkAll();
    }

    @Test
    void shouldSayInABatchWhetherMoreOfItFollows() {
        beginAt(1L << 24);
        assertThat(writer.hasRoom(200)).isTrue();
        LogBatch batch = new LogBatch(writer);
        batch.begin();
        for (int length : new int[] {3, 8, 20}) batch.add(ByteBuffer.allocate(length), 0, length, NONE, 0);
        batch.commit();
        assertThat(trailer(24)).isEqualTo(2 | MORE);
        assertThat(trailer(48)).isEqualTo(2 | MORE);
        assertThat(trailer(88)).isEqualTo(2);
        writer.append(ByteBuffer.allocate(1), 0, 1, NONE, 0);
        assertThat(trailer(112)).as("no batch").isEqualTo(2);
        checkAll();
    }

    @Test
    void shouldMoveTheTrailerWithTheEndOfAShortenedMessage() {
        assertThat(writer.hasRoom(300)).isTrue();
        LogBatch batch = new LogBatch(writer);
        batch.begin();
        batch.claim(100, 0);
        batch.shorten(10, false);
        batch.claim(50, 0);
        batch.shorten(0, false);
        batch.commit();
        assertThat(memory.header.tailAcquire()).isEqualTo(32 + 16);
        assertThat(trailer(32)).isEqualTo(MORE);
        assertThat(trailer(48)).isZero();
        assertThat(writer.hasRoom(writer.need(100, 0, false))).isTrue();
        writer.reservedBytes().putLong(writer.reserved(false) + 16, -1);
        writer.commitReserved(16, 0);
        assertThat(trailer(80)).isZero();
        checkAll();
    }

    @Test
    void shouldEndTheRecordsOfALogInThem() {
        beginAt(3L << 24);
        LogRecord log = new LogRecord(writer);
        assertThat(writer.hasRoom(log.need(5))).isTrue();
        log.append(ByteBuffer.allocate(5), 0, 5, 1);
        assertThat(trailer(32)).isEqualTo(6);
        checkAll();
    }

    @Test
    void shouldFindTrailersThatCannotBeRight() {
        writer.append(ByteBuffer.allocate(3), 0, 3, NONE, 0);
        checkAll();
        for (long wrong : new long[] {MORE, 2, 1L << 32, -1}) {
            memory.regions().ring(0).bytes.putLong(16, wrong);
            assertThatThrownBy(this::checkAll)
                    .as(Long.toHexString(wrong))
                    .isInstanceOf(CorruptSegmentException.class)
                    .hasMessageContaining("trailer");
        }
    }

    /** However far off the place is that was noted beside the offset, and the count. */
    @Test
    void shouldTakeAPositionFromTheRecordItself() {
        long first = (5L << 24) - 2;
        beginAt(first);
        for (int i = 0; i < 4; i++) writer.append(ByteBuffer.allocate(3), 0, 3, NONE, 0);
        long hop = memory.header.tailAcquire();
        assertThat(positionAt(hop)).as("the end of the log").isEqualTo(first + 4);
        writer.hop(memory.nextRegion());
        assertThat(positionAt(hop)).as("a HOP at the end").isEqualTo(first + 4);
        assertThat(writer.append(ByteBuffer.allocate(3), 0, 3, NONE, 0)).isEqualTo(first + 4);
        memory.header.countRelease(first + 4 + (1L << 24)); // as if so many more had come
        for (int i = 0; i < 4; i++) assertThat(positionAt(24L * i)).isEqualTo(first + i);
        assertThat(positionAt(hop)).isEqualTo(first + 4);
        assertThat(positionAt(hop + 8)).isEqualTo(first + 4);
        memory.regions().ring(0).bytes.putLong(0, RecordHeader.data(4096, 0, first));
        assertThat(positionAt(0)).as("longer than its ring").isEqualTo(-1);
        memory.regions().ring(0).bytes.putLong(0, RecordHeader.hop(first));
        assertThat(positionAt(0)).as("a HOP to nowhere").isEqualTo(-1);
    }

    private long positionAt(long offset) {
        return memory.regions().positionAt(memory.header, offset, 1);
    }

    /** All that is said above of what a publisher stores, and of where a reader goes on. */
    static final class Stored implements Consumer<String> {
        @Override
        public void accept(String nothing) {
            Each.run(
                    RingWithTrailersTest::new,
                    RingWithTrailersTest::close,
                    List.of(
                            RingWithTrailersTest::shouldSayBits24To54OfThePosition,
                            RingWithTrailersTest::shouldSayInABatchWhetherMoreOfItFollows,
                            RingWithTrailersTest::shouldMoveTheTrailerWithTheEndOfAShortenedMessage,
                            RingWithTrailersTest::shouldEndTheRecordsOfALogInThem,
                            RingWithTrailersTest::shouldTakeAPositionFromTheRecordItself));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LogEnd | if (hasTrailers()) putTrailer(need, position, false); | ''",
                "LogBatch | if (end.hasTrailers()) end.putTrailer(used, end.next() + count - 1, false); | ''",
                "LogBatch | end.putTrailer(at + end.size(frameLength), position, true); | ;",
                "LogBatch | end.putTrailer(at + end.size(frameLength), position, true); | "
                        + "end.putTrailer(at + end.size(frameLength), position, false);",
                "LogBatch | used = last + end.size(frame); | ''",
                "LogEnd | RecordTrailer.of(position, more) | RecordTrailer.of(0, more)",
                "Regions | if (RecordHeader.hasTrailer(pad)) return ownPositionAt(header, offset); | ''",
                "Regions | return at(next).base == next ? ownPositionAt(header, next) : -1; | "
                        + "return Positions.resolve(RecordHeader.stamp(word), count + 1);",
                "Ring | length > longestFrame) return -1; | false) return -1;"
            })
    @Slow
    void shouldNotice(String type, String snippet, String replacement) {
        new Stored().accept("");
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Stored.class, ""))
                    .isInstanceOfAny(AssertionError.class, CorruptSegmentException.class);
        }
    }
}
