package dev.belfry.conformance.toy;

/** One broken promise each that only several processes can show, and the behaviour of the kit that must notice. */
enum ToyDefect {
    NONE(""),
    HEEDS_NO_REMOTE_READERS("b31"),
    COMMITS_BEFORE_THE_BYTES("b32"),
    THE_DEAD_LIVE("b33"),
    THE_STOPPED_ARE_DEAD("b34"),
    NAMED_DIE_WITH_THEIR_PROCESS("b24");

    final String behaviour;

    ToyDefect(String behaviour) {
        this.behaviour = behaviour;
    }
}
