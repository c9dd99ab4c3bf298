package dev.belfry.file;

import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.LogSalvage;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.ProvenRecords;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.QueueInspector;
import java.nio.ByteBuffer;
import java.util.TreeMap;

/**
 * Reads a log behind damage and missing files, too: bytes that are not there, or cannot be read, are zeros to it. It
 * opens no queue, and changes nothing.
 */
final class Salvage implements AutoCloseable {
    private final LogDirectory files;
    private final QueueInspector.Salvaged found;
    private DiskFile file; // null: it is not there
    private long index = -1; // of it

    Salvage(LogDirectory files, QueueInspector.Salvaged found) {
        this.files = files;
        this.found = found;
    }

    void run(String uri, QueueInspector.Progress told) {
        ProvenRecords records = new ProvenRecords(files.origin.logId(), files.origin.maxCapacity(), this::read);
        TreeMap<Long, String> present = files.segments.present();
        long end = present.isEmpty() ? 0 : (present.lastKey() + 1) * files.segments.size;
        At bound = new At(0, 0);
        At begin;
        try {
            Places places = files.placesNow();
            begin = places.kept();
            bound = places.bound();
        } catch (DamagedFileException noPlaces) {
            begin = present.isEmpty() ? bound : records.first(present.firstKey() * files.segments.size, end);
        }
        long from = begin.offset();
        found.begins(Math.max(0, end - from), files.origin.maxCapacity());
        new LogSalvage(records, found).run(begin, bound, end, at -> told.at(uri, at - from, end - from));
    }

    /** As {@link ProvenRecords.Files}. */
    private boolean read(ByteBuffer piece, long offset) {
        int end = piece.limit();
        while (piece.position() < end) {
            long at = offset + piece.position();
            long inside = at % files.segments.size;
            open(at / files.segments.size);
            piece.limit((int) Math.min(end, piece.position() + files.segments.size - inside));
            part(piece, inside);
            piece.limit(end);
        }
        piece.flip();
        return true;
    }

    /** It may have another size than it should have. */
    private void open(long wanted) {
        if (wanted == index) return;
        close();
        file = files.directory.open(files.segments.name(wanted), false);
        index = wanted;
    }

    /** A sector that the disk refuses takes nothing beside it with it. */
    private void part(ByteBuffer piece, long inside) {
        int from = piece.position();
        int end = piece.limit();
        try {
            if (file != null) file.read(piece, inside);
        } catch (PosixException refused) {
            for (int at = from; end - from > LogFiles.SECTOR && at < end; at = piece.limit()) {
                piece.limit((int) Math.min(end, at + LogFiles.SECTOR - (inside + at - from) % LogFiles.SECTOR))
                        .position(at);
                part(piece, inside + at - from);
            }
            piece.limit(end);
            if (end - from <= LogFiles.SECTOR) piece.position(from);
        }
        while (piece.hasRemaining()) piece.put((byte) 0);
    }

    @Override
    public void close() {
        if (file != null) file.close();
        file = null;
    }
}
