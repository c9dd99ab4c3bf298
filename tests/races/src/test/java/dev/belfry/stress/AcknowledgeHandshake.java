package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A reader that sees a position acknowledged finds the offset after it: no message comes again.
 * (position, offset)
 */
@JCStressTest
@Outcome(
        id = {"false, false", "false, true", "true, true"},
        expect = ACCEPTABLE)
@State
public class AcknowledgeHandshake {
    final Cell cell = Cell.empty();

    @Actor
    public void subscriber() {
        cell.slots.ackOffRelease(Cell.SLOT, Cell.RECORD);
        cell.slots.ackPosRelease(Cell.SLOT, 1);
    }

    @Actor
    public void publisher(ZZ_Result r) {
        look(cell, r);
    }

    private static void look(Cell cell, ZZ_Result r) {
        r.r1 = cell.slots.ackPosAcquire(Cell.SLOT) != 0;
        r.r2 = cell.slots.ackOffAcquire(Cell.SLOT) != 0;
    }

    /** The position goes first. */
    @JCStressTest
    @Outcome(
            id = {"false, false", "false, true", "true, true"},
            expect = ACCEPTABLE)
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class PositionFirst {
        final Cell cell = Cell.empty();

        @Actor
        public void subscriber() {
            cell.slots.ackPosRelease(Cell.SLOT, 1);
            Cell.dwell();
            cell.slots.ackOffRelease(Cell.SLOT, Cell.RECORD);
        }

        @Actor
        public void publisher(ZZ_Result r) {
            look(cell, r);
        }
    }
}
