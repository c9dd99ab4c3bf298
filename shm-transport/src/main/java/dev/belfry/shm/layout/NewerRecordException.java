package dev.belfry.shm.layout;

import dev.belfry.api.IncompatibleVersionException;

/**
 * A record with flags that only a later release knows: nobody here knows where its body begins. It is no damage: its
 * reader stays in front of it, and can go on behind it.
 */
public final class NewerRecordException extends CorruptSegmentException {
    private static final long serialVersionUID = 1;

    private final long position;
    private final int flags;

    public NewerRecordException(long position, int flags) {
        super("record " + position + " with flags " + flags);
        this.position = position;
        this.flags = flags;
    }

    /** For the user. */
    public IncompatibleVersionException of(String uri) {
        return new IncompatibleVersionException("'" + uri + "': message " + position + " needs a newer library, for its"
                + " flags " + Integer.toHexString(flags) + ". Upgrade; or pass over it: seek(StartAt.at("
                + (position + 1) + ")) or, of a named subscription, 'belfry skip'.");
    }
}
