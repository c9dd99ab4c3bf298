package dev.belfry.shm.sync;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.posix.ByteRangeLock;

/**
 * A process is alive while it holds the lock byte of its handle. The kernel drops it when the process
 * dies, however it dies and in whatever namespace; no clock, pid or heartbeat takes part. {@code probe}: on a
 * description of its own, as by the owner's description a byte appears free.
 */
public record Liveness(ByteRangeLock probe, Handles handles) {
    /** Handle h holds byte FIRST_BYTE + h. */
    public static final long FIRST_BYTE = 1L << 62;

    /** Not FIRST_BYTE - 1: the kernel joins adjacent locks of one owner, and handle 0 would seem a foreign lock. */
    public static final long ADMIN_BYTE = FIRST_BYTE - 2;

    /** More than any layout has handles. */
    private static final long MOST_HANDLES = 1L << 32;

    private static final long LOCK_INCARNATION = (1 << 20) - 1;

    /** The byte before the state: if it is held, its holder has written the state that is read next. */
    public boolean isDead(int handle, long incarnation) {
        if (handle >= handles.count()) return true; // no process ever had it: a damaged word
        if (!isByteHeld(handle)) return true;
        return handles.incarnation(handle) != incarnation;
    }

    /** As {@link #isDead} for a lock word, which has room for the low 20 bits of the incarnation. */
    boolean isDeadLockOwner(int handle, int incarnation) {
        if (handle < 0 || handle >= handles.count() || !isByteHeld(handle)) return true;
        return (handles.incarnation(handle) & LOCK_INCARNATION) != incarnation;
    }

    /** A lock on more than the byte is a stranger's (a backup tool, a FileChannel). It proves nothing, so: held. */
    public boolean isByteHeld(int handle) {
        return probe.probe(FIRST_BYTE + handle) != ByteRangeLock.Holder.NOBODY;
    }

    /**
     * Is any handle's byte held, but for one; -1: any at all? Only under the admin byte is the
     * answer more than a moment's truth.
     */
    public boolean isAnybodyAlive(int except) {
        for (int h = 0; h < handles.count(); h++) if (h != except && isByteHeld(h)) return true;
        return false;
    }

    /** As {@link #isAnybodyAlive}, also of an object whose content is damaged or another version's. */
    public static boolean isAnyByteHeld(ByteRangeLock probe) {
        return probe.isAnyHeld(FIRST_BYTE, MOST_HANDLES);
    }

    public boolean isForeign(int handle) {
        return probe.probe(FIRST_BYTE + handle) == ByteRangeLock.Holder.FOREIGN;
    }

    static int lockIncarnation(long incarnation) {
        return (int) (incarnation & LOCK_INCARNATION);
    }
}
