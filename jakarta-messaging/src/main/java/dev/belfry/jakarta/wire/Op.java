package dev.belfry.jakarta.wire;

/** Kinds of operations, their flags and the places of their fields; the table is in the package's description. */
public final class Op {
    public static final int MESSAGE = 1;
    public static final int TAKE = 2;
    public static final int ACK = 3;
    public static final int RETURN = 4;
    public static final int COUNT = 5;
    public static final int DROP = 6;
    public static final int DEFINE = 7;
    public static final int DELETE = 8;
    public static final int SUBSCRIBE = 9;
    public static final int ATTACH = 10;
    public static final int DETACH = 11;
    public static final int UNSUBSCRIBE = 12;
    public static final int CLIENT = 13;
    public static final int LEAVE = 14;
    public static final int STAGE = 15;
    public static final int APPLY = 16;
    public static final int FORGET = 17;
    public static final int PUT = 18;
    public static final int CHECKPOINT = 19;
    public static final int OVERFLOW = 20;
    public static final int PAGE = 21;
    public static final int LEAVES = 22;
    public static final int FLOOR = 23;
    /** The last kind that this version knows. */
    public static final int LAST = FLOOR;
    /** Kinds from here on may be skipped by a version that does not know them; smaller ones may not. */
    public static final int SKIPPABLE = 64;

    public static final int FORMAT = 1;
    /** Versions may number their formats up to this. */
    static final int LAST_FORMAT = 63;
    /** The head of a record: format, flags, number of operations, free, author. */
    public static final int RECORD_HEAD = 16;

    static final int AUTHOR = 8;

    /** The head of an operation: length, kind, a, b. */
    public static final int HEAD = 8;
    /** The operation's destination, view, member, owner or transaction. */
    public static final int ID = 8;
    /** Second field of 64 bits: a message's serial, a return's notBefore, a stage's transaction. */
    public static final int SECOND = 16;
    /** The connection, in DEFINE, ATTACH and DETACH. */
    public static final int CONNECTION = 16;

    static final int NAME = 20;

    /** The level of a member that attaches, which says what it understands: 1 is this version. */
    static final int LEVEL = 1;

    /** {@code a} of ACK: one mid, and all before it. */
    public static final int UP_TO = 1;
    /** {@code a} of RETURN: this delivery counts. */
    public static final int COUNTED = 1;
    /** {@code a} of CLIENT. */
    public static final int CLAIM = 1;
    /** {@code a} of CHECKPOINT: it tells of a companion. */
    static final int HAS_OVERFLOW = 1;
    /** {@code a} of PAGE: the page was told before. It has its next index and mid instead of all mids. */
    static final int AGAIN = 1;

    /** {@code a} of SUBSCRIBE. */
    public static final int DURABLE = 1;

    public static final int SHARED = 2;
    public static final int NO_LOCAL = 4;

    static final int SUBSCRIBE_FLAGS = 7;

    /** Messages of one commit. */
    static final int MOST = 1 << 16;
    /** Operations of one record. */
    static final int MOST_OPERATIONS = MOST - 1;

    private Op() {}
}
