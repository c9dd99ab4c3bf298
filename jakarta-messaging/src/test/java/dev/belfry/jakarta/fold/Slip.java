package dev.belfry.jakarta.fold;

/** Mistakes that are made around the fold. */
enum Slip {
    NONE,
    /** PUT of a state looked at before the lock. */
    STALE_PUT,
    STALE_CHECKPOINT,
    /** The mark is moved before the PUT is in the log. */
    EARLY_MARK,
    /** Pass 2 of a bootstrap begins at a newer mark than pass 1. */
    SECOND_PASS_FROM_A_NEWER_MARK,
    /** Passed before the answer to SUBSCRIBE was folded: taken for a failure. */
    ANSWER_LOST,
    /** A TAKE is believed before it is folded. */
    BELIEVED,
    /** LEAVE of a member that is stopped. */
    ROBBED,
    /** Those that have only parts of a transaction there are not asked for. */
    LEFT_BUT_FOR_STAGED
}
