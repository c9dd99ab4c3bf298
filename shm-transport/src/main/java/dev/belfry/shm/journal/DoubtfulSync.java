package dev.belfry.shm.journal;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The sync of what was written before. One that failed may have been told to a thread that has ended. The bytes that it
 * has lost seem written as long as the page cache keeps them; the rings may not have them any more. So what is in doubt
 * is read, proven and written again before the sync. By one thread at a time: that which flushes.
 */
final class DoubtfulSync {
    private static final int PIECE = 1 << 20;

    private final LogFiles files;
    private final JournalWords words;
    private final SegmentHeader header;
    private final UUID logId;
    private final long longest;

    // Has an error ended a thread in a sync, which may have failed? Then what lies before this may be lost.
    private boolean isInDoubt;
    private long inDoubt;

    DoubtfulSync(LogFiles files, JournalWords words, SegmentHeader header, long longest) {
        this.files = files;
        this.words = words;
        this.header = header;
        this.logId = words.identity().logId();
        this.longest = longest;
    }

    /** Writes again what is in doubt, then syncs. {@code from}: all before it is on the disk. */
    void sync(LogFiles.Span span, long from, SealedRecords written, Runnable sync) {
        if (isInDoubt) inDoubt = header.tailAcquire();
        if (from < Math.max(inDoubt, span.hearsFrom())) writeAgain(span, from, written);
        isInDoubt = true; // until the answer is dealt with
        sync.run();
        isInDoubt = false;
    }

    private void writeAgain(LogFiles.Span span, long from, SealedRecords written) {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        SealedRecords again = null;
        for (long at = from; at < written.offset(); at += piece.limit()) {
            span.read(piece.clear().limit((int) Math.min(PIECE, written.offset() - at)), at);
            if (again == null) again = new SealedRecords(logId, longest, from, durablePosition(piece.getLong(0)));
            if (!again.prove(piece)) throw isLost(again);
            span.write(piece.position(0), at);
        }
    }

    /**
     * The position of the record that begins at durable. The word may be too low by what one flush
     * syncs, after a death.
     */
    private long durablePosition(long first) {
        return Positions.resolve(RecordHeader.stamp(first), words.durablePosition() + 1);
    }

    private PosixException isLost(SealedRecords again) {
        return PosixException.refused(
                "pread", files.directory(), "what was written at " + again.offset() + " and not synced is gone");
    }
}
