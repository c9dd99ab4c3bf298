package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.Bytes;

/**
 * Compares what CHECKPOINTs tell with the registry that there is. No member does: those that were there keep their own
 * registry, so that only a late one would differ.
 */
public final class ToldRegistry {
    private ToldRegistry() {}

    /** Says whether the next record to be folded tells the registry as it is. One without CHECKPOINT does. */
    public static boolean isExact(State before, Bytes record) {
        RecordReader reader = new RecordReader();
        if (reader.open(record, before.position() + 1) != RecordReader.Verdict.WHOLE) return true;
        while (reader.next())
            if (reader.kind() == Op.CHECKPOINT
                    && !isExact(Checkpoint.read(reader.fields(Op.ID), reader.a()), RegistryImage.of(before)))
                return false;
        return true;
    }

    /** All but the names, which each member may list or leave out. */
    private static boolean isExact(Checkpoint told, Checkpoint own) {
        return told.temporaries().equals(own.temporaries())
                && told.subscriptions().equals(own.subscriptions())
                && told.queues().equals(own.queues())
                && told.clients().equals(own.clients())
                && told.overflow().equals(own.overflow());
    }
}
