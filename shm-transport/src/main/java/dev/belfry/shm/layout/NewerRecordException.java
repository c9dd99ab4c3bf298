package dev.belfry.shm.layout;

/**
 * A record with flags that only a later release knows: nobody here knows where its body begins. It is no damage: its
 * reader stays in front of it, and can go on behind it.
 */
public final class NewerRecordException extends CorruptSegmentException {
    private static final long serialVersionUID = 1;

    public final long position;
    public final int flags;

    public NewerRecordException(long position, int flags) {
        super("record " + position + " with flags " + flags);
        this.position = position;
        this.flags = flags;
    }
}
