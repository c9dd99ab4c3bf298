package dev.belfry.shm.posix;

import dev.belfry.shm.memory.MemoryChoice;

/** The C library of this process. */
public final class RealLibC {
    private static LibC loaded;

    private RealLibC() {}

    /**
     * Binds its functions when first called.
     *
     * @throws LinkageError if it cannot be called, or lacks a function; {@link SelfTest} explains it
     */
    public static synchronized LibC load() {
        if (loaded == null) loaded = MemoryChoice.FOREIGN ? new ForeignLibC() : new JnaLibC();
        return loaded;
    }
}
