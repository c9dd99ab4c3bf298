package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writer and reader over real memory, without locks: one of each, in turns. */
class RingTest {
    private static final byte[] NONE = {};
    private static final int LONGEST = 1 << 20;
    private static final long FOREIGN = 0x5555_5555_5555_5555L;

    final int trailer; // bytes
    final Memory memory;
    final LogEnd writer;
    private final Regions regions;
    private final Reader reader;
    private final Gate gate;

    RingTest() {
        trailer = hasTrailers() ? 8 : 0;
        memory = new Memory(hasTrailers());
        regions = memory.regions();
        writer = new LogEnd(memory.header, regions, null);
        reader = reader(LONGEST);
        gate = new Gate(memory.header, regions, new Floor(memory.header, regions, memory.slots), null);
        reader.moveTo(new LogPlace(0, 1));
    }

    boolean hasTrailers() {
        return false;
    }

    Reader reader(int longest) {
        return new InPlaceReader(memory.regions(), longest, null);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    private long append(int length, int seed) {
        return writer.append(ByteBuffer.wrap(content(length, seed)), 0, length, NONE, 0);
    }

    private static byte[] content(int length, int seed) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) content[i] = (byte) (seed * 31 + i);
        return content;
    }

    private void assertNext(long position, byte[] content) {
        assertThat(reader.next()).isEqualTo(Reader.Found.RECORD);
        assertThat(reader.record.position()).isEqualTo(position);
        assertThat(reader.record.copyBody()).isEqualTo(content);
        reader.advance();
    }

    private void assertNothing() {
        assertThat(reader.next()).isEqualTo(Reader.Found.NOTHING);
        assertThat(reader.mayProceed()).isFalse();
    }

    @Test
    void shouldReadWhatWasWritten() {
        assertNothing();
        for (int length : new int[] {0, 1, 7, 8, 9, 100, 1000}) {
            long position = append(length, length);
            assertThat(reader.mayProceed()).isTrue();
            assertNext(position, content(length, length));
            assertNothing();
        }
        assertThat(memory.header.countAcquire()).isEqualTo(7);
        assertThat(memory.header.tailAcquire()).isEqualTo(8 + 16 + 16 + 16 + 24 + 112 + 1008 + 7 * trailer);
    }

    @Test
    void shouldKeepTheBodyAlignedBehindTimestampAndProperties() {
        for (long timestamp : new long[] {0, 12345})
            for (int properties : new int[] {0, 1, 8, 9}) {
                byte[] encoded = content(properties, 77);
                long position = writer.append(ByteBuffer.wrap(content(20, 5)), 0, 20, encoded, timestamp);
                assertThat(reader.next()).isEqualTo(Reader.Found.RECORD);
                assertThat(reader.record.timestamp()).isEqualTo(timestamp);
                assertThat(reader.record.copyProperties()).hasSize(properties);
                if (properties != 0) assertThat(reader.record.copyProperties()).isEqualTo(encoded);
                assertThat(reader.record.body.length()).isEqualTo(20);
                assertThat(reader.record.body.buffer().isReadOnly()).isTrue();
                assertNext(position, content(20, 5));
            }
    }

    @Test
    void shouldCopyOnlyTheRangeItIsGiven() {
        writer.append(ByteBuffer.wrap(content(100, 1)), 10, 20, NONE, 0);
        assertNext(1, Arrays.copyOfRange(content(100, 1), 10, 30));
    }

    @Test
    void shouldBeExactlyFullWithEightBytesReserved() {
        for (int i = 1; i <= 3; i++) assertThat(append(1016 - trailer, i)).isEqualTo(i); // 1024 each
        assertThat(append(1016 - trailer, 4))
                .as("1024 and the reserved word do not fit")
                .isEqualTo(LogEnd.NO_ROOM);
        assertThat(append(1009 - trailer, 4)).as("as long, aligned").isEqualTo(LogEnd.NO_ROOM);
        assertThat(append(1008 - trailer, 4)).isEqualTo(4);
        assertThat(memory.header.tailAcquire()).isEqualTo(4088);
        assertThat(append(0, 5)).isEqualTo(LogEnd.NO_ROOM);
        assertThat(writer.hasRoom(8)).isFalse();
        for (int i = 1; i <= 3; i++) assertNext(i, content(1016 - trailer, i));
        assertNext(4, content(1008 - trailer, 4));
        assertNothing();
    }

    @Test
    void shouldAlwaysHaveRoomForTheHop() {
        shouldBeExactlyFullWithEightBytesReserved();
        writer.hop(memory.nextRegion());
        assertThat(memory.header.tailAcquire()).isEqualTo(4096);
        assertThat(memory.header.current()).isEqualTo(1);
        assertThat(memory.header.limit()).isEqualTo(4096 + 8192);
        assertThat(memory.header.countAcquire()).as("a HOP is no message").isEqualTo(4);
        assertNothing();
        assertThat(append(3000, 5)).isEqualTo(5);
        assertNext(5, content(3000, 5));
        assertNothing();
    }

    @Test
    void shouldHopTwiceWithoutAMessageBetween() {
        append(10, 1);
        writer.hop(memory.nextRegion());
        writer.hop(memory.nextRegion());
        append(5000, 2);
        assertNext(1, content(10, 1));
        assertNext(2, content(5000, 2));
        assertNothing();
        assertThat(memory.table.lookup(memory.header.tailAcquire())).isEqualTo(2);
    }

    @Test
    void shouldWrapRecordsAtTheEnd() {
        long read = 0;
        for (int i = 1; i <= 200; i++) {
            int length = 40 + i * 37 % 900;
            while (append(length, i) == LogEnd.NO_ROOM)
                assertThat(gate.advance(writer.need(length, 0, false), false, Gate.Milestones.NONE))
                        .isTrue();
            assertNext(++read, content(length, i));
        }
        assertThat(memory.header.tailAcquire()).isGreaterThan(20 * Memory.CAPACITY);
        assertNothing();
    }

    @Test
    void shouldWriteTheEmptyWordBeforeTheOldestWhenExactlyFull() {
        for (int i = 1; i <= 4; i++) append(1000 - trailer, i); // 4 x 1008 = 4032
        assertThat(gate.advance(2000, false, Gate.Milestones.NONE)).isTrue(); // nobody reads: two records go
        long from = memory.header.gateAcquire();
        assertThat(from).isEqualTo(2016);
        int length = (int) (from + Memory.CAPACITY - 4032 - 8 - 8) - trailer;
        assertThat(append(length + 1, 5)).isEqualTo(LogEnd.NO_ROOM);
        assertThat(append(length, 5)).isEqualTo(5);
        Reader oldest = reader(LONGEST);
        oldest.moveTo(LogPlace.oldest(memory.header, regions));
        for (int i = 3; i <= 5; i++) {
            assertThat(oldest.next()).isEqualTo(Reader.Found.RECORD);
            assertThat(oldest.record.copyBody()).isEqualTo(content(i < 5 ? 1000 - trailer : length, i));
            oldest.advance();
        }
        assertThat(oldest.next()).isEqualTo(Reader.Found.NOTHING);
    }

    @Test
    void shouldCommitWhatWasReservedOrLess() {
        assertThat(writer.hasRoom(writer.need(100, 0, false))).isTrue();
        writer.reservedBytes().copyIn(writer.reserved(false), content(100, 9), 0, 100);
        assertNothing();
        assertThat(writer.commitReserved(60, 0)).isEqualTo(1);
        assertNext(1, Arrays.copyOf(content(100, 9), 60));
        assertThat(writer.hasRoom(writer.need(100, 0, true))).isTrue(); // given up
        assertNothing();
        assertThat(append(5, 3)).isEqualTo(2);
        assertNext(2, content(5, 3));
        assertThat(writer.hasRoom(writer.need(4081 - trailer, 0, false))).isFalse();
    }

    @Test
    void shouldRefuseRecordsOfAnotherPosition() {
        append(8, 1);
        reader.moveTo(new LogPlace(0, 2));
        assertThatThrownBy(reader::next).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldRefuseRecordsLongerThanAllowed() {
        append(1000, 1);
        Reader shy = reader(500);
        shy.moveTo(new LogPlace(0, 1));
        assertThatThrownBy(shy::next).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldStepOverRecordsThatItNeedNotUnderstand() {
        append(8, 1);
        Ring ring = regions.ring(0);
        ring.bytes.putLong(0, ring.bytes.getLong(0) + (7L << 32)); // type 8, and the next is still number 1
        ring.bytes.putLong(16 + trailer, RecordHeader.empty(1));
        memory.header.countRelease(0);
        LogEnd later = new LogEnd(memory.header, memory.regions(), null); // its writer counts differently
        assertThat(later.append(ByteBuffer.wrap(content(8, 2)), 0, 8, NONE, 0)).isEqualTo(1);
        assertNext(1, content(8, 2));
    }

    /** Each remembers the end of the log, and finds out that it has moved. */
    @Test
    void shouldWriteInTurns() {
        LogEnd other = new LogEnd(memory.header, memory.regions(), null);
        for (int i = 1; i <= 6; i++) {
            LogEnd now = i % 3 == 0 ? other : writer;
            now.refresh();
            assertThat(now.append(ByteBuffer.wrap(content(100, i)), 0, 100, NONE, 0))
                    .isEqualTo(i);
            if (i == 4) other.hop(memory.nextRegion());
        }
        for (int i = 1; i <= 6; i++) assertNext(i, content(100, i));
    }

    @Test
    void shouldWalkHeadersBehindAPosition() {
        for (int i = 1; i <= 3; i++) append(100 - trailer, i);
        writer.hop(memory.nextRegion());
        append(50 - trailer, 4);
        Regions regions = memory.regions();
        assertThat(new LogPlace(0, 1).after(memory.header, regions, 2, -1)).isEqualTo(new LogPlace(224, 3));
        assertThat(new LogPlace(0, 1).after(memory.header, regions, 0, -1)).isEqualTo(new LogPlace(0, 1));
        assertThat(new LogPlace(224, 3).after(memory.header, regions, 4, 224)).isEqualTo(new LogPlace(336 + 8 + 64, 5));
        assertThatThrownBy(() -> new LogPlace(0, 1).after(memory.header, regions, 5, -1))
                .isInstanceOf(CorruptSegmentException.class);
        memory.header.gateRelease(112);
        assertThat(new LogPlace(0, 1).after(memory.header, regions, 2, 0))
                .as("passed")
                .isNull();
        assertThat(new LogPlace(0, 1).after(memory.header, regions, 2, Long.MAX_VALUE))
                .as("passed")
                .isNull();
        assertThat(new LogPlace(112, 2).after(memory.header, regions, 2, 112)).isEqualTo(new LogPlace(224, 3));
    }

    /** In a ring whose base is at no line of the processor: from the word after the tail to the limit all is ours. */
    @Test
    void shouldFetchLinesOnlyBetweenTheEmptyWordAndTheLimit() {
        append(10, 1);
        for (int i = 0; i < 2; i++)
            writer.hop(memory.nextRegion()); // 16 KiB, which a publisher that is alone fetches in
        long base = memory.header.tailAcquire();
        assertThat(base % 64).isNotZero();
        Ring ring = regions.ring(2);
        long limit = base + 10_000 / 8 * 8;
        memory.header.limit(limit);
        for (long at = base + 8; at < base + ring.capacity; at += 8) ring.bytes.putLong(ring.index(at), FOREIGN);
        int fetched = 0;
        for (int i = 2; append(40, i) != LogEnd.NO_ROOM; i++) {
            long tail = memory.header.tailAcquire();
            assertThat(ring.bytes.getLong(ring.index(tail))).isEqualTo(RecordHeader.empty(i + 1));
            for (long at = limit; at < base + ring.capacity; at += 8)
                assertThat(ring.bytes.getLong(ring.index(at))).isEqualTo(FOREIGN);
            for (long at = tail + 8; at < limit; at += 8) {
                long word = ring.bytes.getLong(ring.index(at));
                if (word == FOREIGN) continue;
                assertThat(word).isZero();
                assertThat(ring.index(at) % 64).as("one word a line").isZero();
                fetched++;
            }
        }
        assertThat(fetched).as("lines ahead, over all messages").isPositive();
        long position = 0;
        while (reader.next() == Reader.Found.RECORD) {
            position++;
            assertNext(position, content(position == 1 ? 10 : 40, (int) position));
        }
        assertThat(position).isEqualTo(memory.header.countAcquire());
    }

    @Test
    void shouldMapAnewWhatAnAttemptToGrowLeft() {
        append(10 - trailer, 1);
        int next = memory.nextRegion();
        Ring attempt = regions.prepare(next, 32);
        memory.table.baseRelease(
                next, RegionTable.UNUSED); // it failed; the next one comes later, when the tail is elsewhere
        append(10 - trailer, 2);
        memory.table.baseRelease(next, 56);
        assertThat(regions.ring(next)).isNotSameAs(attempt);
        assertThat(regions.ring(next).base).isEqualTo(56);
        assertThat(regions.ring(next)).isSameAs(regions.ring(next));
    }
}
