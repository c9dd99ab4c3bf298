package dev.belfry.shm.memory;

/** The memory of this JVM, chosen once: calls through this constant are as fast as those of one class. */
public final class RealMemory {
    public static final RawMemory MEMORY = MemoryChoice.memory();

    private RealMemory() {}

    /** Why memory cannot be accessed here, in a sentence for the user; null if it can. Tried once; never throws. */
    public static String unavailableReason() {
        return Once.REASON;
    }

    private static final class Once {
        static final String REASON = MemoryChoice.MISTAKE != null ? MemoryChoice.MISTAKE : MEMORY.unavailableReason();
    }
}
