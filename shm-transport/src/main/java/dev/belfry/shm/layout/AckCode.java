package dev.belfry.shm.layout;

import dev.belfry.api.AckMode;

/** The codes of {@link AckMode} in slots and in the file {@code places}. For people: the slot's state says the rest. */
public final class AckCode {
    /** There is no room for a higher one in {@code places}. */
    public static final int HIGHEST = Byte.MAX_VALUE;

    private static final int AUTO = 0;
    private static final int CLIENT = 1;
    private static final int NONE = 2;

    private AckCode() {}

    /** Without a switch, which would load a class more for a first message. */
    public static int of(AckMode mode) {
        return mode == AckMode.AUTO ? AUTO : mode == AckMode.NONE ? NONE : CLIENT;
    }

    /** One of a later release acknowledges, in its own way. */
    public static AckMode mode(int code) {
        return code == AUTO ? AckMode.AUTO : code == NONE ? AckMode.NONE : AckMode.CLIENT;
    }
}
