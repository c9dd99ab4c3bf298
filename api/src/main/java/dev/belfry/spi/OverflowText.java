package dev.belfry.spi;

import dev.belfry.api.InUseException;

/** The texts about {@link ShellWords#OVERFLOW}, which no tool ends or moves, nor advises to, unless it is forced. */
public final class OverflowText {
    public static final String REMEDY =
            "It keeps messages of a domain of Jakarta Messaging. Let consumers of that domain receive. Nobody is to"
                    + " attach here, and without this subscription those messages are lost.";

    private OverflowText() {}

    /** Tells what is lost with it. */
    public static String lost(long lag) {
        return "it has messages of a domain of Jakarta Messaging, which would be lost (lag " + Units.number(lag) + ")";
    }

    /** Refuses a deletion of its queue, as {@link Errors#subscriptionsWouldBeLost} does. */
    public static InUseException wouldBeLost(String queue, long lag) {
        return new InUseException(queue + " stays: " + lost(lag) + Errors.force(queue));
    }
}
