package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Bytes;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Any bytes are folded or skipped, by all members alike: no exception, no memory beyond what the
 * record's length explains.
 */
@OneJdk
class HostileRecordsTest {
    private static final int MOST_FOR_A_BYTE = 600;
    private static final long SMALL_CHANGE = 1 << 20;

    @Seeded({1, 2, 3, 4})
    void shouldFoldOrSkipAnyBytesAlike(long seed) throws Exception {
        run(seed);
    }

    /** For planted mistakes. */
    static final class Search implements LongFunction<String> {
        @Override
        public String apply(long seed) {
            try {
                run(seed);
                return null;
            } catch (Exception | AssertionError caught) {
                return caught.toString();
            }
        }
    }

    private static void run(long seed) throws Exception {
        Random random = new Random(seed);
        List<ByteBuffer> good = records();
        State one = new State(HeapLog.FIRST);
        State other = new State(HeapLog.FIRST);
        HeapLog log = new HeapLog(Long.MAX_VALUE / 4);
        long ended = 0;
        long damaged = 0;
        for (long p = HeapLog.FIRST; p < 3000; p++) {
            byte[] record = p % 50 == 0 ? kept(one, log, p) : hostile(random, good);
            log.append(ByteBuffer.wrap(record), 0);
            Verdict verdict = one.apply(p, p, log.record(p));
            assertThat(other.apply(p, p, Bytes.of(ByteBuffer.wrap(record)))).isEqualTo(verdict);
            if (p % 50 == 0) assertThat(verdict).as("what a keeper wrote").isEqualTo(Verdict.WHOLE);
            if (verdict == Verdict.NEWER) ended++;
            if (verdict == Verdict.DAMAGED) damaged++;
            if (p % 500 == 0) assertThat(Digest.of(one)).isEqualTo(Digest.of(other));
        }
        for (long mark = HeapLog.FIRST; mark < 3000; mark += 250)
            assertThat(log.bootstrap(mark, log.newest()).position()).isGreaterThan(mark); // it ends, whatever it finds
        assertThat(damaged).isBetween(1000L, 2900L);
        assertThat(ended).isLessThan(600);
    }

    /** Its author believes what it has folded. */
    private static byte[] kept(State state, HeapLog log, long position) {
        RecordWriter out = new RecordWriter().begin(1);
        List<Page> pages = Restating.oldestPages(state, 16 << 10);
        if (position % 150 == 0 && !pages.isEmpty()) Restating.pages(pages, log, out);
        else if (position % 100 == 0) Restating.checkpoint(state, Integer.MAX_VALUE, out);
        else Restating.put(Restating.oldest(state, 1000), false, log, out);
        return bytes(Bytes.of(out.end()));
    }

    @Test
    void shouldNotBelieveALength() throws Exception {
        RecordReader reader = new RecordReader();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ByteBuffer record : records().subList(0, 200))
            for (int at = 16; at + 4 <= record.limit(); at += 4) {
                byte[] lies = bytes(Bytes.of(record));
                ByteBuffer.wrap(lies)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(at, at % 8 == 0 ? Integer.MAX_VALUE - 8 : -8);
                State state = new State(HeapLog.FIRST);
                long before = threads.getCurrentThreadAllocatedBytes();
                reader.open(Bytes.of(ByteBuffer.wrap(lies)), 1 << 20);
                state.apply(1 << 20, 1, Bytes.of(ByteBuffer.wrap(lies)));
                assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                        .isLessThan(SMALL_CHANGE + (long) MOST_FOR_A_BYTE * lies.length);
            }
    }

    /** A record of a member that is passed while it reads: others write over it. */
    private static final class Overwritten implements Bytes {
        private final Bytes before;
        private final Bytes after;
        private int reads;

        Overwritten(ByteBuffer record, int reads) {
            before = Bytes.of(record);
            byte[] ones = new byte[before.length()];
            Arrays.fill(ones, (byte) -1);
            after = Bytes.of(ByteBuffer.wrap(ones));
            this.reads = reads;
        }

        private Bytes now() {
            return reads-- > 0 ? before : after;
        }

        @Override
        public int length() {
            return before.length();
        }

        @Override
        public byte getByte(int at) {
            return now().getByte(at);
        }

        @Override
        public int getInt(int at) {
            return now().getInt(at);
        }

        @Override
        public long getLong(int at) {
            return now().getLong(at);
        }

        @Override
        public void get(int at, byte[] to, int from, int length) {
            now().get(at, to, from, length);
        }
    }

    @Test
    void shouldFoldARecordThatChangesMeanwhile() throws Exception {
        List<ByteBuffer> records = new ArrayList<>(records().subList(0, 200));
        Checkpoint registry = new Checkpoint(
                List.of(new Checkpoint.Name(Names.id("q0"), "q0")),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Overflow.NONE);
        records.add(ByteBuffer.wrap(
                bytes(Bytes.of(new RecordWriter().begin(1).checkpoint(registry).end()))));
        for (ByteBuffer record : records)
            for (int reads = 0; reads < 60; reads++) {
                Verdict verdict = new State(HeapLog.FIRST).apply(1 << 20, 1, new Overwritten(record, reads));
                assertThat(verdict).isIn(Verdict.WHOLE, Verdict.DAMAGED);
                new Bootstrap(HeapLog.FIRST).scan(1 << 20, new Overwritten(record, reads));
            }
    }

    private static List<History> histories() throws Exception {
        return History.parse(Files.readAllLines(Path.of("src/test/resources/dev/belfry/jakarta/fold/histories.txt")));
    }

    private static List<ByteBuffer> records() throws Exception {
        List<ByteBuffer> all = new ArrayList<>();
        for (History history : histories())
            for (long p = HeapLog.FIRST; p <= history.log.newest(); p++)
                all.add(ByteBuffer.wrap(bytes(history.log.record(p))));
        int plain = all.size();
        for (int i = 0; i < plain / 4; i++) all.add(ByteBuffer.wrap(bytes(Bytes.of(ofPages(i)))));
        return all;
    }

    private static ByteBuffer ofPages(int i) {
        UUID id = new UUID(i % 9, 1);
        UUID binding = new UUID(i % 2, 7);
        Lot lot = new Lot(Names.id("q" + i % 2), i % 10, 3, i, 100);
        List<Chunk> chunks = List.of(new Chunk(1 + i, 0), new Chunk(3 + i, 2));
        Paged page = new Paged(id, binding, lot, chunks, new Rest(i % 3, i));
        RecordWriter out = new RecordWriter().begin(1 + i % 4);
        return switch (i % 6) {
            case 0, 1 -> out.page(page, i, i + 1, i + (5L << 16)).end();
            case 2 -> out.pageAgain(page).end();
            case 3 -> out.leaves(id, new Rest(1 + i % 3, i)).end();
            case 4 -> out.overflow(new Overflow(binding, "file:/" + i)).end();
            default -> out.floor(binding, 1 + i).end();
        };
    }

    private static byte[] bytes(Bytes record) {
        byte[] bytes = new byte[record.length()];
        record.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    private static byte[] hostile(Random random, List<ByteBuffer> good) {
        byte[] record = good.get(random.nextInt(good.size())).array().clone();
        switch (random.nextInt(8)) {
            case 0 -> {
                record = new byte[random.nextInt(200)];
                random.nextBytes(record);
            }
            case 1 -> record[4 + random.nextInt(4)] = 1; // free bytes
            case 2 -> record[16] |= 1; // length of the first operation
            case 3, 4, 5 -> {
                for (int n = 1 + random.nextInt(4); n > 0; n--)
                    record[random.nextInt(record.length)] =
                            (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(24));
            }
            default -> record = Arrays.copyOf(record, random.nextInt(record.length + 20));
        }
        return record;
    }
}
