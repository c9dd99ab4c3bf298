package dev.belfry.shm.layout;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The words of the {@link SegmentHeader} that a queue has whose log lies in files, too. Offsets and positions are only
 * raised, by compare-and-set: a leader that is late changes nothing. A position belongs to the offset before it and is
 * raised after it, so it may be too low for a moment, or after a death until the next leader comes.
 * {@code always}: what is written counts only when it is synced.
 */
public record JournalWords(SharedBytes bytes, boolean always) {
    public static final int LOCK = 2560;
    public static final int SYNCED = 2944;

    private static final int DURABLE = 2688;
    private static final int FAILED = 2696;
    private static final int DURABLE_POS = 2704;
    private static final int WRITTEN = 2712;
    private static final int WRITTEN_POS = 2720;
    private static final int FLOOR = 2728;
    private static final int FLOOR_POS = 2736;
    private static final int READY = 2816;
    private static final int SYNCS = 2880;
    private static final int SYNC_NANOS = 2888;
    private static final int LOG_ID = 3072;
    private static final int TOKEN = 3088;
    private static final int DEVICE = 3104;
    private static final int INODE = 3112;
    private static final int DIRECTORY_LENGTH = 3120;
    private static final int DIRECTORY = 3124;

    /** From, to: the ranges between these words that the layout leaves free. */
    public static final int[][] FREE = {
        {LOCK + 4, DURABLE},
        {FAILED + 4, DURABLE_POS},
        {FLOOR_POS + 8, READY},
        {READY + 8, SYNCS},
        {SYNC_NANOS + 8, SYNCED},
        {SYNCED + 8, LOG_ID}
    };

    /** Which file of which life this belongs to. */
    public record Identity(UUID logId, UUID token, long device, long inode) {}

    /** For a segment that no other process has seen yet. */
    public void create(Identity identity, long offset, long position, long readyUpTo) {
        bytes.putLong(DURABLE, offset);
        bytes.putLong(DURABLE_POS, position - 1);
        bytes.putLong(WRITTEN, offset);
        bytes.putLong(WRITTEN_POS, position - 1);
        bytes.putLong(READY, readyUpTo);
        bytes.putLong(LOG_ID, identity.logId.getMostSignificantBits());
        bytes.putLong(LOG_ID + 8, identity.logId.getLeastSignificantBits());
        bytes.putLong(TOKEN, identity.token.getMostSignificantBits());
        bytes.putLong(TOKEN + 8, identity.token.getLeastSignificantBits());
        bytes.putLong(DEVICE, identity.device);
        bytes.putLong(INODE, identity.inode);
    }

    /** The same, whose history is on the disk from there on. */
    public void createFloor(long offset, long position) {
        bytes.putLong(FLOOR, offset);
        bytes.putLong(FLOOR_POS, position);
    }

    public Identity identity() {
        return new Identity(
                new UUID(bytes.getLong(LOG_ID), bytes.getLong(LOG_ID + 8)),
                new UUID(bytes.getLong(TOKEN), bytes.getLong(TOKEN + 8)),
                bytes.getLong(DEVICE),
                bytes.getLong(INODE));
    }

    /** As the process sees it that opened it last, and has its lock for that; one that is longer is not noted. */
    public void directory(String path) {
        byte[] encoded = path.getBytes(StandardCharsets.UTF_8);
        boolean fits = encoded.length <= SegmentHeader.SIZE - DIRECTORY;
        bytes.putInt(DIRECTORY_LENGTH, 0);
        if (!fits) return;
        bytes.copyIn(DIRECTORY, encoded, 0, encoded.length);
        bytes.putInt(DIRECTORY_LENGTH, encoded.length);
    }

    /** Empty: not known. For a caller that has seen that no process has it open. */
    public String directory() {
        int length = bytes.getInt(DIRECTORY_LENGTH);
        if (length < 0 || length > SegmentHeader.SIZE - DIRECTORY)
            throw new CorruptSegmentException("directory of " + length + " bytes");
        byte[] encoded = new byte[length];
        bytes.copyOut(DIRECTORY, encoded, 0, length);
        return new String(encoded, StandardCharsets.UTF_8);
    }

    public long durableAcquire() {
        return offset(DURABLE);
    }

    public boolean raiseDurable(long offset) {
        return raise(DURABLE, offset);
    }

    /** The newest message that is known to be durable. */
    public long durablePosition() {
        return bytes.getLongAcquire(DURABLE_POS);
    }

    public void raiseDurablePosition(long position) {
        raise(DURABLE_POS, position);
    }

    /** From here on a leader copies; the gate may not pass it. */
    public long copiedAcquire() {
        return offset(always ? DURABLE : WRITTEN);
    }

    public boolean raiseCopied(long offset) {
        return raise(always ? DURABLE : WRITTEN, offset);
    }

    /** The newest message that is copied; too low at most by what one leader copies at once. */
    public void raiseCopiedPosition(long position) {
        raise(always ? DURABLE_POS : WRITTEN_POS, position);
    }

    /** From where on the files have the log, where history is on the disk; else 0. */
    public long floorAcquire() {
        return offset(FLOOR);
    }

    /** The position of the record there, for people: it may be too high for a moment, or after a death. */
    public long floorPosition() {
        return bytes.getLongAcquire(FLOOR_POS);
    }

    /** By the holder of the gate lock. */
    public void raiseFloorLocked(long offset, long position) {
        raise(FLOOR_POS, position);
        raise(FLOOR, offset);
    }

    /** No record may end above it. */
    public long readyUpTo() {
        return offset(READY);
    }

    public boolean raiseReady(long offset) {
        return raise(READY, offset);
    }

    /** Adds to what syncs have taken, for people. */
    public void addSync(long nanos) {
        bytes.addAndGetLong(SYNCS, 1);
        bytes.addAndGetLong(SYNC_NANOS, nanos);
    }

    public long syncs() {
        return bytes.getLong(SYNCS);
    }

    public long syncNanos() {
        return bytes.getLong(SYNC_NANOS);
    }

    public boolean hasFailed() {
        return failure() != 0;
    }

    /** The error number of the write or sync that failed; 0: none has. */
    public int failure() {
        return bytes.getIntAcquire(FAILED);
    }

    /** For good: only the caller was told. */
    public void fail(int errno) {
        bytes.compareAndSetInt(FAILED, 0, errno);
    }

    private long offset(int at) {
        long offset = bytes.getLongAcquire(at);
        if (offset < 0 || (offset & 7) != 0) throw new CorruptSegmentException("journal word " + at + ": " + offset);
        return offset;
    }

    private boolean raise(int at, long value) {
        while (true) {
            long word = bytes.getLongAcquire(at);
            if (word >= value) return false;
            if (bytes.compareAndSetLong(at, word, value)) return true;
        }
    }
}
