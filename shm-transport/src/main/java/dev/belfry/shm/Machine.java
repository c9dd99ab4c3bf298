package dev.belfry.shm;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.NativeLibC;

/** What a handle stands on: the C library, and how words of shared memory are stored. Tests count, refuse or stop either. */
record Machine(LibC libC, SharedBytes.Stores stores, Membarrier membarrier) {
    /** Registers at once. */
    Machine(LibC libC, SharedBytes.Stores stores) {
        this(libC, stores, Membarrier.registered(libC));
    }

    static Machine real() {
        return new Machine(NativeLibC.load(), SharedBytes.PLAIN, Membarrier.real());
    }
}
