package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.testing.Seeded;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final int RECORD = 256;

    private final Memory memory = new Memory();
    private final Regions regions = memory.regions();
    private final LogEnd writer = new LogEnd(memory.header, regions, null);
    private final Gate gate = new Gate(memory.header, regions, new Floor(memory.header, regions, memory.slots), null);
    private final Floor floor = new Floor(memory.header, regions, memory.slots);

    @AfterEach
    void close() {
        memory.close();
    }

    private long append(int records) {
        for (int i = 0; i < records; i++) {
            long position = writer.append(ByteBuffer.allocate(RECORD - 8), 0, RECORD - 8, new byte[0], 0);
            if (position == LogEnd.NO_ROOM) return i;
        }
        return records;
    }

    private void subscribe(int slot, SlowSubscriber policy, int records, long flags) {
        memory.header.highMarkRelease(Math.max(slot + 1, memory.header.highMarkAcquire(Memory.SLOTS)));
        memory.slots.ackOffRelease(slot, (long) records * RECORD);
        memory.slots.stateRelease(slot, SlotState.of(1, SlotState.ACTIVE, false, policy, true) | flags);
    }

    private void assertGate(long records) {
        assertThat(memory.header.gateAcquire()).isEqualTo(records * RECORD);
        assertThat(memory.header.gatePosAcquire() & 0xFFFFFF).isEqualTo(records == 0 ? 0 : records + 1);
        assertThat(memory.header.limit()).isEqualTo(records * RECORD + Memory.CAPACITY);
    }

    @Test
    void shouldMoveByAnEighthOfTheRing() {
        assertThat(append(100)).isEqualTo(15); // 15 x 256 + 256 + 8 > 4096
        assertThat(gate.advance(RECORD, false, Gate.Milestones.NONE)).isTrue();
        assertGate(2); // 512 bytes are an eighth
        assertThat(append(100)).isEqualTo(2);
    }

    /** Its own milestones, and those of a writer that comes in now and then and has few. */
    @Seeded(20261120)
    void shouldJumpToABeginningOfARecordNotMuchFartherThanItWouldWalk(long seed) {
        Random random = new Random(seed);
        LogEnd guest = new LogEnd(memory.header, regions, null);
        Map<Long, Long> begins = new HashMap<>();
        for (int turn = 0; turn < 20_000; turn++) {
            LogEnd now = random.nextInt(20) == 0 ? guest : writer;
            now.refresh();
            int length = random.nextInt(60) * 8;
            long offset = memory.header.tailAcquire();
            begins.put(offset, memory.header.countAcquire() + 1);
            if (now.append(ByteBuffer.allocate(length), 0, length, new byte[0], 0) != LogEnd.NO_ROOM) continue;
            long from = memory.header.gateAcquire();
            assertThat(gate.advance(length + 8, false, now.milestones)).isTrue();
            long to = memory.header.gateAcquire();
            assertThat(to - from).isLessThanOrEqualTo(2 * Memory.CAPACITY / 8 + 60 * 8 + 8);
            assertThat(begins).containsEntry(to, memory.header.gatePosAcquire());
        }
    }

    @Test
    void shouldMoveFurtherForALongRecord() {
        append(100);
        assertThat(gate.advance(1024, false, Gate.Milestones.NONE)).isTrue();
        assertGate(4); // 15 x 256 + 1024 + 8 > 3 x 256 + 4096
    }

    @Test
    void shouldStopAtTheLeastThatIsNeeded() {
        append(100);
        subscribe(0, SlowSubscriber.GATE_PUBLISHER, 5, 0);
        subscribe(2, SlowSubscriber.GATE_PUBLISHER, 1, 0);
        assertThat(gate.advance(1024, false, Gate.Milestones.NONE)).isTrue();
        assertGate(1);
        assertThat(gate.advance(1024, false, Gate.Milestones.NONE)).isFalse();
        assertThat(floor.isHeldBy(2, false)).isTrue();
        assertThat(floor.isHeldBy(0, false)).isFalse();
        assertThat(floor.isHeldBy(1, false)).isFalse();
        assertGate(1);
        assertThat(gate.mayHaveRoom(1024, false)).isFalse();
        memory.slots.ackOffRelease(2, 15 * RECORD);
        assertThat(gate.mayHaveRoom(1024, false)).isTrue();
        assertThat(gate.advance(1024, false, Gate.Milestones.NONE)).isTrue();
        assertGate(4);
    }

    @Test
    void shouldCallItRoomWhereItFitsExactly() {
        append(100);
        subscribe(0, SlowSubscriber.GATE_PUBLISHER, 0, 0);
        assertThat(gate.mayHaveRoom(RECORD - 8, false)).isTrue();
        assertThat(gate.mayHaveRoom(RECORD, false)).isFalse();
        memory.slots.ackOffRelease(0, 15 * RECORD);
        assertThat(gate.advance((2 * RECORD + RECORD - 8), false, Gate.Milestones.NONE))
                .isTrue();
        assertGate(2); // 15 x 256 + 760 + 8 == 2 x 256 + 4096
    }

    @Test
    void shouldNoteHowMuchWasInUse() {
        append(100);
        subscribe(0, SlowSubscriber.GATE_PUBLISHER, 5, 0);
        gate.advance(RECORD, false, Gate.Milestones.NONE);
        assertThat(memory.header.counter(SegmentHeader.Counter.HIGH_WATER)).isEqualTo(10 * RECORD);
    }

    @Test
    void shouldNeverBeHeldByWhoWasPassedAlready() {
        append(100);
        subscribe(0, SlowSubscriber.DISCONNECT, 1, 0);
        assertThat(gate.advance(1024, false, Gate.Milestones.NONE)).isTrue();
        assertThat(gate.advance(2048, true, Gate.Milestones.NONE))
                .as("when the ring can grow again")
                .isTrue();
    }

    @Test
    void shouldNeverMoveBeyondTheTail() {
        append(3);
        assertThat(gate.advance(4000, false, Gate.Milestones.NONE)).isTrue();
        assertGate(3);
        assertThat(gate.advance(4088, false, Gate.Milestones.NONE)).isFalse();
    }

    @Test
    void shouldMindDisconnectOnlyWhileTheRingCanGrow() {
        append(100);
        subscribe(0, SlowSubscriber.DISCONNECT, 0, 0);
        assertThat(gate.advance(RECORD, true, Gate.Milestones.NONE)).isFalse();
        assertThat(gate.advance(RECORD, false, Gate.Milestones.NONE)).isTrue();
        assertGate(2);
        assertThat(gate.advance(RECORD, true, Gate.Milestones.NONE))
                .as("passed: it must never hold the gate again")
                .isTrue();
    }

    @Test
    void shouldMindNeitherOverrunNorEndedNorOnesThatAreNoSubscription() {
        append(100);
        subscribe(0, SlowSubscriber.OVERRUN, 0, 0);
        subscribe(1, SlowSubscriber.GATE_PUBLISHER, 0, SlotState.ENDED);
        subscribe(2, SlowSubscriber.GATE_PUBLISHER, 0, 0);
        memory.slots.stateRelease(2, SlotState.of(2, SlotState.JOINING, false, SlowSubscriber.GATE_PUBLISHER, true));
        assertThat(gate.advance(RECORD, true, Gate.Milestones.NONE)).isTrue();
        memory.slots.stateRelease(2, SlotState.of(2, SlotState.DETACHED, true, SlowSubscriber.GATE_PUBLISHER, true));
        memory.slots.ackOffRelease(2, 2 * RECORD);
        assertThat(gate.advance(RECORD, true, Gate.Milestones.NONE))
                .as("detached, but somebody's")
                .isFalse();
    }

    @Test
    void shouldNotLookBeyondTheHighMark() {
        append(100);
        subscribe(3, SlowSubscriber.GATE_PUBLISHER, 0, 0);
        memory.header.highMarkRelease(3);
        assertThat(gate.advance(RECORD, true, Gate.Milestones.NONE)).isTrue();
    }

    @Test
    void shouldGoThroughAHop() {
        append(4);
        writer.hop(memory.nextRegion());
        assertThat(append(100)).isEqualTo(31);
        assertThat(gate.advance(RECORD, false, Gate.Milestones.NONE)).isTrue();
        // Only what lies in the new ring counts, and an eighth of it: the old one goes at once.
        assertThat(memory.header.gateAcquire()).isEqualTo(4 * RECORD + 8 + RECORD);
        assertThat(LogPlace.oldest(memory.header, regions).position()).isEqualTo(6);
        assertThat(memory.header.limit()).isEqualTo(memory.header.gateAcquire() + 8192);
    }

    @Test
    void shouldRefuseARecordThatCannotBeThere() {
        append(100);
        regions.ring(0).bytes.putLong(RECORD, RecordHeader.data(RECORD, 0, 7));
        assertThatThrownBy(() -> gate.advance(RECORD, false, Gate.Milestones.NONE))
                .isInstanceOf(CorruptSegmentException.class);
        regions.ring(0).bytes.putLong(RECORD, 0);
        assertThatThrownBy(() -> gate.advance(RECORD, false, Gate.Milestones.NONE))
                .isInstanceOf(CorruptSegmentException.class);
        assertGate(0);
    }

    @Test
    void shouldFindPlaces() {
        assertThat(LogPlace.oldest(memory.header, regions)).isEqualTo(new LogPlace(0, 1));
        assertThat(LogPlace.newestLocked(memory.header, regions)).isEqualTo(new LogPlace(0, 1));
        append(100);
        gate.advance(RECORD, false, Gate.Milestones.NONE);
        LogPlace oldest = new LogPlace(2 * RECORD, 3);
        LogPlace newest = new LogPlace(15 * RECORD, 16);
        assertThat(LogPlace.oldestLocked(memory.header, regions)).isEqualTo(oldest);
        assertThat(LogPlace.oldest(memory.header, regions)).isEqualTo(oldest);
        assertThat(LogPlace.newestLocked(memory.header, regions)).isEqualTo(newest);
        assertThat(LogPlace.newest(memory.header, regions)).isEqualTo(newest);
        memory.header.gatePosRelease(1); // as a crash leaves it: one step behind
        assertThat(LogPlace.oldestLocked(memory.header, regions)).isEqualTo(new LogPlace(2 * RECORD, 3));
    }

    @Test
    void shouldFindNowBehindADeadPublisher() {
        append(3);
        memory.header.tailRelease(2 * RECORD); // it committed the third and died
        memory.header.countRelease(2);
        assertThat(LogPlace.newestLocked(memory.header, regions)).isEqualTo(new LogPlace(2 * RECORD, 3));
        memory.header.countRelease(3); // or died a store later
        assertThat(LogPlace.newestLocked(memory.header, regions)).isEqualTo(new LogPlace(2 * RECORD, 3));
    }
}
