package dev.belfry.bridge;

import org.jspecify.annotations.Nullable;

/**
 * The figures of a bridge since it was created. Components may be added.
 *
 * @param problem why it waits to try again, or for a disk that has not answered for 5 s, or why it ended; else null
 * @param forwarded messages that are in the target, and acknowledged in the source or about to be
 * @param bytes their bodies
 * @param counted messages that it has sent of its {@link Extent#count}, with those of the starts before; 0 without one
 * @param duplicates messages that were in the source twice, because another bridge brought them twice: not forwarded
 * @param echoes messages that had come from the target: not forwarded
 * @param alreadyThere messages that came again after a restart and were in the target: not forwarded
 * @param filtered messages that the filter left out
 * @param mapped messages of which the map made others
 * @param tooLong messages that were too long for the target: left out, or put into another queue
 * @param lost messages that were gone from the source before it could read them
 * @param retries how often it began again, after it had lost one of the queues
 * @param roomWaits how often it waited for room in the target; not for the mark that ends the count of a replay before
 * @param roomWaitNanos how long in all, also of a wait that still lasts
 * @param sourcePosition up to which the source is done with; 0 before the first
 * @param targetPosition of the newest message that it or a start before has forwarded; 0: the target has none
 * @param lag messages of the source that it has not read; -1 if it cannot be told now
 * @param inFlight messages that were sent and are not confirmed yet
 * @since 0.1
 */
public record BridgeStats(
        State state,
        @Nullable String problem,
        long forwarded,
        long bytes,
        long counted,
        long duplicates,
        long echoes,
        long alreadyThere,
        long filtered,
        long mapped,
        long tooLong,
        long lost,
        long retries,
        long roomWaits,
        long roomWaitNanos,
        long sourcePosition,
        long targetPosition,
        long lag,
        long inFlight) {
    /** The state of a bridge now. Constants may be added: a switch needs a default, for one that does not forward. */
    public enum State {
        /** Opens the queues, and finds out where to go on. */
        CONNECTING,
        FORWARDING,
        /** The target is full. */
        WAITING_FOR_ROOM,
        /** One of the queues cannot be used at present: see {@code problem}. */
        WAITING_TO_RETRY,
        ENDED
    }
}
