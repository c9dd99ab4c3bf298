package dev.belfry.shm.journal;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import java.util.List;

/**
 * What a queue's directory keeps beside the log. Places are older than they may be, never younger.
 *
 * @param kept nothing before it is needed any more
 * @param bound all before it is on the disk
 */
public record Places(At kept, At bound, List<Named> named) {
    /** The record with this position begins at this offset, or will. */
    public record At(long offset, long position) {}

    /**
     * A named subscription, or a mark of a domain.
     *
     * @param acknowledged where it needs its next message from
     * @param given position of the last message that it was handed
     */
    public record Named(
            String name, SlowSubscriber policy, AckMode ackMode, At acknowledged, long given, long first, long lost) {}
}
