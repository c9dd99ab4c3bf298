package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A reader that the gate passes between any two of its checks. */
class PassableReaderTest {
    private static final int GATE = 520;

    /** Runs something before the n-th look at the gate. */
    private static final class AtLook extends Seam {
        private int looks = -1;
        private Runnable then;

        @Override
        protected long load(Words words, long at, int size) {
            if (at == GATE && looks >= 0 && looks-- == 0) {
                Runnable now = then;
                then = null;
                now.run();
            }
            return super.load(words, at, size);
        }
    }

    private final AtLook seam = new AtLook();
    private final Memory memory = new Memory(seam, false);
    private final Regions regions = memory.regions();
    private final LogEnd writer = new LogEnd(memory.header, regions, null);
    private final Gate gate = new Gate(memory.header, regions, memory.slots, null);
    private final PassableReader reader = new PassableReader(memory.regions(), 1 << 20, memory.header, null);

    PassableReaderTest() {
        reader.moveTo(new LogPlace(0, 1));
    }

    @AfterEach
    void close() {
        memory.close();
    }

    private long publish(int fill) {
        byte[] body = new byte[400];
        java.util.Arrays.fill(body, (byte) fill);
        long position;
        while ((position = writer.append(ByteBuffer.wrap(body), 0, body.length, new byte[0], 0)) == LogEnd.NO_ROOM)
            gate.advance(408, false);
        return position;
    }

    private void overrun() {
        for (int i = 0; i < 25; i++) publish(100 + i);
    }

    @Test
    void shouldReadWhileItIsNotPassed() {
        assertThat(reader.next()).isEqualTo(Reader.Found.NOTHING);
        for (int i = 1; i <= 50; i++) {
            publish(i);
            assertThat(reader.mayProceed()).isTrue();
            assertThat(reader.next()).isEqualTo(Reader.Found.RECORD);
            assertThat(reader.record().position()).isEqualTo(i);
            assertThat(reader.record().copyBody()).containsOnly(i);
            reader.advance();
            assertThat(reader.mayProceed()).isFalse();
        }
    }

    @Test
    void shouldBelieveNothingOnceItWasPassed() {
        publish(1);
        overrun();
        assertThat(reader.isPassed()).isTrue();
        assertThat(reader.mayProceed()).isTrue();
        assertThat(reader.next()).isEqualTo(Reader.Found.PASSED);
    }

    @Test
    @Tag("F48")
    void shouldNoticeAtEachLookThatItWasPassed() {
        for (int look = 0; look < 2; look++) {
            publish(1);
            reader.moveTo(LogPlace.oldest(memory.header, regions));
            seam.looks = look;
            seam.then = this::overrun;
            assertThat(reader.next()).as("passed before look %s", look).isEqualTo(Reader.Found.PASSED);
            assertThat(seam.then).isNull();
        }
    }

    @Test
    void shouldNotTakeAPassedWordForCorruption() {
        publish(1);
        publish(2);
        overrun();
        regions.ring(0).bytes.putLong(0, RecordHeader.data(Integer.MAX_VALUE, 0, 77));
        assertThat(reader.next()).isEqualTo(Reader.Found.PASSED);
    }

    @Test
    void shouldTakeAWrongWordForCorruptionWhenNotPassed() {
        publish(1);
        regions.ring(0).bytes.putLong(0, RecordHeader.data(400, 0, 2));
        assertThatThrownBy(reader::next).isInstanceOf(CorruptSegmentException.class);
        regions.ring(0).bytes.putLong(0, RecordHeader.data(Integer.MAX_VALUE, 0, 1));
        assertThatThrownBy(reader::next).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldAskWhatItNeedsNotWhereItReads() {
        long[] needed = {0};
        PassableReader careful = new PassableReader(memory.regions(), 1 << 20, memory.header, () -> needed[0]);
        for (int i = 1; i <= 9; i++) publish(i);
        careful.moveTo(new LogPlace(5 * 408, 6));
        assertThat(careful.next()).isEqualTo(Reader.Found.RECORD);
        gate.advance(900, false); // beyond 0, not beyond 5 * 408
        assertThat(memory.header.gateAcquire()).isBetween(1L, 5L * 408);
        assertThat(careful.next()).isEqualTo(Reader.Found.PASSED);
        needed[0] = 5 * 408;
        assertThat(careful.next()).isEqualTo(Reader.Found.RECORD);
    }
}
