package dev.belfry.mem.twin;

import dev.belfry.api.Claim;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.WritableArray;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;

/** Hands everything on, except for the defect. */
final class TwinLog implements Log {
    private final Log real;
    private final Defect defect;

    TwinLog(Log real, Defect defect) {
        this.real = real;
        this.defect = defect;
    }

    @Override
    public UUID id() {
        return real.id();
    }

    @Override
    public long newest() {
        return real.newest();
    }

    @Override
    public long usedBytes() {
        return real.usedBytes();
    }

    @Override
    public long ringBytes() {
        return real.ringBytes();
    }

    @Override
    public long maxRingBytes() {
        return real.maxRingBytes();
    }

    @Override
    public long self() {
        return defect == Defect.HANDLES_ARE_ALIKE ? 1 : real.self();
    }

    @Override
    public boolean isAlive(long handle) {
        return defect == Defect.CLOSED_HANDLES_LIVE || real.isAlive(handle);
    }

    @Override
    public long append(ByteBuffer record, Reserve reserve, int bells, Duration timeout) {
        return real.append(
                record,
                defect == Defect.RESERVE_IS_IGNORED ? Reserve.NONE : reserve,
                defect == Defect.BELLS_ARE_MUTE ? 0 : defect == Defect.ALL_BELLS_RING ? -1 : bells,
                defect == Defect.ZERO_GROWS && timeout.isZero() ? Duration.ofMillis(1) : timeout);
    }

    @Override
    public boolean flush(long position, Duration timeout) {
        return defect != Defect.FLUSH_IS_REFUSED && real.flush(position, timeout);
    }

    @Override
    public boolean raise(long feature) {
        return real.raise(feature) && defect != Defect.RAISE_IS_FORGOTTEN;
    }

    @Override
    public String unawareOf(long feature) {
        return real.unawareOf(feature);
    }

    @Override
    public Claim claim(int length, Reserve reserve, Duration timeout) {
        if (defect != Defect.CLAIM_HOLDS_NOBODY_UP) return real.claim(length, reserve, timeout);
        byte[] body = new byte[length];
        return new BesideTheLog(body) {
            @Override
            public long commit() {
                return commit(length);
            }

            @Override
            public long commit(int used) {
                return real.append(ByteBuffer.wrap(body, 0, used), reserve, 0, timeout);
            }

            @Override
            public void close() {}
        };
    }

    private abstract static class BesideTheLog extends WritableArray implements Claim {
        BesideTheLog(byte[] body) {
            super(body);
        }
    }

    @Override
    public LogReader reader() {
        return new TwinReader(real.reader());
    }

    @Override
    public Mark mark(String name) {
        Mark mark = real.mark(name);
        return new Mark() {
            @Override
            public At at() {
                return mark.at();
            }

            @Override
            public Advance advance(At to) {
                if (defect == Defect.MARK_BELIEVES_PLACES) return mark.advance(found(to));
                Advance done = mark.advance(to);
                return defect == Defect.MARK_SAYS_IT_MOVED ? Advance.MOVED : done;
            }
        };
    }

    /** The place that belongs to the position. */
    private Mark.At found(Mark.At to) {
        LogReader reader = real.reader();
        while (reader.next() == LogReader.Step.RECORD)
            if (reader.position() == to.position()) return new Mark.At(reader.place(), to.position());
        return to;
    }

    private final class TwinReader implements LogReader {
        private final LogReader real;

        TwinReader(LogReader real) {
            this.real = real;
        }

        @Override
        public Step next() {
            Step step = real.next();
            if (step != Step.PASSED || defect != Defect.PASSED_IS_SILENT) return step;
            real.moveTo(firstThatIsThere());
            return real.next();
        }

        private Mark.At firstThatIsThere() {
            LogReader oldest = TwinLog.this.real.reader();
            oldest.next();
            return new Mark.At(oldest.place(), oldest.position());
        }

        @Override
        public long position() {
            return real.position();
        }

        @Override
        public long place() {
            return real.place();
        }

        @Override
        public int length() {
            return real.length();
        }

        @Override
        public byte getByte(int at) {
            return real.getByte(at);
        }

        @Override
        public int getInt(int at) {
            return defect == Defect.NUMBERS_ARE_BIG_ENDIAN ? Integer.reverseBytes(real.getInt(at)) : real.getInt(at);
        }

        @Override
        public long getLong(int at) {
            return real.getLong(at);
        }

        @Override
        public void get(int at, byte[] to, int from, int length) {
            real.get(at, to, from, length);
        }

        @Override
        public boolean intact() {
            return defect == Defect.ALWAYS_INTACT || real.intact();
        }

        @Override
        public boolean read(long place, long position, int at, byte[] to, int from, int length) {
            boolean there = real.read(place, position, at, to, from, length);
            return there || defect == Defect.READS_WHAT_IS_GONE;
        }

        @Override
        public void moveTo(Mark.At to) {
            real.moveTo(to);
        }

        @Override
        public void hold(boolean gating) {
            if (defect != Defect.HOLD_DOES_NOTHING) real.hold(gating);
        }

        @Override
        public boolean await(int bells, long deadline) {
            long until = defect == Defect.AWAIT_IS_SHORT ? Deadlines.after(Duration.ofMillis(20)) : deadline;
            return real.await(bells, until);
        }

        @Override
        public void wake() {
            if (defect != Defect.WAKE_DOES_NOTHING) real.wake();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
