package dev.belfry.shm.segment;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.MemoryGroup;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.sync.PublishLock;
import java.nio.file.Path;

/**
 * The machine that a handle depends on: the C library, how words of shared memory are stored, when its publish lock
 * favours a thread, and what limits this process's memory. Tests count, refuse or stop, favour sooner, and set limits.
 */
public record Machine(
        LibC libC, SharedBytes.Stores stores, Membarrier membarrier, int patience, MemoryGroup memoryGroup) {
    private static final MemoryGroup OWN_GROUP = new MemoryGroup(Path.of("/"));
    private static final Events EVENTS = new Events();

    /** Registers at once. */
    public Machine(LibC libC, SharedBytes.Stores stores) {
        this(libC, stores, Membarrier.registered(libC), PublishLock.PATIENCE, OWN_GROUP);
    }

    public static Machine real() {
        return new Machine(RealLibC.load(), SharedBytes.PLAIN, Membarrier.real(), PublishLock.PATIENCE, OWN_GROUP);
    }

    /** Made before a queue is open: the first event may come where there is neither memory nor stack. */
    public static Events events() {
        return EVENTS;
    }
}
