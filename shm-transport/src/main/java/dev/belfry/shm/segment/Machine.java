package dev.belfry.shm.segment;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.MemoryGroup;
import dev.belfry.shm.posix.NativeLibC;
import dev.belfry.shm.sync.PublishLock;
import java.nio.file.Path;

/**
 * What a handle depends on: the C library, how words of shared memory are stored, when its publish
 * lock favours a thread, and what limits this process's memory. Tests count, refuse or stop, favour
 * sooner, and set limits.
 */
public record Machine(
        LibC libC, SharedBytes.Stores stores, Membarrier membarrier, int patience, MemoryGroup memoryGroup) {
    private static final MemoryGroup OWN_GROUP = new MemoryGroup(Path.of("/"));

    /** Registers at once. */
    public Machine(LibC libC, SharedBytes.Stores stores) {
        this(libC, stores, Membarrier.registered(libC), PublishLock.PATIENCE, OWN_GROUP);
    }

    public static Machine real() {
        return new Machine(NativeLibC.load(), SharedBytes.PLAIN, Membarrier.real(), PublishLock.PATIENCE, OWN_GROUP);
    }

    /** Recorded if the runtime has a flight recorder. */
    public static Events events() {
        return Recorder.EVENTS;
    }

    /** Loaded with the first event, not with the first queue. */
    private static final class Recorder {
        static final Events EVENTS = ModuleLayer.boot()
                .findModule("jdk.jfr")
                .filter(Machine.class.getModule()::canRead)
                .<Events>map(there -> new JfrEvents())
                .orElseGet(Events::new);
    }
}
