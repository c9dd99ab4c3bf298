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
    private static volatile Events events;

    /** Registers at once. */
    public Machine(LibC libC, SharedBytes.Stores stores) {
        this(libC, stores, Membarrier.registered(libC), PublishLock.PATIENCE, OWN_GROUP);
    }

    public static Machine real() {
        return new Machine(RealLibC.load(), SharedBytes.PLAIN, Membarrier.real(), PublishLock.PATIENCE, OWN_GROUP);
    }

    /**
     * Recorded if the runtime has a flight recorder. Made when a queue is opened: the first event may
     * come where there is neither memory nor stack. Where that fails, nothing is recorded.
     */
    public static Events events() {
        Events known = events;
        if (known != null) return known;
        try {
            known = loadEvents();
        } catch (Throwable failure) { // an initializer that has failed would never run again
            known = new Events();
        }
        return events = known;
    }

    private static Events loadEvents() {
        return ModuleLayer.boot()
                .findModule("jdk.jfr")
                .filter(Machine.class.getModule()::canRead)
                .<Events>map(there -> new JfrEvents())
                .orElseGet(Events::new);
    }
}
