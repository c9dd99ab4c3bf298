package dev.belfry.jakarta.domain;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.jakarta.fold.Answer;
import dev.belfry.jakarta.fold.Bootstrap;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.spi.Bytes;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import dev.belfry.spi.Mark;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The log's meaning, as far as this member has read. Guarded by the fold lock. */
final class Folded implements Restating.Source {
    private static final long FIRST = 1;
    private static final int TRIES = 2;

    private final String domain;
    private final LogReader reader;
    final Mark mark;
    private final Skipped skipped;
    private State state;
    private IncompatibleVersionException broken;
    private long passes;
    private long end;
    private long lastPlace;
    private long lastPosition;

    Folded(String domain, LogReader reader, Mark mark, Skipped skipped) {
        this.domain = domain;
        this.reader = reader;
        this.mark = mark;
        this.skipped = skipped;
        readAnew();
        passes = 0;
    }

    State state() {
        return state;
    }

    /** Where the record ends that was folded last. */
    long end() {
        return end;
    }

    /** The record that was folded last. */
    Mark.At last() {
        return new Mark.At(lastPlace, lastPosition);
    }

    /** How often this member was passed, and has read its state again. */
    long passes() {
        return passes;
    }

    /** To the end of the log as it is now, or a little further. */
    void toTheEnd() {
        while (step()) continue;
    }

    /** The answers of the record at this position, which was appended; null: this member was passed there. */
    List<Answer> upTo(long position) {
        long before = passes;
        while (state.position() < position && step()) continue;
        return passes == before && state.position() == position ? List.copyOf(state.answers()) : null;
    }

    /** False: there was nothing. */
    private boolean step() {
        if (broken != null) throw broken;
        Step step = reader.next();
        if (step == Step.NOTHING) return false;
        if (step == Step.PASSED) readAnew();
        else {
            Verdict verdict = apply();
            if (!reader.intact()) readAnew();
            else note(verdict);
        }
        return true;
    }

    /** Null: it was passed in the middle. An exception leaves a state that is half of something, as an Error does. */
    private Verdict apply() {
        try {
            return state.apply(reader.position(), reader.place(), reader);
        } catch (MessageQueueException ofTheLog) {
            throw ofTheLog;
        } catch (RuntimeException e) {
            if (!reader.intact()) return null;
            throw new AssertionError("Record at position " + reader.position() + " cannot be folded", e);
        }
    }

    private void note(Verdict verdict) {
        if (verdict == Verdict.NEWER) throw broken = newer(domain, reader.position());
        if (verdict == Verdict.DAMAGED) skipped.note(reader.position());
        lastPlace = reader.place();
        lastPosition = reader.position();
        end = lastPlace + reader.length();
    }

    static IncompatibleVersionException newer(String domain, long position) {
        return new IncompatibleVersionException(
                "Domain '" + domain + "' has a record that a newer version wrote, at position " + position
                        + "; this version reads those of its own time only. Upgrade this program.");
    }

    // ---- from the mark on

    private void readAnew() {
        passes++;
        try {
            for (int tries = 0; !tryToReadAnew(); ) if (++tries == TRIES) reader.hold(true);
        } finally {
            reader.hold(false); // or it would block all senders
        }
    }

    /** False: passed again. */
    private boolean tryToReadAnew() {
        Mark.At from = mark.at();
        Bootstrap bootstrap = new Bootstrap(FIRST);
        if (from.position() > FIRST && !scan(from, bootstrap)) return false; // else all is there
        State late = bootstrap.state();
        moveTo(from);
        for (Step step = reader.next(); step != Step.NOTHING; step = reader.next()) {
            if (step == Step.PASSED) return false;
            Verdict verdict = late.apply(reader.position(), reader.place(), reader);
            if (!reader.intact()) return false;
            note(verdict);
        }
        state = late;
        return true;
    }

    /** False: passed again. */
    private boolean scan(Mark.At from, Bootstrap bootstrap) {
        moveTo(from);
        for (Step step = reader.next(); step != Step.NOTHING; step = reader.next()) {
            if (step == Step.PASSED) return false;
            boolean more = bootstrap.scan(reader.position(), reader);
            if (!reader.intact()) return false;
            if (!more) break;
        }
        return true;
    }

    private void moveTo(Mark.At from) {
        try {
            reader.moveTo(from);
        } catch (IllegalArgumentException nothingThere) {
            throw new QueueCorruptedException(
                    "Mark of domain '" + domain + "' is damaged: " + nothingThere.getMessage()
                            + ". Run 'belfry doctor', then delete the domain.",
                    nothingThere);
        }
    }

    // ---- bytes

    /** The operation MESSAGE; null: it is gone. */
    byte[] bytes(long mid) {
        while (true) {
            Message m = state.message(mid);
            byte[] bytes = m == null ? null : read(m);
            if (m == null || bytes != null) return bytes;
            toTheEnd(); // it was told again, further on
        }
    }

    /** The operation MESSAGE; null: it is not where this state says, so there is more to fold. */
    byte[] read(Message m) {
        byte[] bytes = new byte[m.length()];
        return reader.read(m.place(), m.statement(), m.at(), bytes, 0, bytes.length) ? bytes : null;
    }

    /** The bytes that {@link Restating} copies were passed: the claim is given up. */
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Override
    public Bytes record(long position, long place) {
        return new Bytes() {
            private ByteBuffer part(int at, int length) {
                byte[] bytes = new byte[length];
                get(at, bytes, 0, length);
                return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            }

            @Override
            public int length() {
                return Integer.MAX_VALUE;
            }

            @Override
            public byte getByte(int at) {
                return part(at, 1).get();
            }

            @Override
            public int getInt(int at) {
                return part(at, 4).getInt();
            }

            @Override
            public long getLong(int at) {
                return part(at, 8).getLong();
            }

            @Override
            public void get(int at, byte[] to, int from, int length) {
                if (!reader.read(place, position, at, to, from, length)) throw new Gone();
            }
        };
    }
}
