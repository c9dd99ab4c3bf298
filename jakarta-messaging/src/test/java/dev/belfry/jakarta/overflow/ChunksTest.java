package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Malformed;
import dev.belfry.jakarta.wire.Newer;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes of a chunk, what of them is refused, and how messages are cut into chunks. */
@OneJdk
class ChunksTest {
    private static final String QUEUE = "orders";
    private static final UUID PAGE = new UUID(0x1112131415161718L, 0x2122232425262728L);
    private static final UUID BINDING = new UUID(0x3132333435363738L, -2);

    static PagedMessage message(long mid, int bodyLength) {
        Envelope envelope = new Envelope();
        envelope.destination = DestinationId.of(DestinationId.QUEUE, QUEUE);
        envelope.serial = mid;
        envelope.body = new byte[bodyLength];
        Arrays.fill(envelope.body, (byte) mid);
        return new PagedMessage(mid, 7, envelope.bytes());
    }

    private static List<PagedMessage> messages(int count, int bodyLength) {
        List<PagedMessage> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) messages.add(message(10 + 2 * i, bodyLength));
        return messages;
    }

    private static Chunks cut(List<PagedMessage> messages) {
        return Chunks.cut(BINDING, PAGE, QUEUE, messages);
    }

    private static void assertSame(List<PagedMessage> found, List<PagedMessage> expected) {
        assertThat(found).usingRecursiveFieldByFieldElementComparator().isEqualTo(expected);
    }

    @Test
    void shouldKeepTheBytesOfAChunk() {
        PagedMessage one = message(10, 3);
        byte[] bytes = ChunkLayout.write(new ChunkHead(BINDING, PAGE, 2, 300, QUEUE), List.of(one, message(11, 3)));
        String message = HexFormat.of().formatHex(one.bytes());
        assertThat(HexFormat.of().formatHex(bytes))
                .startsWith("424c4643" + "01000000" + "3837363534333231" + "feffffffffffffff" + "1817161514131211"
                        + "2827262524232221" + "02000000" + "2c010000" + "02000000" + "06000000" + "6f7264657273"
                        + "0000" + "0a00000000000000" + "0700000000000000" + message + "0b00000000000000"
                        + "0700000000000000");
        assertThat(bytes.length).isEqualTo(ChunkLayout.length(QUEUE) + 2 * (16 + one.bytes().length));
    }

    @Test
    void shouldReadWhatWasWritten() {
        List<PagedMessage> all = messages(200, 1000);
        List<PagedMessage> read = new ArrayList<>();
        int number = 0;
        for (byte[] each : cut(all).encoded()) {
            ReadChunk chunk = ChunkLayout.read(each);
            assertThat(chunk.head()).isEqualTo(new ChunkHead(BINDING, PAGE, number++, read.size(), QUEUE));
            read.addAll(chunk.messages());
        }
        assertThat(number).isGreaterThan(2);
        assertSame(read, all);
    }

    @Test
    void shouldCutUpTo64KiBWhenMessagesAreShort() {
        List<byte[]> encoded = cut(messages(300, 1000)).encoded();
        assertThat(encoded).allMatch(each -> each.length <= 64 << 10);
        assertThat(encoded.subList(0, encoded.size() - 1)).allMatch(each -> each.length > 63 << 10);
    }

    @Test
    void shouldPutAMessageAloneWhenItIsLong() {
        List<PagedMessage> mixed =
                List.of(message(1, 10), message(2, 100_000), message(3, 100_000), message(4, 10), message(5, 10));
        assertThat(cut(mixed).at(40))
                .containsExactly(new Chunk(40, 0), new Chunk(41, 1), new Chunk(42, 2), new Chunk(43, 3));
    }

    @Test
    void shouldLeaveAChunkOutWholeWhenOneOfItsMessagesStays() {
        List<PagedMessage> all = messages(9, 20_000); // three a chunk
        Chunks cut = cut(all);
        assertThat(cut.at(70)).containsExactly(new Chunk(70, 0), new Chunk(71, 3), new Chunk(72, 6));
        Chunks left = cut.whole(each -> each.mid() != all.get(4).mid());
        assertThat(left.at(70)).containsExactly(new Chunk(70, 0), new Chunk(72, 3));
        List<PagedMessage> stay = new ArrayList<>(all.subList(0, 3));
        stay.addAll(all.subList(6, 9));
        assertSame(left.messages(), stay);
        assertThat(left.whole(each -> false).messages()).isEmpty();
    }

    @Test
    void shouldRefuseWhatIsNoChunk() {
        byte[] good = cut(messages(3, 10)).encoded().get(0);
        assertDamaged(new byte[0]);
        assertDamaged("an order of another program".getBytes());
        assertDamaged(Arrays.copyOf(good, good.length - 1));
        assertDamaged(Arrays.copyOf(good, good.length + 8));
        assertDamaged(with(good, 48, 0)); // no message
        assertDamaged(with(good, 48, 2)); // fewer than there are
        assertDamaged(with(good, 48, 4)); // more
        assertDamaged(with(good, 48, Integer.MAX_VALUE));
        assertDamaged(with(good, 52, -1)); // no name
        assertDamaged(with(good, 56, 'a')); // messages of another queue
        List<PagedMessage> back = List.of(message(2, 1), message(1, 1));
        assertDamaged(cut(back).encoded().get(0));
        List<PagedMessage> nobodys =
                List.of(new PagedMessage(1, 0, message(1, 1).bytes()));
        assertDamaged(cut(nobodys).encoded().get(0));
    }

    @Test
    void shouldSayNewerWhenALaterReleaseHasWrittenIt() {
        byte[] good = cut(messages(3, 10)).encoded().get(0);
        assertThatThrownBy(() -> ChunkLayout.read(with(good, 4, 2))).isInstanceOf(Newer.class);
        byte[] message = message(1, 1).bytes();
        message[7] = (byte) (message[7] | 0x80); // a flag that this release does not know
        assertThatThrownBy(() -> ChunkLayout.read(
                        cut(List.of(new PagedMessage(1, 7, message))).encoded().get(0)))
                .isInstanceOf(Newer.class);
    }

    /** Its queue's checksum finds single bits: here all of it may be read, but nothing else may happen. */
    @Seeded(81)
    void shouldReadAChunkOrNoneWhenItIsDamaged(long seed) {
        Random random = new Random(seed);
        byte[] good = cut(messages(5, 30)).encoded().get(0);
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(3) > 0 ? good.length : random.nextInt(good.length + 9));
            for (int n = 1 + random.nextInt(4); n > 0 && bad.length > 0; n--)
                bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(9));
            try {
                ReadChunk read = ChunkLayout.read(bad);
                assertThat(read.messages()).isNotEmpty();
            } catch (Malformed | Newer expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(20_000, 49_999);
    }

    private static void assertDamaged(byte[] bytes) {
        assertThatThrownBy(() -> ChunkLayout.read(bytes)).isInstanceOf(Malformed.class);
    }

    private static byte[] with(byte[] good, int at, int value) {
        byte[] changed = good.clone();
        for (int i = 0; i < 4; i++) changed[at + i] = (byte) (value >> 8 * i);
        return changed;
    }
}
