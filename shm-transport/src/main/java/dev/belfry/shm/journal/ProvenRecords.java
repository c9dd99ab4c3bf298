package dev.belfry.shm.journal;

import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.LogBelow;
import dev.belfry.shm.ring.LogPlace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** Records of a log in its files, each proven by its checksum; {@code maxCapacity}: of its queue. */
public record ProvenRecords(UUID logId, long maxCapacity, Files files) {
    /** The answer of {@link #read} where no record with that position begins. */
    public static final int DAMAGED = LogBelow.BELOW_FLOOR - 1;

    static final int SHORTEST = RecordHeader.SIZE + RecordTrailer.SIZE;

    private static final int PIECE = 1 << 16;

    /** The bytes of the log. */
    @FunctionalInterface
    public interface Files {
        /**
         * Fills the buffer up to its limit, or with the words before one that cannot be read, and flips it. False: that
         * is gone.
         *
         * @throws RuntimeException the first word cannot be read
         */
        boolean read(ByteBuffer piece, long offset);
    }

    /** No record takes more bytes. */
    long longest() {
        return Creation.longestRecord(maxCapacity);
    }

    /** As {@link LogBelow#read}, up to there; or {@link #DAMAGED}. */
    public int read(long offset, long position, long end, SharedBytes into) {
        ByteBuffer piece = into.buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int wanted = (int) Math.min(into.length / RecordHeader.SIZE * RecordHeader.SIZE, end - offset);
        if (!files.read(piece.clear().limit(wanted), offset)) return LogBelow.BELOW_FLOOR;
        int read = piece.limit();
        SealedRecords walked = new SealedRecords(logId, longest(), offset, position);
        boolean proven = walked.prove(piece);
        int whole = (int) (walked.record().offset() - offset);
        if (whole > 0) return whole;
        boolean isCut = proven && read < wanted; // what cuts it is told where it begins
        if (isCut && !files.read(upTo(piece, offset + read, end), offset + read)) return LogBelow.BELOW_FLOOR;
        boolean isLonger = proven && !isCut && walked.offset() < end; // one that has no end there is none
        return isLonger ? 0 : DAMAGED;
    }

    /**
     * Finds the first record that proves itself, as {@link LogBelow#firstFrom} does, up to {@code end}. A random body
     * has words that could be headers: no record whose position would be over {@code most} is summed.
     */
    public LogPlace firstFrom(long offset, long end, long most) {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer other = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = offset; from < end; from += piece.limit()) {
            if (!files.read(upTo(piece, from, end), from)) return null;
            for (int at = 0; at < piece.limit(); at += RecordHeader.SIZE) {
                LogPlace found = proven(from + at, piece.getLong(at), end, most, other);
                if (found != null) return found;
            }
        }
        return null;
    }

    /** Finds the first record that proves itself, or else the end, in a log whose first offset was 0 and position 1. */
    public Places.At first(long offset, long end) {
        LogPlace found = firstFrom(offset, end, 1 + end / SHORTEST);
        return found == null ? new Places.At(end, 1) : new Places.At(found.offset(), found.position());
    }

    private static ByteBuffer upTo(ByteBuffer piece, long from, long end) {
        return piece.clear().limit((int) Math.min(PIECE, end - from));
    }

    /** @return null if the record that this word would begin does not prove itself */
    private LogPlace proven(long offset, long word, long limit, long most, ByteBuffer piece) {
        int frame = RecordHeader.frameLength(word);
        long end = offset + RecordHeader.size(frame, RecordHeader.pad(true));
        boolean mayBegin = RecordHeader.type(word) == RecordHeader.DATA || RecordHeader.isSkippable(word);
        if (!mayBegin || frame < RecordHeader.SIZE || end > limit || end - offset > longest()) return null;
        if (!files.read(upTo(piece, end - RecordTrailer.SIZE, end), end - RecordTrailer.SIZE)) return null;
        long position = RecordTrailer.position(word, piece.getLong(0));
        if (position < 1 || position > most) return null;
        SealedRecords walked = new SealedRecords(logId, longest(), offset, position);
        while (walked.offset() < end) {
            if (!files.read(upTo(piece, walked.offset(), end), walked.offset()) || !walked.prove(piece)) return null;
        }
        return new LogPlace(offset, position);
    }
}
