package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ring after a writer that stopped before each of its stores, and after a repair that did. */
class RingRepairTest {
    private static final RingRepair.Outcome NOTHING = new RingRepair.Outcome(0, false);

    boolean hasTrailers() {
        return false;
    }

    /** Stores of a record with a trailer that one without has not. */
    private int more() {
        return hasTrailers() ? 1 : 0;
    }

    /** Lets so many stores happen, then none. */
    private static final class Stopping extends Seam {
        private int left = Integer.MAX_VALUE;
        private boolean stopped;

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            if (left-- <= 0) {
                stopped = true;
                throw new StoppedError();
            }
            super.store(words, at, size, value, release);
        }

        /** True: it ran to its end. */
        private boolean run(int stores, Runnable work) {
            left = stores;
            stopped = false;
            try {
                work.run();
            } catch (StoppedError stop) {
                return false;
            } finally {
                left = Integer.MAX_VALUE;
            }
            return !stopped;
        }
    }

    private static final class StoppedError extends Error {
        private static final long serialVersionUID = 1;
    }

    final class Bench implements AutoCloseable {
        final Stopping stopping = new Stopping();
        final Memory memory = new Memory(stopping, hasTrailers());
        final Regions regions = memory.regions();
        final LogEnd writer = new LogEnd(memory.header, regions, null);

        long append(int length) {
            return writer.append(ByteBuffer.allocate(length), 0, length, new byte[0], 0);
        }

        void batch(int count) {
            assertThat(writer.hasRoom(count * writer.need(8, 0, false))).isTrue();
            LogBatch batch = new LogBatch(writer);
            batch.begin();
            for (int i = 0; i < count; i++) batch.add(ByteBuffer.allocate(8), 0, 8, new byte[0], 0);
            batch.commit();
        }

        RingRepair.Outcome repair() {
            return new RingRepair(memory.header, memory.regions()).run();
        }

        /** A second lap: old words lie everywhere. */
        void lap() {
            Gate gate = new Gate(memory.header, regions, new Floor(memory.header, regions, memory.slots), null);
            for (int i = 0; i < 30; i++)
                while (append(192 + i % 3 * 8) < 0) gate.advance(300, false, Gate.Milestones.NONE);
            gate.advance((2000 + 800 * more()), false, Gate.Milestones.NONE);
        }

        /** Whole: numbers dense from the gate to the tail, and the figures agree. */
        long readAll() {
            InPlaceReader reader = new InPlaceReader(memory.regions(), 1 << 20, null);
            reader.moveTo(LogPlace.oldest(memory.header, regions));
            while (reader.next() == Reader.Found.RECORD) reader.advance();
            assertThat(reader.cursor()).isEqualTo(memory.header.tailAcquire());
            assertThat(reader.expected()).isEqualTo(memory.header.countAcquire() + 1);
            return memory.header.countAcquire();
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** True: the work was done to its end. */
    private boolean knowsWhereToGoOn(Consumer<Bench> work, int stores) {
        try (Bench bench = new Bench()) {
            bench.lap();
            boolean done = bench.stopping.run(stores, () -> work.accept(bench));
            InPlaceReader reader = new InPlaceReader(bench.memory.regions(), 1 << 20, null);
            reader.moveTo(LogPlace.oldest(bench.memory.header, bench.regions));
            while (reader.next() == Reader.Found.RECORD) reader.advance();
            LogCheck check = new LogCheck(bench.memory.header, bench.memory.regions(), 1 << 20);
            assertThat(check.walk(Set.of(reader.cursor()), told -> {}))
                    .as("after %s stores", stores)
                    .containsEntry(reader.cursor(), reader.expected());
            return done;
        }
    }

    /** For every number of stores: repaired once or twice, it is the same, and whole. Returns how many there are. */
    int forEachStop(Consumer<Bench> work) {
        return forEachStop(work, 1);
    }

    /** {@code messages}: of the work, all or none. */
    int forEachStop(Consumer<Bench> work, long messages) {
        for (int k = 0; ; k++) {
            try (Bench bench = new Bench()) {
                bench.lap();
                long before = bench.memory.header.countAcquire();
                boolean done = bench.stopping.run(k, () -> work.accept(bench));
                RingRepair.Outcome first = bench.repair();
                byte[] once = bench.memory.snapshot();
                assertThat(bench.repair())
                        .as("second repair after %s stores", k)
                        .isEqualTo(NOTHING);
                assertThat(bench.memory.snapshot()).isEqualTo(once);
                assertThat(bench.readAll() - before)
                        .isIn(0L, done ? bench.memory.header.countAcquire() - before : messages);
                if (done) assertThat(first).isEqualTo(NOTHING);
                LogEnd next = new LogEnd(bench.memory.header, bench.memory.regions(), null);
                assertThat(next.append(ByteBuffer.allocate(64), 0, 64, new byte[0], 0))
                        .isEqualTo(bench.memory.header.countAcquire());
                bench.readAll();
                if (done) return k;
            }
        }
    }

    @Test
    void shouldMakeItWholeWhereverAnAppendStopped() {
        assertThat(forEachStop(bench -> bench.append(300))).isEqualTo(4 + more());
    }

    @Test
    void shouldMakeItWholeWhereverAnAppendWithEverythingStopped() {
        assertThat(forEachStop(bench -> bench.writer.append(ByteBuffer.allocate(100), 0, 100, new byte[20], 7)))
                .isEqualTo(9 + more());
    }

    /** More records than a lap of single ones ever leaves after the tail. */
    @Test
    @Tag("F81")
    void shouldMakeItWholeWhereverABatchStopped() {
        assertThat(forEachStop(bench -> bench.batch(100), 100)).isEqualTo(100 + 3 + 101 * more());
    }

    @Test
    void shouldMakeItWholeWhereverAHopStopped() {
        assertThat(forEachStop(bench -> bench.writer.hop(bench.memory.nextRegion())))
                .isEqualTo(8);
    }

    /**
     * A reader goes on after a message whose writer died before it moved the tail: the search for
     * damage knows that place.
     */
    @Test
    void shouldKnowThePlaceAfterAMessageWhoseWriterDied() {
        for (Consumer<Bench> work : List.<Consumer<Bench>>of(
                b -> b.append(300), b -> b.writer.hop(b.memory.nextRegion()), b -> b.batch(20)))
            for (int stores = 0; !knowsWhereToGoOn(work, stores); stores++) {}
    }

    @Test
    void shouldMakeItWholeWhereverARepairStopped() {
        for (int died = 0; died < 8; died++) {
            for (int k = 0; ; k++) {
                try (Bench bench = new Bench()) {
                    bench.lap();
                    int next = bench.memory.nextRegion();
                    bench.stopping.run(died, () -> {
                        bench.writer.hop(next);
                        bench.append(300);
                    });
                    boolean done = bench.stopping.run(k, bench::repair);
                    bench.repair();
                    assertThat(bench.repair()).isEqualTo(NOTHING);
                    bench.readAll();
                    if (done) break;
                }
            }
        }
    }

    @Test
    void shouldSayWhatItFound() {
        try (Bench bench = new Bench()) {
            bench.append(10);
            assertThat(bench.repair()).isEqualTo(NOTHING);
            bench.stopping.run(2 + more(), () -> bench.append(10)); // a trailer, the empty word, the commit
            assertThat(bench.repair()).isEqualTo(new RingRepair.Outcome(1, false));
            int next = bench.memory.nextRegion();
            bench.stopping.run(2, () -> bench.writer.hop(next)); // the first word, the base
            assertThat(bench.memory.table.baseAcquire(1)).isNotEqualTo(RegionTable.UNUSED);
            assertThat(bench.repair()).isEqualTo(new RingRepair.Outcome(0, true));
            assertThat(bench.memory.table.baseAcquire(1)).isEqualTo(RegionTable.UNUSED);
        }
    }

    @Test
    void shouldNotRunForEverThroughRecordsThatNeverEnd() {
        try (Bench bench = new Bench()) {
            for (int i = 0; i < 512; i++) bench.regions.ring(0).bytes.putLong(8L * i, RecordHeader.data(8, 0, 1));
            assertThatThrownBy(bench::repair).isInstanceOf(CorruptSegmentException.class);
        }
    }

    /** The twin: repair is worth nothing if the next word was not cleared before the commit. */
    @Test
    void shouldNoticeWhenTheCommitGoesBeforeTheEmptyWord() {
        int[] failures = {0};
        for (int k = 0; k < 4; k++) {
            try (Bench bench = new Bench()) {
                bench.lap();
                int stores = k;
                bench.stopping.run(stores, () -> commitFirst(bench));
                try {
                    bench.repair();
                    bench.readAll();
                } catch (CorruptSegmentException | AssertionError noticed) {
                    failures[0]++;
                }
            }
        }
        assertThat(failures[0]).isPositive();
    }

    private static void commitFirst(Bench bench) {
        long tail = bench.memory.header.tailAcquire();
        long position = bench.memory.header.countAcquire() + 1;
        Ring ring = bench.regions.ring(0);
        ring.bytes.putLongRelease(ring.index(tail), RecordHeader.data(200, 0, position));
        ring.bytes.putLong(ring.index(tail) + 200, RecordHeader.empty(position + 1));
        bench.memory.header.countRelease(position);
        bench.memory.header.tailRelease(tail + 200);
    }
}
