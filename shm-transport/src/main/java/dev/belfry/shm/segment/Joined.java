package dev.belfry.shm.segment;

import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.ring.LogPlace;

/** A slot that was won: what its subscriber needs to begin. */
public record Joined(
        int slot,
        long incarnation,
        NamedSemaphore semaphore,
        LogPlace entry,
        long acknowledged,
        long readPos,
        long startAt,
        long lost) {}
