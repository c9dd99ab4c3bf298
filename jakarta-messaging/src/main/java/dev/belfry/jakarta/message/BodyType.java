package dev.belfry.jakarta.message;

/** The six kinds of messages. Its number in the log is its place here. */
enum BodyType {
    NONE,
    TEXT,
    BYTES,
    MAP,
    STREAM,
    OBJECT;

    private static final BodyType[] TYPES = values();

    /** Null if there is none of that number. */
    static BodyType of(int number) {
        return number >= TYPES.length ? null : TYPES[number];
    }
}
