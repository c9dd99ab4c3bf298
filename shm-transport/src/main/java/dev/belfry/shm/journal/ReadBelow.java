package dev.belfry.shm.journal;

import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.FilesRead;
import dev.belfry.shm.ring.LogBelow;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Handle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Reads the history of a queue in its files, for readers that the gate has passed. A record that
 * does not prove itself is told to who reads it, each time; nobody else notices, and publishers go on.
 */
public final class ReadBelow implements LogBelow {
    private final Handle handle;
    private final Leader leader;
    private final ProvenRecords records;
    private final ProvenRecords sought; // over missing files

    public ReadBelow(Handle handle, Leader leader) {
        this.handle = handle;
        this.leader = leader;
        UUID logId = handle.segment.journal.identity().logId();
        this.records = new ProvenRecords(logId, handle.segment.creation.maxCapacity(), this::fill);
        this.sought = new ProvenRecords(logId, records.maxCapacity(), this::fillOrZeros);
    }

    @Override
    public int read(long offset, long position, SharedBytes into) {
        int whole = records.read(offset, position, handle.segment.journal.copiedAcquire(), into);
        if (whole == ProvenRecords.DAMAGED) throw damaged(new Places.At(offset, position));
        return whole;
    }

    @Override
    public FilesRead begin(long offset, long position, SharedBytes into, Runnable wakes) {
        return ReadAside.begin(leader.files, offset, into, () -> read(offset, position, into), wakes);
    }

    @Override
    public long positionAt(long offset, long known) {
        try {
            long said = saidAt(offset);
            if (said == known || said == BELOW_FLOOR) return said;
            LogPlace first = firstFrom(offset);
            if (first == null && isBelowFloor(offset)) return BELOW_FLOOR;
            boolean isProven = first != null && first.position() == said;
            return isProven ? said : known;
        } catch (QueueCorruptedException damaged) { // told to who reads it
            return known;
        }
    }

    private long saidAt(long offset) {
        ByteBuffer word = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = offset; ; from += RecordHeader.SIZE) {
            // Behind a HOP the log may end.
            if (handle.segment.header.gateAcquire() <= from)
                return handle.segment.floor.at(from, 0).position();
            if (!fill(word.clear(), from)) return BELOW_FLOOR;
            long first = word.getLong(0);
            if (RecordHeader.type(first) == RecordHeader.HOP) continue;
            int frame = RecordHeader.frameLength(first);
            long size = RecordHeader.size(frame, RecordHeader.pad(true));
            if (frame < RecordHeader.SIZE || size > records.longest()) throw damaged(new Places.At(offset, 0));
            if (!fill(word.clear(), from + size - RecordTrailer.SIZE)) return BELOW_FLOOR;
            return RecordTrailer.position(first, word.getLong(0));
        }
    }

    /**
     * {@inheritDoc} The count may be too low, but by no more than a stamp can tell. The floor is no lower bound: its
     * position is raised before its offset, so in between, or for ever after a death there, it tells nothing of that.
     */
    @Override
    public LogPlace firstFrom(long offset) {
        long most = handle.segment.header.countAcquire() + Positions.NEAR;
        return sought.firstFrom(offset, handle.segment.journal.copiedAcquire(), most);
    }

    @Override
    public LogPlace behind(RuntimeException damaged, long offset) {
        if (!(damaged instanceof QueueCorruptedException)) throw damaged;
        return firstFrom(offset + RecordHeader.SIZE);
    }

    @Override
    public LogPlace nearest(LogPlace from, Predicate<LogPlace> accepts) {
        LogPlace found = from;
        long low = from.offset() / leader.files.fileSize();
        for (long high = handle.segment.header.gateAcquire() / leader.files.fileSize(); low < high; ) {
            long middle = (low + high + 1) / 2;
            LogPlace first = firstFrom(middle * leader.files.fileSize());
            boolean isBefore = first != null && accepts.test(first);
            if (isBefore) found = first;
            if (isBefore) low = middle;
            else high = middle - 1;
        }
        return found;
    }

    @Override
    public LogPlace notBefore(LogPlace from, long millis) {
        long offset = leader.notBefore(millis, from.offset());
        LogPlace found = offset == from.offset() ? from : firstFrom(offset);
        return found == null ? from : found;
    }

    @Override
    public void close() {
        leader.close();
    }

    /**
     * Fills the piece up to what cannot be read. That is told if it is at the beginning of the piece.
     *
     * @return false if the floor has passed the offset
     */
    private boolean fill(ByteBuffer piece, long offset) {
        LogFiles.Read read = leader.reads(piece, offset);
        if (isBelowFloor(offset)) return false;
        piece.position(piece.position() & -RecordHeader.SIZE);
        if (read != LogFiles.Read.WHOLE && piece.position() == 0) throw damaged(new Places.At(offset, 0));
        piece.flip();
        return true;
    }

    private boolean isBelowFloor(long offset) {
        boolean isBelowFloor = handle.segment.floor.isBelowFloor(offset);
        if (!isBelowFloor) handle.requireAttached();
        return isBelowFloor;
    }

    /** The same, with zeros in place of each sector that cannot be read, and of each file that is not there. */
    private boolean fillOrZeros(ByteBuffer piece, long offset) {
        while (piece.hasRemaining()) {
            LogFiles.Read read = leader.reads(piece, offset + piece.position());
            if (read == LogFiles.Read.WHOLE) break;
            long file = leader.files.fileSize();
            long inside = (offset + piece.position()) % file;
            long sector = read == LogFiles.Read.REFUSED ? LogFiles.SECTOR - inside % LogFiles.SECTOR : file;
            long missing = Math.min(piece.remaining(), Math.min(file - inside, sector));
            for (long i = 0; i < missing; i++) piece.put((byte) 0);
        }
        piece.flip();
        return !isBelowFloor(offset);
    }

    private RuntimeException damaged(Places.At at) {
        String which = at.position() == 0 ? "what lies" : "message " + at.position();
        return new QueueCorruptedException(
                "'" + handle.queueUri() + "': " + which + " at byte " + at.offset() + " of the log, byte "
                        + at.offset() % leader.files.fileSize() + " of " + leader.files.path(at.offset())
                        + ", is not as it was written, or cannot be read, or its file is missing. Publishers and all"
                        + " who read elsewhere go on. Seek past it, or 'belfry reset' the subscription; 'belfry doctor"
                        + " --deep' shows how much is damaged.",
                null);
    }
}
