package dev.belfry.shm.journal;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Walks a log over copies of it, from a place where a record begins: piece by piece, in whole words, so that a record
 * may lie in several. A leader seals what it has copied out of a ring. A reader of files proves it, or takes the seals
 * off for a ring. Knows no shared memory. One thread.
 *
 * <p>A seal is the checksum in a record's trailer. It begins with the log's own id, the offset and the position, so a
 * record proves its place as well. A HOP has none: type, length and the stamp of the next position stand for it.
 */
public final class SealedRecords {
    private static final int PREFIX = 32;
    private static final int CHECKSUM_SHIFT = 32;
    private static final long BEFORE_CHECKSUM = 0xFFFF_FFFFL;
    private static final int PAD = RecordHeader.pad(true);

    private enum Task {
        SEAL,
        PROVE,
        UNSEAL
    }

    private final CRC32C sum = new CRC32C();
    private final ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    private final long longest;

    private long offset; // of the next byte
    private long position; // of the record that begins there, or in whose middle that is
    private long committed;
    private long committedPosition;
    private boolean inBatch;
    private boolean afterHop;

    // The record in whose middle we are.
    private long done; // bytes of it; 0: a record begins
    private long size;
    private int frame;
    private boolean isMessage;

    /** From here on; no record takes more than {@code longest} bytes of the log. */
    public SealedRecords(UUID logId, long longest, long offset, long position) {
        this.longest = longest;
        this.offset = offset;
        this.position = position;
        this.committed = offset;
        this.committedPosition = position;
        prefix.putLong(0, logId.getMostSignificantBits()).putLong(8, logId.getLeastSignificantBits());
    }

    /** After all that was walked over; perhaps in the middle of a record. */
    public long offset() {
        return offset;
    }

    /** The record that begins at {@link #offset}, or in whose middle that is. */
    public Places.At record() {
        return new Places.At(offset - done, position);
    }

    /** After the last record, batch or HOP that was walked over to its end. */
    public long committed() {
        return committed;
    }

    /** The position of the message that is there, or will be. */
    public long committedPosition() {
        return committedPosition;
    }

    /** Was a HOP the last that was walked over? */
    public boolean isAfterHop() {
        return afterHop;
    }

    /**
     * Puts the seals into a copy of a ring, and zeros into what pads its records. Ends with the piece, or after a HOP,
     * where the ring says nothing any more.
     */
    public void seal(ByteBuffer piece) {
        if (!walk(piece, Task.SEAL)) throw new CorruptSegmentException("no record " + position + " at " + offset);
    }

    /** False: what begins or goes on at {@link #offset} is not what was sealed there. All before it is. */
    public boolean prove(ByteBuffer piece) {
        return walk(piece, Task.PROVE);
    }

    /** Makes proven records as they were in the ring. Ends with the piece, or after a HOP. */
    public void unseal(ByteBuffer piece) {
        if (!walk(piece, Task.UNSEAL)) throw new CorruptSegmentException("no record " + position + " at " + offset);
    }

    /** From the buffer's position on, which moves with {@link #offset}. */
    private boolean walk(ByteBuffer piece, Task task) {
        piece.order(ByteOrder.LITTLE_ENDIAN);
        int limit = piece.limit();
        if ((piece.remaining() & RecordHeader.SIZE - 1) != 0)
            throw new IllegalArgumentException("a piece of " + piece.remaining() + " bytes is not of whole words");
        afterHop = false;
        while (piece.position() < limit) {
            if (done == 0) {
                long word = piece.getLong(piece.position());
                if (RecordHeader.type(word) == RecordHeader.HOP) {
                    if (word != RecordHeader.hop(position) || inBatch) return false;
                    piece.position(piece.position() + RecordHeader.SIZE);
                    offset += RecordHeader.SIZE;
                    commit();
                    afterHop = true;
                    if (task == Task.PROVE) continue;
                    return true;
                }
                if (!begins(word)) return false;
            }
            afterHop = false;
            if (!goesOn(piece, limit, task)) return false;
        }
        return true;
    }

    private boolean begins(long word) {
        frame = RecordHeader.frameLength(word);
        isMessage = RecordHeader.type(word) == RecordHeader.DATA;
        if (!isMessage && !RecordHeader.isSkippable(word)
                || frame < RecordHeader.SIZE
                || RecordHeader.stamp(word) != Positions.stamp(position)) return false;
        size = RecordHeader.size(frame, PAD);
        if (size > longest) return false;
        prefix.putLong(16, offset).putLong(24, position);
        sum.reset();
        sum.update(prefix.array());
        return true;
    }

    /** As much of the record as is in the piece. */
    private boolean goesOn(ByteBuffer piece, int limit, Task task) {
        int from = piece.position();
        int here = (int) Math.min(size - done, limit - from);
        boolean ends = done + here == size;
        if (task == Task.SEAL) zeroPadding(piece, from, here);
        if (task != Task.UNSEAL) {
            piece.limit(ends ? from + here - Integer.BYTES : from + here);
            sum.update(piece);
            piece.limit(limit);
        }
        if (ends && !ends(piece, from + here - RecordTrailer.SIZE, task)) {
            piece.position(from);
            return false;
        }
        piece.position(from + here);
        offset += here;
        done = ends ? 0 : done + here;
        if (ends && isMessage) position++;
        if (ends && !inBatch) commit();
        return true;
    }

    private void zeroPadding(ByteBuffer piece, int from, int here) {
        long end = RecordHeader.align(frame);
        if (end == frame || end <= done || end > done + here) return;
        for (long at = frame; at < end; at++) piece.put(from + (int) (at - done), (byte) 0);
    }

    private boolean ends(ByteBuffer piece, int at, Task task) {
        long trailer = piece.getLong(at);
        long front = trailer & BEFORE_CHECKSUM;
        if (!RecordTrailer.isOf(front, position)) return false;
        if (task == Task.SEAL) {
            if (trailer != front) return false;
            piece.putLong(at, front | sum.getValue() << CHECKSUM_SHIFT);
        } else if (task == Task.PROVE) {
            if (trailer >>> CHECKSUM_SHIFT != sum.getValue()) return false;
        } else {
            piece.putLong(at, front);
        }
        inBatch = RecordTrailer.isMore(front);
        return true;
    }

    private void commit() {
        committed = offset;
        committedPosition = position;
    }
}
