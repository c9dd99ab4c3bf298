package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.Bytes;

/**
 * The state of a member that comes late. Pass 1 shows it the records from the mark on until it has
 * found a CHECKPOINT, or the tail. Pass 2 folds records into {@link #state}, <em>from the same
 * mark</em>, and goes on. If that mark is gone by then, all begins again.
 *
 * <p>Any CHECKPOINT after the mark serves. The first saves steps: the registry's operations after
 * it are folded like all others.
 */
public final class Bootstrap {
    private final RecordReader reader = new RecordReader();
    private final long first;
    private Checkpoint registry;
    private long found;

    /** The position of the log's first record: without CHECKPOINT the mark is still there. */
    public Bootstrap(long first) {
        this.first = first;
    }

    /** Shows pass 1 a record; false: it is over. */
    public boolean scan(long position, Bytes record) {
        if (!RecordReader.mayBeCheckpoint(record) || reader.open(record, position) != RecordReader.Verdict.WHOLE)
            return true;
        reader.next();
        if (reader.kind() != Op.CHECKPOINT) return true; // it changed after the first read
        registry = Checkpoint.read(reader.fields(Op.ID), reader.a());
        found = position;
        return false;
    }

    /** The state that pass 2 begins with. */
    public State state() {
        return registry == null ? new State(first) : new State(registry, found);
    }
}
