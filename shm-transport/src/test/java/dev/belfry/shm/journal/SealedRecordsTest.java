package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class SealedRecordsTest {
    private static final UUID LOG = new UUID(7, 8);
    private static final long FROM = 1 << 20;
    private static final long FIRST = (1L << 24) - 20; // over the end of the stamps
    private static final int PAD = RecordHeader.pad(true);
    private static final int LONGEST = 4096;

    /** As a ring has it: what pads the records is an old lap's. */
    private static ByteBuffer log(Random random) {
        ByteBuffer log = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        random.nextBytes(log.array());
        long position = FIRST;
        for (int n = 0; n < 60; n++) {
            if (n % 13 == 12) {
                log.putLong(RecordHeader.hop(position));
                continue;
            }
            int frame = 8 + random.nextInt(n % 7 == 0 ? 3000 : 90);
            int size = (int) RecordHeader.size(frame, PAD);
            boolean more = n % 13 != 11 && random.nextInt(3) == 0 && n != 59;
            int at = log.position();
            log.putLong(at, RecordHeader.data(frame, 0, position));
            log.putLong(at + size - 8, RecordTrailer.of(position, more));
            log.position(at + size);
            position++;
        }
        return log.flip();
    }

    private static SealedRecords records() {
        return new SealedRecords(LOG, LONGEST, FROM, FIRST);
    }

    private static ByteBuffer sealed(ByteBuffer log, Random pieces) {
        byte[] all = Arrays.copyOf(log.array(), log.limit());
        SealedRecords records = records();
        while (records.offset() < FROM + all.length) {
            int at = (int) (records.offset() - FROM);
            int length = Math.min(all.length - at, 8 * (1 + pieces.nextInt(100)));
            records.seal(ByteBuffer.wrap(all, at, length));
        }
        assertThat(records.committed()).isEqualTo(FROM + all.length);
        return ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long provenUpTo(ByteBuffer sealed, SealedRecords records, Random pieces) {
        int at = 0;
        while (at < sealed.capacity()) {
            int length = Math.min(sealed.capacity() - at, 8 * (1 + pieces.nextInt(100)));
            if (!records.prove(ByteBuffer.wrap(sealed.array(), at, length))) break;
            at += length;
        }
        return records.committed() - FROM;
    }

    @Test
    void shouldMakeTheSameBytesInWhateverPieces() {
        for (int seed = 0; seed < 20; seed++) {
            ByteBuffer log = log(new Random(seed));
            ByteBuffer sealed = sealed(log, new Random(seed + 1));
            assertThat(sealed(log, new Random(seed + 2)).array()).isEqualTo(sealed.array());
            assertThat(provenUpTo(sealed, records(), new Random(seed))).isEqualTo(sealed.capacity());
        }
    }

    /** Written down once more, as the page of the format says it. */
    @Test
    void shouldSealWhatTheFormatSays() {
        ByteBuffer sealed = sealed(log(new Random(1)), new Random(1));
        int frame = RecordHeader.frameLength(sealed.getLong(0));
        int size = (frame + 7) / 8 * 8 + 8;
        CRC32C sum = new CRC32C();
        ByteBuffer front = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        sum.update(front.putLong(7).putLong(8).putLong(FROM).putLong(FIRST).array());
        sum.update(sealed.array(), 0, size - 4);
        assertThat(Integer.toUnsignedLong(sealed.getInt(size - 4))).isEqualTo(sum.getValue());
        for (int at = frame; at % 8 != 0; at++) assertThat(sealed.get(at)).isZero();
    }

    @Test
    void shouldProveNoByteThatHasChanged() {
        ByteBuffer sealed = sealed(log(new Random(3)), new Random(3));
        for (int at = 0; at < sealed.capacity(); at++) {
            byte was = sealed.get(at);
            sealed.put(at, (byte) (was ^ 1 << at % 8));
            assertThat(provenUpTo(sealed, records(), new Random(at))).isLessThanOrEqualTo(at);
            sealed.put(at, was);
        }
    }

    @Test
    void shouldProveNothingOfAnotherPlaceOrLog() {
        ByteBuffer sealed = sealed(log(new Random(4)), new Random(4));
        Random pieces = new Random(4);
        UUID other = new UUID(7, 9);
        assertThat(provenUpTo(sealed, new SealedRecords(other, LONGEST, FROM, FIRST), pieces))
                .isZero();
        SealedRecords moved = new SealedRecords(LOG, LONGEST, FROM + 8, FIRST);
        assertThat(provenUpTo(sealed, moved, pieces) - 8).isZero();
        SealedRecords lapLater = new SealedRecords(LOG, LONGEST, FROM, FIRST + (1L << 24));
        assertThat(provenUpTo(sealed, lapLater, pieces)).isZero();
    }

    @Test
    void shouldCutInFrontOfABatchThatIsNotWhole() {
        ByteBuffer log = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = 0; n < 4; n++) {
            log.putLong(RecordHeader.data(16, 0, FIRST + n)).putLong(n);
            log.putLong(RecordTrailer.of(FIRST + n, n == 1 || n == 2));
        }
        ByteBuffer sealed = sealed(log.flip(), new Random(5));
        assertThat(provenUpTo(sealed, records(), new Random(5))).isEqualTo(96);
        sealed.putLong(80, 9); // in the last of three
        assertThat(provenUpTo(sealed, records(), new Random(5))).isEqualTo(24);
    }

    @Test
    void shouldTakeTheSealsOffAgain() {
        ByteBuffer log = log(new Random(6));
        ByteBuffer sealed = sealed(log, new Random(6));
        byte[] all = sealed.array().clone();
        SealedRecords records = records();
        while (records.offset() < FROM + all.length) {
            int at = (int) (records.offset() - FROM);
            records.unseal(ByteBuffer.wrap(all, at, all.length - at));
        }
        assertThat(sealed(ByteBuffer.wrap(all), new Random(7)).array()).isEqualTo(sealed.array());
    }

    @Test
    void shouldRefuseToSealWhatNoPublisherHasStored() {
        ByteBuffer log = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        long word = RecordHeader.data(16, 0, FIRST);
        long trailer = RecordTrailer.of(FIRST, false);
        for (long[] wrong : new long[][] {
            {0, trailer},
            {RecordHeader.data(7, 0, FIRST), trailer},
            {RecordHeader.data(LONGEST, 0, FIRST), trailer},
            {RecordHeader.data(16, 0, FIRST + 1), trailer},
            {RecordHeader.hop(FIRST + 1), trailer},
            {word, RecordTrailer.of(FIRST + (1L << 24), false)},
            {word, trailer | 1L << 32}
        }) {
            log.putLong(0, wrong[0]).putLong(16, wrong[1]);
            ByteBuffer piece = ByteBuffer.wrap(log.array(), 0, 24);
            assertThatThrownBy(() -> records().seal(piece)).isInstanceOf(CorruptSegmentException.class);
        }
    }
}
