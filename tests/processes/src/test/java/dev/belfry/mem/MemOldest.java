package dev.belfry.mem;

import dev.belfry.api.MessageQueue;

/** Lets a queue over {@code mem:} forget what a ring elsewhere has overwritten, whose records have other lengths. */
public final class MemOldest {
    private MemOldest() {}

    public static void raise(MessageQueue mem, long oldest) {
        MemLog log = ((MemQueue) mem).log;
        synchronized (log.monitor) {
            while (log.records.oldest() < oldest) log.dropOldest();
        }
    }
}
