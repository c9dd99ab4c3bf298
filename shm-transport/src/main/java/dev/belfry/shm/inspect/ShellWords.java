package dev.belfry.shm.inspect;

import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Segment;

/** Names as a shell takes them, for the commands of {@link Remedy}. */
final class ShellWords {
    private ShellWords() {}

    /** As the command takes it; of another user's queue it says whose, without which it is not opened. */
    static String queue(Segment segment) {
        int uid = segment.object().status().uid();
        return Ownership.isTrusted(uid, segment.machine.libC().geteuid())
                ? segment.queue
                : "\"" + segment.queue + "?owner=" + Integer.toUnsignedString(uid) + "\"";
    }

    /** One argument, whatever is in it. */
    static String of(String name) {
        return name.matches("[A-Za-z0-9._/][A-Za-z0-9._/-]*")
                ? name
                : (name.startsWith("-") ? "-- " : "") + "\"" + name.replaceAll("([\\\\\"$`])", "\\\\$1") + "\"";
    }
}
