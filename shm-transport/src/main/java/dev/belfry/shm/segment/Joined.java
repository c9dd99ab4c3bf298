package dev.belfry.shm.segment;

import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.ring.LogPlace;

/**
 * A slot that was won: what its subscriber needs to begin.
 *
 * @param lost how many it was not given of those that are gone; it may have jumped and lost none
 */
public record Joined(
        int slot,
        long incarnation,
        NamedSemaphore semaphore,
        LogPlace entry,
        long acknowledged,
        long readPos,
        long startAt,
        long lost,
        boolean jumped) {}
