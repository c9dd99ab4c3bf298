package dev.belfry.jakarta.message;

/** The six kinds of messages. */
enum BodyType {
    NONE(0),
    TEXT(1),
    BYTES(2),
    MAP(3),
    STREAM(4),
    OBJECT(5);

    private static final BodyType[] TYPES = values();

    /** In the log, for good; at most 15. */
    final int number;

    BodyType(int number) {
        this.number = number;
    }

    /** @return null if a newer version has numbered it */
    static BodyType of(int number) {
        for (BodyType one : TYPES) if (one.number == number) return one;
        return null;
    }
}
