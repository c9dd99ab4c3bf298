package dev.belfry.shm.journal;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.LogBelow;
import dev.belfry.shm.ring.LogPlace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** Records of a log in its files, each proven by its checksum; no record takes more than {@code longest} bytes. */
public record ProvenRecords(UUID logId, long longest, Files files) {
    /** The answer of {@link #read} where no record with that position begins. */
    public static final int DAMAGED = LogBelow.GONE - 1;

    private static final int PIECE = 1 << 16;

    /** The bytes of the log. */
    @FunctionalInterface
    public interface Files {
        /** Fills the buffer up to its limit, and flips it. False: that is gone. */
        boolean read(ByteBuffer piece, long offset);
    }

    /** As {@link LogBelow#read}, up to there; or {@link #DAMAGED}. */
    public int read(long offset, long position, long end, SharedBytes into) {
        ByteBuffer piece = into.buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        piece.clear().limit((int) Math.min(into.length / RecordHeader.SIZE * RecordHeader.SIZE, end - offset));
        if (!files.read(piece, offset)) return LogBelow.GONE;
        SealedRecords walked = new SealedRecords(logId, longest, offset, position);
        boolean proven = walked.prove(piece);
        int whole = (int) (walked.record().offset() - offset);
        boolean goesOn = proven && walked.offset() < end; // a record that has no end there is none
        return !goesOn && whole == 0 ? DAMAGED : whole;
    }

    /** As {@link LogBelow#firstFrom}, up to there. */
    public LogPlace firstFrom(long offset, long end) {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer other = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = offset; from < end; from += piece.limit()) {
            if (!files.read(upTo(piece, from, end), from)) return null;
            for (int at = 0; at < piece.limit(); at += RecordHeader.SIZE) {
                LogPlace found = proven(from + at, piece.getLong(at), end, other);
                if (found != null) return found;
            }
        }
        return null;
    }

    /** The same; the end where there is none. */
    public Places.At first(long offset, long end) {
        LogPlace found = firstFrom(offset, end);
        return found == null ? new Places.At(end, 1) : new Places.At(found.offset(), found.position());
    }

    private static ByteBuffer upTo(ByteBuffer piece, long from, long end) {
        return piece.clear().limit((int) Math.min(PIECE, end - from));
    }

    /** Null: the record that this word would begin does not prove itself. */
    private LogPlace proven(long offset, long word, long limit, ByteBuffer piece) {
        int frame = RecordHeader.frameLength(word);
        long end = offset + RecordHeader.size(frame, RecordHeader.pad(true));
        boolean mayBegin = RecordHeader.type(word) == RecordHeader.DATA || RecordHeader.isSkippable(word);
        if (!mayBegin || frame < RecordHeader.SIZE || end > limit || end - offset > longest) return null;
        if (!files.read(upTo(piece, end - RecordTrailer.SIZE, end), end - RecordTrailer.SIZE)) return null;
        long position = RecordTrailer.position(word, piece.getLong(0));
        SealedRecords walked = new SealedRecords(logId, longest, offset, position);
        while (walked.offset() < end) {
            if (!files.read(upTo(piece, walked.offset(), end), walked.offset()) || !walked.prove(piece)) return null;
        }
        return new LogPlace(offset, position);
    }
}
