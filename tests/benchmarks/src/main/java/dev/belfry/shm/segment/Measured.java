package dev.belfry.shm.segment;

import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import java.util.UUID;

/** The product's segment without a queue and without a name: what is measured needs no more. */
public final class Measured {
    public static final int CAPACITY = 1 << 20;

    private Measured() {}

    public static Segment segment() {
        Machine machine = new Machine(RealLibC.load(), SharedBytes.PLAIN);
        SharedMemory object = SharedMemory.createUnnamed(machine.libC(), 0600, -1);
        return Segment.create(
                machine,
                "measured",
                "shm:measured",
                object,
                new Creation(CAPACITY, CAPACITY, 0, true, false, 64, false, false, Creation.Sync.NEVER, false),
                UUID.randomUUID(),
                Segment.BEGINNING);
    }
}
