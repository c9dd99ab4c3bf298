package dev.belfry.shm.layout;

import java.util.UUID;

/**
 * The values that are fixed at creation, and so the places of handles, slots and the first region.
 * They are the words from +56 to +111 of the {@link SegmentHeader}, and its kind.
 */
public record Creation(
        long capacity,
        long maxCapacity,
        long maxGateNanos,
        boolean allowGating,
        boolean deleteOnLastClose,
        int slots,
        boolean isDomain,
        boolean hasTrailers,
        Sync sync,
        boolean hasHistory) {
    /** When what is published is made to outlive the machine. */
    public enum Sync {
        /** It is in memory only. */
        NEVER,
        /** Before its publish returns. */
        ALWAYS,
        /** Now and then, while a process has the queue open. */
        NOW_AND_THEN
    }

    public static final int MIN_SLOTS = 1;
    public static final int MAX_SLOTS = 1024;

    private static final int SMALLEST_PAGE = 4096;
    private static final int FRONT = 256; // at most: what a frame has before the body and its properties

    private static final int HEADER_LENGTH = 56;
    private static final int SLOT_SIZE = 64;
    private static final int SLOT_COUNT = 68;
    private static final int HANDLE_SIZE = 72;
    private static final int HANDLE_COUNT = 76;
    private static final int CAPACITY = 80;
    private static final int MAX_CAPACITY = 88;
    private static final int MAX_GATE_NANOS = 96;
    static final int CREATION_FLAGS = 104;

    private static final long GATING_REFUSED = 1;
    private static final long DELETE_ON_LAST_CLOSE = 2;
    private static final long TRAILERS = 4;
    private static final long LIES_IN_FILES = 8;
    private static final long SYNCED_NOW_AND_THEN = 16;

    /** Others are of later releases. */
    static final long KNOWN_FLAGS =
            GATING_REFUSED | DELETE_ON_LAST_CLOSE | TRAILERS | LIES_IN_FILES | SYNCED_NOW_AND_THEN;

    /** A feature, which a library without it refuses: its history is on the disk, and the ring is the cache. */
    static final long HISTORY = 1;

    /** Records tell of pages, which lie in a queue of files beside it; see {@link dev.belfry.spi.Log#PAGES}. */
    static final long PAGES = 2;

    /** Others are of later releases. */
    static final long KNOWN_FEATURES = HISTORY | PAGES;

    /** Its log lies in files, too. */
    public boolean liesInFiles() {
        return sync != Sync.NEVER;
    }

    /** More handles than slots: publishers, and processes that only hold a queue open, need one, too. */
    public int handles() {
        return Math.min(MAX_SLOTS, slots * 2);
    }

    /** The length of body and encoded properties; a batch has as much, with headers and padding. */
    public int maxMessageLength() {
        return (int) (maxCapacity / 4);
    }

    /** No record of a message is longer, with all that stands before its body. */
    public int longestFrame() {
        return (int) Math.min(Integer.MAX_VALUE, maxCapacity / 4 + FRONT);
    }

    /** Tells how many bytes of the log in the files of such a queue the longest record takes. */
    public static long longestRecord(long maxCapacity) {
        return RecordHeader.size(maxCapacity / 4 + FRONT, RecordHeader.pad(true));
    }

    public long handlesAt() {
        return SegmentHeader.SIZE;
    }

    public long slotsAt() {
        return handlesAt() + (long) handles() * Handles.SIZE;
    }

    /** Header, handles and slots in whole pages: the part that needs storage. */
    public long headerStorage() {
        long length = slotsAt() + (long) slots * Slots.SIZE;
        return (length + SMALLEST_PAGE - 1) / SMALLEST_PAGE * SMALLEST_PAGE;
    }

    /** Where the first region begins. In between is a hole, which takes no memory and is never read. */
    public long headerLength() {
        return SegmentHeader.aligned(headerStorage());
    }

    /** Fills a fresh, zeroed segment; {@link SegmentHeader#valid} comes last. */
    public void write(SharedBytes bytes, UUID queueId, long nowMillis) {
        bytes.putInt(8, SegmentHeader.LAYOUT_VERSION);
        bytes.putInt(SegmentHeader.QUEUE_KIND, isDomain ? SegmentHeader.DOMAIN : SegmentHeader.ONE_TO_MANY);
        bytes.putLong(SegmentHeader.QUEUE_ID, queueId.getMostSignificantBits());
        bytes.putLong(SegmentHeader.QUEUE_ID + 8, queueId.getLeastSignificantBits());
        bytes.putLong(HEADER_LENGTH, headerLength());
        bytes.putInt(SLOT_SIZE, Slots.SIZE);
        bytes.putInt(SLOT_COUNT, slots);
        bytes.putInt(HANDLE_SIZE, Handles.SIZE);
        bytes.putInt(HANDLE_COUNT, handles());
        bytes.putLong(CAPACITY, capacity);
        bytes.putLong(MAX_CAPACITY, maxCapacity);
        bytes.putLong(MAX_GATE_NANOS, maxGateNanos);
        bytes.putLong(
                CREATION_FLAGS,
                (allowGating ? 0 : GATING_REFUSED)
                        | (deleteOnLastClose ? DELETE_ON_LAST_CLOSE : 0)
                        | (hasTrailers ? TRAILERS : 0)
                        | (liesInFiles() ? LIES_IN_FILES : 0)
                        | (sync == Sync.NOW_AND_THEN ? SYNCED_NOW_AND_THEN : 0));
        if (hasHistory) bytes.putLong(SegmentHeader.FEATURES, HISTORY);
        bytes.putLong(SegmentHeader.CREATED, nowMillis);
        bytes.putLong(SegmentHeader.LIMIT, capacity);
    }

    /** The creation parameters, each checked; {@code fileLength} is the length that fstat confirmed. */
    public static Creation read(SharedBytes bytes, long fileLength) {
        long flags = bytes.getLong(CREATION_FLAGS);
        Sync inFiles = (flags & SYNCED_NOW_AND_THEN) != 0 ? Sync.NOW_AND_THEN : Sync.ALWAYS;
        Creation c = new Creation(
                bytes.getLong(CAPACITY),
                bytes.getLong(MAX_CAPACITY),
                bytes.getLong(MAX_GATE_NANOS),
                (flags & GATING_REFUSED) == 0,
                (flags & DELETE_ON_LAST_CLOSE) != 0,
                bytes.getInt(SLOT_COUNT),
                bytes.getInt(SegmentHeader.QUEUE_KIND) == SegmentHeader.DOMAIN,
                (flags & TRAILERS) != 0,
                (flags & LIES_IN_FILES) != 0 ? inFiles : Sync.NEVER,
                (bytes.getLong(SegmentHeader.FEATURES) & HISTORY) != 0);
        require(
                RegionTable.isCapacity(c.capacity)
                        && RegionTable.isCapacity(c.maxCapacity)
                        && c.capacity <= c.maxCapacity,
                "capacities");
        require(c.maxGateNanos >= 0, "maxGateTime");
        require(!c.liesInFiles() || c.hasTrailers, "records without trailers in files");
        require(!c.hasHistory || c.liesInFiles() && !c.isDomain, "history");
        require(c.slots >= MIN_SLOTS && c.slots <= MAX_SLOTS, "slot count");
        require(bytes.getInt(SLOT_SIZE) == Slots.SIZE && bytes.getInt(HANDLE_SIZE) == Handles.SIZE, "entry sizes");
        require(bytes.getInt(HANDLE_COUNT) == c.handles(), "handle count");
        require(bytes.getLong(HEADER_LENGTH) == c.headerLength(), "header length");
        require(fileLength >= c.headerLength() + c.capacity, "length of the object");
        return c;
    }

    private static void require(boolean right, String what) {
        if (!right) throw new CorruptSegmentException("header: impossible " + what);
    }
}
