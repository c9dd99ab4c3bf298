package dev.belfry.jakarta.fold;

/**
 * The outcome of an operation on the registry, at its own position.
 *
 * @param view the subscription; -1 if there is none
 */
public record Answer(Outcome outcome, long view) {
    /** Outcomes of operations on the registry. */
    public enum Outcome {
        CREATED,
        ATTACHED,
        IN_USE,
        /** Shared and unshared subscription of one name. */
        MISMATCH,
        /** The topic is none, or a temporary one that was deleted. */
        INVALID,
        DONE,
        /** A member is attached, or there is no such thing. */
        REFUSED,
        /** Another name has this destination's id. */
        CLASH
    }
}
