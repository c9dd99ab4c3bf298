package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The calls of the suites of a {@link Log}. */
abstract class LogCalls extends ConformanceSuite {
    private static final String DOMAIN = Log.KIND + "=" + Log.DOMAIN;
    private static final int ALL_BELLS = -1;
    static final long RECORD = 1_000;

    MessageQueue domain(String... parameters) {
        List<String> all = new ArrayList<>(List.of(parameters));
        all.add(DOMAIN);
        return open(all.toArray(new String[0]));
    }

    Log log(String... parameters) {
        return domain(parameters).unwrap(Log.class);
    }

    static long append(Log log, int number) {
        return append(log, number, Reserve.NORMAL, Duration.ZERO);
    }

    static long append(Log log, int number, Reserve reserve, Duration timeout) {
        ByteBuffer record = record(number);
        long position = log.append(record, reserve, ALL_BELLS, timeout);
        assertThat(record.remaining()).isEqualTo(position == Log.REJECTED ? RECORD : 0);
        return position;
    }

    static ByteBuffer record(int number) {
        return ByteBuffer.allocate((int) RECORD)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .putLong(~(long) number)
                .put((byte) -1)
                .rewind();
    }

    static void expect(LogReader reader, long position, int number) {
        assertThat(reader.next()).isEqualTo(Step.RECORD);
        assertThat(reader.position()).isEqualTo(position);
        assertThat(reader.length()).isEqualTo((int) RECORD);
        assertThat(reader.getInt(0)).isEqualTo(number);
        assertThat(reader.getLong(4)).isEqualTo(~(long) number);
        assertThat(reader.getByte(12)).isEqualTo((byte) -1);
        byte[] bytes = new byte[6];
        reader.get(0, bytes, 1, 4);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(1))
                .isEqualTo(number);
        assertThat(reader.intact()).isTrue();
    }

    /** Appends until it is refused. */
    static int fill(Log log, Reserve reserve) {
        int taken = 0;
        while (append(log, 0, reserve, Duration.ZERO) != Log.REJECTED)
            assertThat(++taken).isLessThan(1_000);
        return taken;
    }

    static Mark.At here(LogReader reader) {
        return new Mark.At(reader.place(), reader.position());
    }
}
