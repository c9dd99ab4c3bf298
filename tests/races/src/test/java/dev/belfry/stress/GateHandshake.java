package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** The gate moves before its holder overwrites; a thread that copies or joins without a lock reads it afterwards. */
public class GateHandshake {
    /** A reader that may be passed: a whole copy, or none. */
    @JCStressTest
    @Outcome(
            id = {"whole", "passed"},
            expect = ACCEPTABLE)
    @State
    public static class Copy {
        final Cell cell = Cell.full();

        @Actor
        public void publisher() {
            cell.overwrite();
        }

        @Actor
        public void subscriber(L_Result r) {
            r.r1 = read(cell.passableReader());
        }
    }

    private static String read(Reader reader) {
        if (reader.next() == Reader.Found.PASSED) return "passed";
        return Cell.isWhole(reader.record.copyBody()) ? "whole" : "torn";
    }

    /** The look is before the copy: the handler gets the next lap. */
    @JCStressTest
    @Outcome(
            id = {"whole", "passed"},
            expect = ACCEPTABLE)
    @Outcome(id = "torn", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class LookThenCopy {
        final Cell cell = Cell.full();

        @Actor
        public void publisher() {
            cell.overwrite();
        }

        @Actor
        public void subscriber(L_Result r) {
            if (cell.passableReader().isPassed()) {
                r.r1 = "passed";
                return;
            }
            byte[] body = new byte[Cell.RECORD - RecordHeader.SIZE];
            cell.ring.copyOut(RecordHeader.SIZE, body, 0, body.length);
            r.r1 = Cell.isWhole(body) ? "whole" : "torn";
        }
    }

    /** A joiner without the gate lock: the position of the very record that its offset names. */
    @JCStressTest
    @Outcome(id = "exact", expect = ACCEPTABLE)
    @State
    public static class Position {
        final Cell cell = Cell.full();

        @Actor
        public void publisher() {
            cell.overwrite();
        }

        @Actor
        public void joiner(L_Result r) {
            r.r1 = verdict(LogPlace.oldest(cell.header, cell.regions));
        }
    }

    private static String verdict(LogPlace entry) {
        return entry.position() == entry.offset() / Cell.RECORD + 1 ? "exact" : "wrong";
    }

    /** The word is believed without a second look at the gate. */
    @JCStressTest
    @Outcome(id = "exact", expect = ACCEPTABLE)
    @Outcome(id = "wrong", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class NoSecondLook {
        final Cell cell = Cell.full();

        @Actor
        public void publisher() {
            cell.overwrite();
        }

        @Actor
        public void joiner(L_Result r) {
            long hint = cell.header.gatePosAcquire();
            long offset = cell.header.gateAcquire();
            Cell.dwell();
            long word = cell.ring.getLongAcquire(offset % Cell.CAPACITY);
            r.r1 = verdict(new LogPlace(offset, Positions.resolve(RecordHeader.stamp(word), hint)));
        }
    }

    /** The hint is believed without the stamp at the gate. */
    @JCStressTest
    @Outcome(id = "exact", expect = ACCEPTABLE)
    @Outcome(id = "wrong", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class NoStamp {
        final Cell cell = Cell.full();

        @Actor
        public void publisher() {
            cell.overwrite();
        }

        @Actor
        public void joiner(L_Result r) {
            long offset = cell.header.gateAcquire();
            Cell.dwell();
            r.r1 = verdict(new LogPlace(offset, cell.header.gatePosAcquire()));
        }
    }
}
