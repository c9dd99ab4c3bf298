package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RecordHeaderTest {
    private static final long CAPACITY = 4096;
    private static final int PLAIN = RecordHeader.pad(false);

    @Test
    void shouldKeepItsBitsInPlace() {
        assertThat(RecordHeader.data(8, 0, 1)).isEqualTo(0x0000_0101_0000_0008L);
        assertThat(RecordHeader.data(0x12345, RecordHeader.PROPERTIES | RecordHeader.SYSTEM_BLOCK, 0xABCDEF))
                .isEqualTo(0xABCDEF_31_0001_2345L);
        assertThat(RecordHeader.hop(0xABCDEF)).isEqualTo(0xABCDEF_02_0000_0008L);
        assertThat(RecordHeader.empty(1)).isEqualTo(0x0000_0100_0000_0000L);
        assertThat(RecordHeader.empty(0x1_000000))
                .isZero(); // every 2^24th empty word; resolve copes, a plain 0 before the first would not
    }

    @Test
    void shouldReadBackWhatItWrote() {
        long word = RecordHeader.data(1 << 30, 3, (1L << 24) + 5);
        assertThat(RecordHeader.isEmpty(word)).isFalse();
        assertThat(RecordHeader.frameLength(word)).isEqualTo(1 << 30);
        assertThat(RecordHeader.type(word)).isEqualTo(RecordHeader.DATA);
        assertThat(RecordHeader.flags(word)).isEqualTo(3);
        assertThat(RecordHeader.stamp(word)).isEqualTo(5);
        assertThat(RecordHeader.isEmpty(RecordHeader.empty(77))).isTrue();
        assertThat(RecordHeader.stamp(RecordHeader.empty(77))).isEqualTo(77);
        assertThat(RecordHeader.stamp(RecordHeader.data(8, 0, 0xFFFFFF))).isEqualTo(0xFFFFFF);
    }

    @Test
    void shouldAdvanceInWholeWords() {
        assertThat(RecordHeader.advance(RecordHeader.data(8, 0, 1), CAPACITY, PLAIN))
                .isEqualTo(8);
        assertThat(RecordHeader.advance(RecordHeader.data(9, 0, 1), CAPACITY, PLAIN))
                .isEqualTo(16);
        assertThat(RecordHeader.advance(RecordHeader.data(16, 0, 1), CAPACITY, PLAIN))
                .isEqualTo(16);
        assertThat(RecordHeader.advance(RecordHeader.hop(1), CAPACITY, PLAIN)).isEqualTo(8);
        assertThat(RecordHeader.advance(RecordHeader.data(4080, 0, 1), CAPACITY, PLAIN))
                .isEqualTo(4080);
        assertThat(RecordHeader.advance(16 | 8L << 32, CAPACITY, PLAIN))
                .as("may be skipped")
                .isEqualTo(16);
        int pad = RecordHeader.pad(true);
        assertThat(RecordHeader.advance(RecordHeader.data(8, 0, 1), CAPACITY, pad))
                .isEqualTo(16);
        assertThat(RecordHeader.advance(RecordHeader.data(9, 0, 1), CAPACITY, pad))
                .isEqualTo(24);
        assertThat(RecordHeader.advance(RecordHeader.data(16, 0, 1), CAPACITY, pad))
                .isEqualTo(24);
        assertThat(RecordHeader.advance(RecordHeader.hop(1), CAPACITY, pad))
                .as("has no trailer")
                .isEqualTo(8);
        assertThat(RecordHeader.advance(RecordHeader.data(4080, 0, 1), CAPACITY, pad))
                .isEqualTo(4088);
        assertThatThrownBy(() -> RecordHeader.advance(RecordHeader.data(4081, 0, 1), CAPACITY, pad))
                .isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldRefuseWhatCannotBeARecord() {
        long[] wrong = {
            RecordHeader.data(7, 0, 1),
            RecordHeader.data(0, 0, 1),
            RecordHeader.data(-8, 0, 1),
            RecordHeader.data(Integer.MIN_VALUE, 0, 1),
            RecordHeader.data(Integer.MAX_VALUE, 0, 1),
            RecordHeader.data(4089, 0, 1), // a ring holds capacity - 16 of payload
            RecordHeader.hop(1) + 8, // a HOP of another length
            RecordHeader.empty(5),
            8 | 3L << 32, // a type that must be understood
            8 | 7L << 32,
            4 | 8L << 32
        };
        for (long word : wrong)
            assertThatThrownBy(() -> RecordHeader.advance(word, CAPACITY, PLAIN))
                    .as(Long.toHexString(word))
                    .isInstanceOf(CorruptSegmentException.class);
    }
}
