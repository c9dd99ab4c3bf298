package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.ring.LogPlace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProvenRecordsTest {
    private static final UUID LOG = new UUID(7, 8);
    private static final int FRAME = 200_000;
    private static final int MESSAGE = (int) RecordHeader.size(FRAME, RecordHeader.pad(true));
    private static final int MESSAGES = 8;
    private static final int MAX_CAPACITY = 4 * FRAME;

    private final ByteBuffer log = messages();
    private long bytesRead;
    private int reads;
    private final ProvenRecords records = new ProvenRecords(LOG, MAX_CAPACITY, this::read);

    /** In each body each second word could be the header of a record that ends in the log. */
    private static ByteBuffer messages() {
        Random random = new Random(3);
        ByteBuffer log = ByteBuffer.allocate(MESSAGES * MESSAGE).order(ByteOrder.LITTLE_ENDIAN);
        while (log.remaining() >= 2 * RecordHeader.SIZE)
            log.putLong(RecordHeader.data(16 + random.nextInt(2 * FRAME), 0, random.nextInt(1 << 24)))
                    .putLong(random.nextLong());
        log.clear();
        for (int i = 0; i < MESSAGES; i++) {
            log.putLong(i * MESSAGE, RecordHeader.data(FRAME, 0, 1 + i));
            log.putLong((i + 1) * MESSAGE - RecordTrailer.SIZE, RecordTrailer.of(1 + i, false));
        }
        new SealedRecords(LOG, MESSAGE, 0, 1).seal(log.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        return log;
    }

    private boolean read(ByteBuffer piece, long offset) {
        bytesRead += piece.limit();
        reads++;
        piece.put(log.slice((int) offset, piece.limit())).flip();
        return true;
    }

    private long bytesReadFor(long offset, long most) {
        bytesRead = 0;
        assertThat(records.firstFrom(offset, log.capacity(), most)).isEqualTo(new LogPlace(3L * MESSAGE, 4));
        return bytesRead;
    }

    @Test
    void shouldReadNoMoreThanTwoMessagesForABorderInARandomBody() {
        long border = 2L * MESSAGE + (MESSAGE / 2 & -RecordHeader.SIZE);
        assertThat(bytesReadFor(border, MESSAGES + 1)).isLessThanOrEqualTo(2L * MESSAGE);
        assertThat(reads)
                .as("of each that would be no longer than a message: the half")
                .isLessThan(MESSAGE / 2 / 16 * 6 / 10);
        assertThat(bytesReadFor(border, Long.MAX_VALUE)).as("if it sums each").isGreaterThan(100L * MESSAGE);
    }

    /** A log that nobody knows the newest position of: as many records as it has room for are the most. */
    @Test
    void shouldSumNoRecordWhosePositionALogOfThatLengthCannotHave() {
        long border = 2L * MESSAGE + (MESSAGE / 2 & -RecordHeader.SIZE);
        assertThat(records.first(border, log.capacity())).isEqualTo(new Places.At(3L * MESSAGE, 4));
        assertThat(bytesRead).isLessThanOrEqualTo(2L * MESSAGE);
    }
}
