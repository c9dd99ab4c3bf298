package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.Reader;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** One store commits: a reader of the header word sees the body, and after it the empty word of this lap. */
@JCStressTest
@Outcome(
        id = {"nothing", "whole"},
        expect = ACCEPTABLE)
@State
public class CommitHandshake {
    final Cell cell = Cell.empty();

    @Actor
    public void publisher() {
        cell.append();
    }

    @Actor
    public void subscriber(L_Result r) {
        r.r1 = found(cell.reader());
    }

    private static String found(InPlaceReader reader) {
        if (reader.next() == Reader.Found.NOTHING) return "nothing";
        if (!Cell.isWhole(reader.record.copyBody())) return "torn";
        reader.advance();
        try {
            return reader.next() == Reader.Found.NOTHING ? "whole" : "an old lap's";
        } catch (CorruptSegmentException stampOfAnOldLap) {
            return "an old lap's";
        }
    }

    /** The header word goes before what it commits. */
    @JCStressTest
    @Outcome(
            id = {"nothing", "whole"},
            expect = ACCEPTABLE)
    @Outcome(
            id = {"torn", "an old lap's"},
            expect = ACCEPTABLE_INTERESTING)
    @State
    public static class HeaderFirst {
        final Cell cell = Cell.empty();

        @Actor
        public void publisher() {
            cell.ring.putLongRelease(0, RecordHeader.data(Cell.RECORD, 0, 1));
            Cell.dwell();
            cell.append();
        }

        @Actor
        public void subscriber(L_Result r) {
            r.r1 = found(cell.reader());
        }
    }
}
