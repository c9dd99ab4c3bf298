package dev.belfry.jakarta.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.spi.Bytes;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The kinds of records that tell of pages: their bytes, and what of them is refused. */
@OneJdk
class PageRecordTest {
    private static final long QUEUE = DestinationId.of(DestinationId.QUEUE, "q");
    private static final long TOPIC = DestinationId.of(DestinationId.TOPIC, "t");
    private static final long TEMPORARY = DestinationId.of(DestinationId.TEMPORARY_QUEUE, "x");
    private static final UUID PAGE = new UUID(0x1112131415161718L, 0x2122232425262728L);
    private static final UUID BINDING = new UUID(0x3132333435363738L, -2);
    private static final UUID NONE = new UUID(0, 0);
    private static final String HEAD = "0100" + "0100" + "00000000" + "0700000000000000";
    private static final String PAGE_HEX = "1817161514131211" + "2827262524232221";
    private static final String BINDING_HEX = "3837363534333231" + "feffffffffffffff";
    private static final long HERE = 1000;
    private static final long NEWER_MID = Mids.of(HERE, 0);
    private static final List<Chunk> CHUNKS = List.of(new Chunk(300, 0), new Chunk(301, 2), new Chunk(310, 3));

    private final RecordWriter out = new RecordWriter();
    private final RecordReader in = new RecordReader();

    private static Lot lot(int messages) {
        return new Lot(QUEUE, 4, messages, 200, 70_000);
    }

    private static Paged page() {
        return new Paged(PAGE, BINDING, lot(4), CHUNKS, new Rest(0, 5));
    }

    private String hexOf(RecordWriter record) {
        return HexFormat.of().formatHex(bytes(record.end()));
    }

    private static String queueHex() {
        return HexFormat.of().toHexDigits(Long.reverseBytes(QUEUE));
    }

    @Test
    void shouldKeepTheBytesOfEachKind() {
        assertThat(hexOf(out.begin(7).overflow(new Overflow(BINDING, "file:/o"))))
                .isEqualTo(HEAD + "28000000" + "14" + "00" + "0000" + BINDING_HEX + "07000000" + "66696c653a2f6f"
                        + "0000000000");
        assertThat(hexOf(out.begin(7).overflow(Overflow.NONE)))
                .isEqualTo(HEAD + "20000000" + "14" + "00" + "0000" + "00".repeat(16) + "ffffffff" + "00000000");
        String told = PAGE_HEX + BINDING_HEX + queueHex() + "04" + "c801" + "f0a204" // messages, expiry, bytes
                + "03" + "ac02" + "00" + "01" + "02" + "09" + "01"; // chunks
        assertThat(hexOf(out.begin(7).page(page(), 5, 6, 8, 4096)))
                .isEqualTo(
                        HEAD + "48000000" + "15" + "00" + "0400" + told + "05" + "01" + "02" + "f81f" + "0000000000");
        assertThat(hexOf(out.begin(7).pageAgain(page().with(new Rest(2, 8)))))
                .isEqualTo(HEAD + "40000000" + "15" + "01" + "0400" + told + "02" + "08");
        assertThat(hexOf(out.begin(7).leaves(PAGE, new Rest(3, 4096))))
                .isEqualTo(HEAD + "20000000" + "16" + "00" + "0000" + PAGE_HEX + "03" + "8020" + "0000000000");
        assertThat(hexOf(out.begin(7).floor(BINDING, 310)))
                .isEqualTo(HEAD + "20000000" + "17" + "00" + "0000" + BINDING_HEX + "b602" + "000000000000");
    }

    @Test
    void shouldReadWhatWasWritten() {
        open(
                out.begin(1)
                        .page(page(), 5, 6, 8, 4096)
                        .leaves(PAGE, new Rest(4, 0))
                        .floor(BINDING, 1),
                Verdict.WHOLE);
        in.next();
        List<Long> mids = new ArrayList<>();
        assertThat(Paged.read(in.fields(Op.ID), in.a(), in.b(), mids::add)).isEqualTo(page());
        assertThat(mids).containsExactly(5L, 6L, 8L, 4096L);
        assertThat(Paged.read(in.bytes(), in.at())).isEqualTo(page());
        in.next();
        Cursor leaves = in.fields(Op.ID);
        assertThat(leaves.uuid()).isEqualTo(PAGE);
        assertThat(Rest.read(leaves)).isEqualTo(new Rest(4, 0));
        Paged later = page().with(new Rest(3, 4096));
        open(out.begin(1).pageAgain(later), Verdict.WHOLE);
        in.next();
        assertThat(Paged.read(in.bytes(), in.at())).isEqualTo(later);
        open(out.begin(1).overflow(new Overflow(BINDING, "file:/o")), Verdict.WHOLE);
        in.next();
        assertThat(Overflow.named(in.fields(Op.ID))).isEqualTo(new Overflow(BINDING, "file:/o", 0));
    }

    /** A domain that has none is told as members of level 1 understand it. */
    @Test
    void shouldTellOfACompanionInACheckpointByItsBit() {
        open(out.begin(1).checkpoint(registry(Overflow.NONE)), Verdict.WHOLE);
        byte[] without = bytes(out.end());
        assertThat(without[21]).isZero();
        Overflow companion = new Overflow(BINDING, "file:/o", 1 << 20);
        open(out.begin(1).checkpoint(registry(companion)), Verdict.WHOLE);
        byte[] with = bytes(out.end());
        assertThat(with[21]).isOne();
        assertThat(with).hasSizeGreaterThan(without.length);
        in.next();
        assertThat(Checkpoint.read(in.fields(Op.ID), in.a()).overflow()).isEqualTo(companion);
        ByteBuffer draft = ByteBuffer.allocate(with.length);
        new CheckpointDraft(1, registry(companion)).parts().forEach(part -> draft.put(part.duplicate()));
        assertThat(draft.array()).isEqualTo(with);
        open(out.begin(1).checkpoint(registry(new Overflow(BINDING, "file:/o", -1))), Verdict.DAMAGED);
        with[21] = 0;
        open(with, Verdict.DAMAGED);
        without[21] = 1;
        open(without, Verdict.DAMAGED);
    }

    @Test
    void shouldLimitEachFieldOfAPage() {
        open(out.begin(1).page(page(), 5, 6, 8, NEWER_MID - 1), Verdict.WHOLE);
        open(out.begin(1).page(page(), 5, 6, 8, NEWER_MID), Verdict.DAMAGED);
        open(out.begin(1).page(page(), 5, 6, 8), Verdict.DAMAGED); // fewer mids than messages
        open(out.begin(1).page(new Paged(PAGE, NONE, lot(4), CHUNKS, page().rest()), 5, 6, 8, 9), Verdict.DAMAGED);
        lot(new Lot(TOPIC, 4, 4, 0, 0), Verdict.DAMAGED);
        lot(new Lot(TEMPORARY, 4, 4, 0, 0), Verdict.DAMAGED);
        lot(new Lot(5, 4, 4, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 9, 4, -1, Long.MAX_VALUE), Verdict.WHOLE);
        lot(new Lot(QUEUE, 10, 4, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 0x104, 4, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 4, 0, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 4, Op.MOST, 0, 0), Verdict.WHOLE);
        lot(new Lot(QUEUE, 4, Op.MOST + 1, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 4, -1, 0, 0), Verdict.DAMAGED);
        lot(new Lot(QUEUE, 4, 4, 0, -1), Verdict.DAMAGED);
    }

    private void lot(Lot lot, Verdict expected) {
        open(out.begin(1).pageAgain(new Paged(PAGE, BINDING, lot, CHUNKS, new Rest(1, 6))), expected);
    }

    @Test
    void shouldLimitTheChunksOfAPage() {
        chunks(Verdict.WHOLE, new Chunk(1, 0), new Chunk(2, 1), new Chunk(3, 2), new Chunk(Long.MAX_VALUE, 3));
        chunks(Verdict.WHOLE, new Chunk(1, 1)); // those before have left
        chunks(Verdict.DAMAGED, new Chunk(1, 2)); // and the next one, too
        chunks(Verdict.DAMAGED);
        chunks(Verdict.DAMAGED, new Chunk(0, 0));
        chunks(Verdict.DAMAGED, new Chunk(-1, 0));
        chunks(Verdict.DAMAGED, new Chunk(5, 0), new Chunk(5, 1));
        chunks(Verdict.DAMAGED, new Chunk(5, 0), new Chunk(4, 1));
        chunks(Verdict.DAMAGED, new Chunk(Long.MAX_VALUE, 0), new Chunk(Long.MIN_VALUE + 7, 1)); // it wraps
        chunks(Verdict.DAMAGED, new Chunk(5, 1), new Chunk(6, 1));
        chunks(Verdict.DAMAGED, new Chunk(5, 0), new Chunk(6, 4)); // beyond the last message
        chunks(Verdict.DAMAGED, new Chunk(5, 0), new Chunk(6, Integer.MAX_VALUE));
        chunks(Verdict.DAMAGED, new Chunk(5, -1));
        chunks(Verdict.DAMAGED, new Chunk(5, 1), new Chunk(6, 3), new Chunk(7, 1 - (1 << 31) + 3)); // it wraps
        open(out.begin(1).pageAgain(page().with(new Rest(4, 6))), Verdict.DAMAGED); // nothing is left
        open(out.begin(1).pageAgain(page().with(new Rest(3, NEWER_MID))), Verdict.DAMAGED);
        open(out.begin(1).pageAgain(page().with(new Rest(3, -1))), Verdict.DAMAGED);
        open(out.begin(1).pageAgain(page().with(new Rest(-1, 6))), Verdict.DAMAGED);
    }

    private void chunks(Verdict expected, Chunk... chunks) {
        open(out.begin(1).pageAgain(new Paged(PAGE, BINDING, lot(4), List.of(chunks), new Rest(1, 6))), expected);
    }

    @Test
    void shouldLimitTheOtherKinds() {
        open(out.begin(1).leaves(PAGE, new Rest(1, NEWER_MID - 1)), Verdict.WHOLE);
        open(out.begin(1).leaves(PAGE, new Rest(1, NEWER_MID)), Verdict.DAMAGED);
        open(out.begin(1).leaves(PAGE, new Rest(0, 1)), Verdict.DAMAGED);
        open(out.begin(1).leaves(PAGE, new Rest(-1, 1)), Verdict.DAMAGED);
        open(out.begin(1).leaves(PAGE, new Rest(1, -1)), Verdict.DAMAGED);
        open(out.begin(1).floor(BINDING, 1), Verdict.WHOLE);
        open(out.begin(1).floor(BINDING, 0), Verdict.DAMAGED);
        open(out.begin(1).floor(BINDING, -1), Verdict.DAMAGED);
        open(out.begin(1).overflow(Overflow.NONE), Verdict.WHOLE);
        open(out.begin(1).overflow(new Overflow(NONE, "file:/o")), Verdict.DAMAGED);
        open(out.begin(1).overflow(new Overflow(BINDING, null)), Verdict.DAMAGED);
        open(out.begin(1).overflow(new Overflow(BINDING, "x".repeat(8 << 10))), Verdict.WHOLE);
        open(out.begin(1).overflow(new Overflow(BINDING, "x".repeat((8 << 10) + 1))), Verdict.DAMAGED);
    }

    /** A later version may extend each of them by a bit of its a. */
    @Test
    void shouldTellANewerVersionByTheBitsThatAreFree() {
        for (RecordWriter record : new RecordWriter[] {
            writer().overflow(Overflow.NONE),
            writer().page(page(), 5, 6, 8, 9),
            writer().pageAgain(page()),
            writer().leaves(PAGE, new Rest(1, 6)),
            writer().floor(BINDING, 1)
        }) {
            byte[] bytes = bytes(record.end());
            open(bytes, Verdict.WHOLE);
            bytes[21] |= 2;
            open(bytes, Verdict.NEWER);
        }
    }

    private static RecordWriter writer() {
        return new RecordWriter().begin(1);
    }

    /** What is whole after damage holds what every reader relies on, and is written again as it was read. */
    @Seeded({1, 2, 3, 4, 5, 6})
    void shouldReadOrRefuseWhatIsDamaged(long seed) {
        Random random = new Random(seed);
        int whole = 0;
        int damaged = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = bytes(any(random).end());
            for (int n = 1 + random.nextInt(3); n > 0; n--)
                bytes[16 + random.nextInt(bytes.length - 16)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(8));
            if (random.nextInt(8) == 0) bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 16));
            Verdict verdict = in.open(Bytes.of(ByteBuffer.wrap(bytes)), HERE);
            if (verdict == Verdict.DAMAGED) damaged++;
            if (verdict != Verdict.WHOLE) continue;
            whole++;
            while (in.next()) if (in.kind() == Op.PAGE) expectSound();
        }
        assertThat(whole).isGreaterThan(500);
        assertThat(damaged).isGreaterThan(5_000);
    }

    private RecordWriter any(Random random) {
        int n = 1 + random.nextInt(5);
        long[] mids = random.longs(0, 60_000_000).limit(n).sorted().distinct().toArray();
        List<Chunk> chunks = new ArrayList<>();
        long position = 0;
        for (int first = 0; first < mids.length; first += 1 + random.nextInt(3))
            chunks.add(new Chunk(position += 1 + random.nextInt(1000), first));
        Lot lot = new Lot(QUEUE, random.nextInt(10), mids.length, random.nextInt(300), random.nextInt(99_999));
        Paged page = new Paged(PAGE, BINDING, lot, chunks, new Rest(0, mids[0]));
        out.begin(1);
        return switch (random.nextInt(6)) {
            case 0 -> out.overflow(new Overflow(BINDING, "file:/var/spool/" + n));
            case 1, 2 -> out.page(page, mids);
            case 3 -> out.pageAgain(page.with(new Rest(mids.length - 1, mids[mids.length - 1])));
            case 4 -> out.leaves(PAGE, new Rest(n, mids[0]));
            default -> out.floor(BINDING, 1 + random.nextInt(1000));
        };
    }

    private void expectSound() {
        List<Long> mids = new ArrayList<>();
        Paged page = Paged.read(in.fields(Op.ID), in.a(), in.b(), mids::add);
        assertThat(page.rest().index())
                .isBetween(page.chunks().get(0).first(), page.lot().messages() - 1);
        assertThat(page.rest().mid()).isBetween(0L, NEWER_MID - 1);
        assertThat(page.lot().messages()).isBetween(page.chunks().size(), Op.MOST);
        for (int i = 1; i < page.chunks().size(); i++) {
            assertThat(page.chunks().get(i).position())
                    .isGreaterThan(page.chunks().get(i - 1).position());
            assertThat(page.chunks().get(i).first())
                    .isGreaterThan(page.chunks().get(i - 1).first());
        }
        RecordWriter again = writer();
        if (in.a() == Op.AGAIN) again.pageAgain(page);
        else {
            assertThat(mids)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .hasSize(page.lot().messages());
            again.page(page, mids.stream().mapToLong(Long::longValue).toArray());
        }
        RecordReader read = new RecordReader();
        assertThat(read.open(Bytes.of(again.end()), HERE)).isEqualTo(Verdict.WHOLE);
        read.next();
        assertThat(Paged.read(read.bytes(), read.at())).isEqualTo(page);
    }

    private static Checkpoint registry(Overflow companion) {
        return new Checkpoint(List.of(), List.of(), List.of(), List.of(), List.of(), companion);
    }

    private static byte[] bytes(ByteBuffer record) {
        byte[] bytes = new byte[record.remaining()];
        record.duplicate().get(bytes);
        return bytes;
    }

    private void open(RecordWriter record, Verdict expected) {
        open(bytes(record.end()), expected);
    }

    private void open(byte[] record, Verdict expected) {
        assertThat(in.open(Bytes.of(ByteBuffer.wrap(record)), HERE)).isEqualTo(expected);
    }
}
