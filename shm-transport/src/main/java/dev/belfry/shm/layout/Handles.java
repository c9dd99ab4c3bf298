package dev.belfry.shm.layout;

/**
 * One entry of 64 bytes for each open queue handle of any process, from {@code base} on in the segment. Only its lock
 * byte tells whether it is alive.
 *
 * <pre>
 *   +0   state       int64  bits 0-3 FREE 0, OPEN 1; bit 4 publishing; bit 5 exclusive; bits 16-63 incarnation
 *                           holder of its lock byte                         release / acquire
 *   +8   pid         int32  for messages only; the same writer              plain, before state
 *   +12  publishers  int32  how many it has, for people; the same           plain
 *   +16  since       int64  milliseconds, for messages only; the same       plain, before state
 *   +24  inside      int32  1 = its favoured thread is inside the publish lock; that thread writes it, and the next
 *                           process that opens in this entry clears it, after state    release / acquire
 *   +28  implementation  int32  0 = a JVM, others = libraries in other languages; for people, not judged;
 *                           holder of its lock byte                         plain, before state
 *   +32  waiting     int64  what its publishers wait for, for people: see {@link WaitWord}; its process writes it, and
 *                           the next process that opens in this entry clears it, before state    release / acquire
 *   +40  level       int32  of the library that opened it: see {@link #LEVEL}; the same           plain, before state
 *   +44  reserved, int32; +48 reserved, 2 x int64; each process that opens in this entry clears them
 *                                                                           plain, before state
 * </pre>
 */
public record Handles(SharedBytes bytes, long base, int count) {
    public static final int SIZE = 64;
    /** From, to: the ranges that the table calls reserved. */
    public static final int[][] FREE = {{44, SIZE}};

    /**
     * Says what this library understands; a release that can do more to a queue in use than the one before has a higher
     * one. The least level of all open handles, read under the admin byte, says which features may be raised in that
     * queue: each process that opens asks for features again under that byte.
     */
    public static final int LEVEL = 2;

    public static final long PUBLISHING = 1L << 4;
    public static final long EXCLUSIVE = 1L << 5;
    private static final long OPEN = 1;
    private static final long PHASE = 0xF;
    private static final int IMPLEMENTATION_AT = 28;
    private static final int LEVEL_AT = 40;
    private static final int INCARNATION_SHIFT = 16;

    /** The least level that understands this bit of the features to read, if that is raised in a queue in use. */
    public static int levelOf(long feature) {
        return Long.numberOfTrailingZeros(feature) + 1;
    }

    private long at(int handle) {
        if (handle < 0 || handle >= count) throw new CorruptSegmentException("handle " + handle + " of " + count);
        return base + (long) handle * SIZE;
    }

    public long stateAcquire(int handle) {
        return bytes.getLongAcquire(at(handle));
    }

    public boolean isOpen(long state) {
        return (state & PHASE) == OPEN;
    }

    public long incarnation(int handle) {
        return stateAcquire(handle) >>> INCARNATION_SHIFT;
    }

    /**
     * Only after its byte was won: from now on the predecessor is dead for every process. Returns the new incarnation.
     */
    public long open(int handle, int pid, long nowMillis) {
        long incarnation = incarnation(handle) + 1;
        bytes.putInt(at(handle) + 8, pid);
        bytes.putInt(at(handle) + 12, 0);
        bytes.putLong(at(handle) + 16, nowMillis);
        bytes.putLong(at(handle) + 32, WaitWord.NONE);
        bytes.putInt(at(handle) + LEVEL_AT, LEVEL);
        bytes.putInt(at(handle) + IMPLEMENTATION_AT, 0); // a JVM
        bytes.clear(at(handle), FREE); // what a newer library put there says nothing of this owner
        bytes.putLongRelease(at(handle), incarnation << INCARNATION_SHIFT | OPEN);
        // after the state: a process that sees it cleared sees that the predecessor is gone
        bytes.putIntRelease(insideAt(handle), 0);
        return incarnation;
    }

    public void free(int handle, long incarnation) {
        bytes.putLongRelease(at(handle), incarnation << INCARNATION_SHIFT);
    }

    public void flags(int handle, long incarnation, long flags) {
        bytes.putLongRelease(at(handle), incarnation << INCARNATION_SHIFT | OPEN | flags);
    }

    public void publishers(int handle, int number) {
        bytes.putInt(at(handle) + 12, number);
    }

    public int publishers(int handle) {
        return bytes.getInt(at(handle) + 12);
    }

    /** Index of {@code inside}. */
    public long insideAt(int handle) {
        return at(handle) + 24;
    }

    public void waitingRelease(int handle, long word) {
        bytes.putLongRelease(at(handle) + 32, word);
    }

    public long waitingAcquire(int handle) {
        return bytes.getLongAcquire(at(handle) + 32);
    }

    public int pid(int handle) {
        return bytes.getInt(at(handle) + 8);
    }

    /** Returns what the library of an open one understands. */
    public int level(int handle) {
        return bytes.getInt(at(handle) + LEVEL_AT);
    }

    public long since(int handle) {
        return bytes.getLong(at(handle) + 16);
    }
}
