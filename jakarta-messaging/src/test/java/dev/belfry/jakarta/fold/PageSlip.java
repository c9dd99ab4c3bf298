package dev.belfry.jakarta.fold;

/** Mistakes of members that page messages out and in, around a fold and a companion that are right. */
enum PageSlip {
    NONE,
    /** PAGE of chunks that a loss of power may take. */
    PAGE_BEFORE_SYNC,
    /** The place is moved while the records that allow it may still be lost. */
    SEEK_BEFORE_SYNC,
    /** A member that has died between FLOOR and seek, and nobody repeats it. */
    SEEK_NOT_REPEATED,
    /** What goes out was looked at before the claim. */
    PAGE_DECIDED_BEFORE,
    /** What comes back was looked at before the claim. */
    BACK_DECIDED_BEFORE,
    /** A page was looked at before the claim, and moved then. */
    MOVE_DECIDED_BEFORE,
    FLOOR_PAST_A_PAGE,
    /** The place is moved to the oldest page, without a FLOOR that others ask for. */
    NO_FLOOR,
    FLOOR_NOT_ASKED,
    /** FLOOR of a companion of which the log does not tell, or no more: it has no effect. */
    FLOOR_OF_A_COMPANION_NOT_TOLD,
    /** The positions of chunks are counted from that of the first. */
    NOBODY_ELSE_PUBLISHES,
    /** Some messages of a chunk go out, others stay. */
    PARTS_OF_CHUNKS,
    /** The state of a queue with several consumers is not that of the log's end. */
    TAKE_WITHOUT_CLAIM,
    PAGE_PASSED_OVER,
    CHUNK_NOT_COMPARED,
    /** Pages of the same size have the same id. */
    ID_NOT_RANDOM,
    LEAVES_AND_PUT_APART,
    HELD_MESSAGES_TOO,
    /** A member that was passed believes what it reads. */
    BODIES_NOT_CHECKED
}
