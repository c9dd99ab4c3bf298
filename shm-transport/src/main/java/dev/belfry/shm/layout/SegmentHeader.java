package dev.belfry.shm.layout;

import java.util.UUID;

/**
 * The beginning of the segment. Little-endian, words aligned. Words of different writers never
 * share a pair of cache lines.
 *
 * <pre>
 *      +0  magic            int64   creator, last                          release / acquire
 *      +8  layoutVersion    int32   creator                                plain, as all up to +119
 *     +12  queueKind        int32   1 = one to many; 2 = a domain, which is a log; others are refused
 *     +16  features         3 x int64: an unknown bit means refuse / do not write / ignore
 *                                   the first also later: holder of the admin byte, only raised   release / acquire
 *     +40  queueId          2 x int64, random
 *     +56  headerLength     int64   all before region 0: header, handles, slots, up to a multiple of 64 KiB
 *     +64  slotSize, slotCount, handleSize, handleCount   int32 each
 *     +80  capacity, maxCapacity    int64 each
 *     +96  maxGateNanos     int64   0 = none
 *    +104  creation flags   int64   1 = gating refused, 2 = delete on last close, 4 = records end in a trailer,
 *                                   8 = lies in files, too, 16 = these are synced now and then only;
 *                                   others mean refuse
 *    +112  createdMillis    int64
 *    +128  publishLock      int32   any process that wants it              RMW
 *    +132  bias             int32   lock word of the favoured publisher; bit 31 ASKED; 0 = none
 *                                   holder of publishLock                  release / acquire; by sleepers with
 *                                                                          publishLock in one load
 *    +136  (reserved: stamp of tenure)  int64
 *    +256  gateLock         int32   any process that wants it              RMW
 *    +384  tail             int64   an offset; holder of publishLock       release, after count / acquire
 *    +392  count            int64   the newest position; the same          release, before tail / acquire
 *    +400  current          int32   region being written; the same         release / acquire: waiters read it as a hint
 *    +408  limit            int64   offset up to which may be written; the same   release / acquire: the same
 *    +512  gatePos          int64   a hint; holder of both locks           release, before gate / acquire
 *    +520  gate             int64   an offset; holder of both locks        release / acquire
 *    +640  asleep           int32   subscribers set, wakers take           RMW, group before flag
 *    +644  fence            int32   1 = a sleeper has no membarrier        release, never lowered / acquire; with
 *                                   (bit 30 is reserved: alive)            asleep in one load
 *    +768  sleepers         16 x int64, a bit a slot                       RMW
 *    +896  room             int32   event count of publishers and of waiters for acknowledgement;
 *                                   odd = one waits                        RMW
 *    +900  fence            int32   the same as at +644                    the same, with room
 *   +1024  highMark         int32   slots ever used; holder of the admin byte     release / acquire
 *   +1028  adminPid         int32   holder of the admin byte               release, for messages only
 *   +1032  leavers          int64   numbers the leavers; the leaver        RMW
 *   +1152  regions          32 x 32 bytes, see {@link RegionTable}
 *   +2176  counters of publishers: grows, full waits, repairs, nanoseconds of full waits, lock waits,
 *          nanoseconds of these     int64 each                             RMW, for people
 *   +2224  last publish     int64   milliseconds; a process that publishes, twice a second and when it closes
 *                                                                          release / acquire, for people
 *   +2304  counters of the gate: ended, reclaimed, moves    int64 each     RMW, for people
 *   +2328  high water       int64   holder of both locks                   release / acquire, for people
 *   +2336  stopped          int64   the subscriber whose listener failed   RMW, for people
 *   +2432  wake-ups posted  int64   the waker                              RMW, for people
 *          of a log that lies in files, too, see {@link JournalWords}:
 *   +2560  journalLock      int32   a process that writes to the files     RMW
 *   +2688  durable          int64   an offset; who has synced up to there  CAS, only raised / acquire
 *   +2696  failed           int32   1 = a sync has failed; who was told    CAS, before anything else / acquire
 *   +2704  its position     int64   the newest durable message             CAS, only raised, after durable / acquire
 *   +2712  written          int64   as durable, where it is synced now and then only; and its position   the same
 *   +2816  readyUpTo        int64   an offset; who has made the files      CAS, only raised / acquire
 *   +2944  synced           int32   event count of those that wait for durable    RMW
 *   +2948  fence            int32   the same as at +644                    the same, with synced
 *   +3072  log id, token of this life    2 x 2 x int64; device and inode of the file that has the locks    2 x int64
 *                                   creator                                plain
 *   +3120  directory        int32, bytes of its path, and these in UTF-8; 0 = not known
 *                                   an opener, under the directory's lock  plain
 *   +4096  handles, then slots
 * </pre>
 */
public record SegmentHeader(SharedBytes bytes) {
    public static final long MAGIC = 0x31_59_52_46_4C_45_42L; // "BELFRY1"
    public static final int LAYOUT_VERSION = 3;

    /** Its own length: here the handles begin. */
    public static final int SIZE = 4096;

    /** The largest page of any known kernel: a mapping may begin at its multiples on each of them. */
    public static final long ALIGNMENT = 64 << 10;

    public static final int PUBLISH_LOCK = 128;
    public static final int GATE_LOCK = 256;
    public static final int ASLEEP = 640;
    public static final int SLEEPERS = 768;
    public static final int ROOM = 896;

    static final int QUEUE_KIND = 12;
    static final int FEATURES = 16;
    static final int QUEUE_ID = 40;
    static final int CREATED = 112;
    public static final int TAIL = 384;
    public static final int COUNT = 392;
    private static final int CURRENT = 400;
    static final int LIMIT = 408;
    private static final int GATE_POS = 512;
    private static final int GATE = 520;
    private static final int HIGH_MARK = 1024;
    private static final int ADMIN_PID = 1028;
    private static final int LEAVERS = 1032;

    /** Here the {@link RegionTable} begins. */
    public static final int REGIONS = 1152;

    static final int ONE_TO_MANY = 1;
    static final int DOMAIN = 2;
    private static final int MOST_KINDS = 255;

    /** Centuries of messages below the largest long: a count that was trusted once cannot overflow later. */
    private static final long LARGEST_COUNT = Long.MAX_VALUE - (1L << 40);

    /** The counters of {@code stats}; each has a word of its own. */
    public enum Counter {
        GROWS(2176),
        FULL_WAITS(2184),
        REPAIRS(2192),
        ENDED(2304),
        RECLAIMED(2312),
        GATE_MOVES(2320),
        FULL_WAIT_NANOS(2200),
        LOCK_WAITS(2208),
        LOCK_WAIT_NANOS(2216),
        /** When something was published last, by the wall clock; 0: not known. See {@link #raise}. */
        LAST_PUBLISH_MILLIS(2224),
        /** The most that a gating subscriber still had to read at a publisher's check: see {@link #raise}. */
        HIGH_WATER(2328),
        /** Listeners that failed, so that their subscribers were closed. */
        STOPPED(2336),
        WAKE_UPS(2432);

        final int at;

        Counter(int at) {
            this.at = at;
        }
    }

    /** The next place where any kernel can begin a mapping. */
    public static long aligned(long place) {
        return (place + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The last store of a creation. */
    public void valid() {
        bytes.putLongRelease(0, MAGIC);
    }

    /** For a segment that no other process has seen yet: its log begins there, in a ring of this capacity. */
    public void begin(long offset, long position, long capacity) {
        gatePosRelease(position);
        gateRelease(offset);
        end(offset, position, 0, offset + capacity);
    }

    /** The same: its log ends there, in this region. */
    public void end(long offset, long nextPosition, int region, long limit) {
        countRelease(nextPosition - 1);
        current(region);
        limit(limit);
        tailRelease(offset);
    }

    public boolean hasMagic() {
        return bytes.getLongAcquire(0) == MAGIC;
    }

    public int layoutVersion() {
        return bytes.getInt(8);
    }

    /** Null if this library can work on the segment; otherwise what it does not understand. */
    public String notUnderstood() {
        int kind = bytes.getInt(QUEUE_KIND);
        if (kind < 1 || kind > MOST_KINDS) throw new CorruptSegmentException("queue kind " + kind);
        if (kind != ONE_TO_MANY && kind != DOMAIN) return "queue kind " + kind;
        if ((features() & ~Creation.KNOWN_FEATURES) != 0) return "features " + Long.toHexString(features());
        if (bytes.getLong(FEATURES + 8) != 0)
            return "features to write " + Long.toHexString(bytes.getLong(FEATURES + 8));
        long flags = bytes.getLong(Creation.CREATION_FLAGS) & ~Creation.KNOWN_FLAGS;
        if (flags != 0) return "creation flags " + Long.toHexString(flags);
        return null;
    }

    /** Features that each library which is inside understands. */
    public long features() {
        return bytes.getLongAcquire(FEATURES);
    }

    /** By the holder of the admin byte, or of a segment that no other process has seen yet. */
    public void raiseFeatures(long more) {
        bytes.putLongRelease(FEATURES, features() | more);
    }

    /** Features that this library may ignore; where there are any, words that it calls reserved may be in use. */
    public long ignoredFeatures() {
        return bytes.getLong(FEATURES + 16);
    }

    public UUID queueId() {
        return new UUID(bytes.getLong(QUEUE_ID), bytes.getLong(QUEUE_ID + 8));
    }

    public long createdMillis() {
        return bytes.getLong(CREATED);
    }

    // The log. Only the holder of publishLock writes.

    /** Pairs with {@link #tailRelease}: a reader that sees this tail sees the count that was stored before it. */
    public long tailAcquire() {
        return aligned(bytes.getLongAcquire(TAIL), "tail");
    }

    public void tailRelease(long tail) {
        bytes.putLongRelease(TAIL, tail);
    }

    public long countAcquire() {
        long count = bytes.getLongAcquire(COUNT);
        if (count < 0 || count > LARGEST_COUNT) throw new CorruptSegmentException("count " + count);
        return count;
    }

    public void countRelease(long count) {
        bytes.putLongRelease(COUNT, count);
    }

    public int current() {
        int current = bytes.getIntAcquire(CURRENT);
        if (current < 0 || current >= RegionTable.ENTRIES)
            throw new CorruptSegmentException("current region " + current);
        return current;
    }

    public void current(int region) {
        bytes.putIntRelease(CURRENT, region);
    }

    public long limit() {
        return bytes.getLongAcquire(LIMIT);
    }

    public void limit(long limit) {
        bytes.putLongRelease(LIMIT, limit);
    }

    // The gate: below it nothing may be read. Only the holder of both locks writes.

    public long gateAcquire() {
        return aligned(bytes.getLongAcquire(GATE), "gate");
    }

    public void gateRelease(long gate) {
        bytes.putLongRelease(GATE, gate);
    }

    /**
     * A hint, off by one step after a crash: use it only in {@link Positions#resolve}, with a stamp found at the gate.
     */
    public long gatePosAcquire() {
        return bytes.getLongAcquire(GATE_POS);
    }

    public void gatePosRelease(long position) {
        bytes.putLongRelease(GATE_POS, position);
    }

    private static long aligned(long offset, String what) {
        if (offset < 0 || (offset & 7) != 0) throw new CorruptSegmentException(what + " at " + offset);
        return offset;
    }

    // Joining and leaving.

    public int highMarkAcquire(int slots) {
        int mark = bytes.getIntAcquire(HIGH_MARK);
        if (mark < 0 || mark > slots)
            throw new CorruptSegmentException("high mark " + mark + " of " + slots + " slots");
        return mark;
    }

    public void highMarkRelease(int mark) {
        bytes.putIntRelease(HIGH_MARK, mark);
    }

    public int adminPid() {
        return bytes.getIntAcquire(ADMIN_PID);
    }

    public void adminPid(int pid) {
        bytes.putIntRelease(ADMIN_PID, pid);
    }

    public long nextLeaver() {
        return bytes.addAndGetLong(LEAVERS, 1);
    }

    // Counters: for people, no decision depends on them.

    public long counter(Counter counter) {
        return bytes.getLongAcquire(counter.at);
    }

    public void add(Counter counter) {
        add(counter, 1);
    }

    public void add(Counter counter, long more) {
        bytes.addAndGetLong(counter.at, more);
    }

    /** For a counter with one writer at a time, or one that may be a moment too small. */
    public void raise(Counter counter, long value) {
        if (value > counter(counter)) bytes.putLongRelease(counter.at, value);
    }
}
