package dev.belfry.file;

import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log that no process has open into one that ends with its last proven record or whole batch: all before that
 * is on the disk, and after it are zeros. May end at any step, and begins again at the next opening.
 *
 * <ol>
 *   <li>Walks the records from the first that is kept. All up to the bound must be proven, or the log is damaged. After
 *       it the log is cut at the first record that is not, and before the first batch that is not whole.
 *   <li>Writes again, and syncs, what lies from the bound to the cut: after an error of an earlier sync it may be in
 *       the page cache alone.
 *   <li>If there is more than zeros after it, puts a new file in place of the segment of the cut; removes later ones.
 *       Bytes that are cut away, and are not zeros, are kept in files {@code cut.OFFSET.LIFE}.
 *   <li>Syncs the directory.
 * </ol>
 */
final class Recovery {
    static final String CUT = "cut.";

    static final int PIECE = 1 << 20;

    private static final long TOLD_EACH = 16 << 20;
    private static final long SAID_EACH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final LogDirectory files;
    private final Segments segments;
    private final Places places;
    private final At bound; // of what may have to be written again
    private At from; // the first record that is to be proven
    private final long life;
    private final ByteBuffer piece;
    private long walked; // bytes, in all walks
    private LongConsumer observer = bytes -> {};
    private long told;
    private long saidNanos = System.nanoTime(); // a short opening says nothing

    /** @param life the number of the life that ended, for the names of what is cut away */
    Recovery(LogDirectory files, Places places, long life, int pieceSize) {
        this.piece = ByteBuffer.allocateDirect(pieceSize);
        this.files = files;
        this.segments = files.segments;
        this.places = places;
        this.bound = places.bound();
        this.from = places.kept();
        this.life = life;
    }

    /** All before the bound is proven by who reads it. */
    Recovery fromBound() {
        from = bound;
        return this;
    }

    /** For a reader that does not open it: another process may, and tells how far that is. */
    Recovery observing(LongConsumer bytes) {
        observer = bytes;
        told = Long.MAX_VALUE;
        return this;
    }

    /** Whether the log goes on from the bound of the places up to there: a copy that was put back does not. */
    static boolean isProven(LogDirectory files, long upTo) {
        Recovery recovery = new Recovery(files, files.placesNow(), 0, PIECE);
        At bound = recovery.bound;
        if (bound.offset() >= upTo) return bound.offset() == upTo || files.isWritten(upTo);
        return recovery.proven(bound, upTo).offset() >= upTo;
    }

    /** Where the log ends. */
    At run() {
        At cut = scan();
        long index = cut.offset() / segments.size;
        boolean inside = cut.offset() % segments.size != 0;
        boolean isCut = keepWhatIsCut(cut.offset(), index);
        boolean replaces = isCut && inside;
        long next = inside || !isCut ? index + 1 : index; // one of zeros stays: a full disk would give no other
        writeAgain(replaces ? index * segments.size : cut.offset());
        if (replaces) segments.replace(index, file -> copyUpTo(cut, index, file));
        TreeMap<Long, String> present = segments.present();
        present.tailMap(next, true).values().forEach(files.directory::unlink);
        present.headMap(Math.min(places.kept().offset() / segments.size, index))
                .values()
                .forEach(files.directory::unlink);
        files.history.cutFrom(index + 1);
        files.directory.sync();
        segments.noteReady(next * segments.size);
        return cut;
    }

    /** Where what is proven ends; changes nothing. */
    At scan() {
        SealedRecords walked = proven(from, Long.MAX_VALUE);
        At found = end(walked);
        // If nothing before the bound was walked, a file of zeros would be made in place of one that is missing.
        if (from.equals(bound) && !files.isWritten(bound.offset()))
            throw new DamagedLogException(
                    end(proven(places.kept(), bound.offset())),
                    segments.path((bound.offset() - 1) / segments.size) + " is missing, or ends before byte "
                            + bound.offset() + " of the log, which once was on the disk");
        if (found.offset() >= places.bound().offset()) return found;
        long index = walked.offset() / segments.size;
        if (!segments.present().containsKey(index))
            throw new DamagedLogException(
                    found,
                    segments.path(index) + " is missing, and with it message " + found.position()
                            + " and those after it");
        throw new DamagedLogException(
                found,
                "the log in " + files.path() + " is damaged at byte " + found.offset()
                        + ", in " + segments.path(found.offset() / segments.size) + " or the next: message "
                        + found.position()
                        + " is not as it was written, and all up to byte "
                        + places.bound().offset() + " once was on the disk");
    }

    private static At end(SealedRecords walked) {
        return new At(walked.committed(), walked.committedPosition());
    }

    /** Walked from there as far as each record proves itself, at most up to that offset. */
    private SealedRecords proven(At from, long upTo) {
        SealedRecords walked = records(from);
        walk(from.offset(), upTo, (bytes, offset) -> walked.prove(bytes));
        return walked;
    }

    /** Each piece is proven once more before it is written: what is read twice may differ. */
    private void writeAgain(long end) {
        if (end <= bound.offset()) return;
        SealedRecords walked = records(bound);
        OpenSegments open = new OpenSegments(segments);
        try (OpenSegments.Range range = open.span(bound.offset(), end, begin -> 0)) {
            pieces(bound.offset(), end, (bytes, offset) -> {
                requireProven(walked.prove(bytes), walked);
                range.write(bytes.position(0), offset);
            });
            range.sync();
        } finally {
            open.forgetBelow(Long.MAX_VALUE);
        }
    }

    /** Returns how far this segment is written. */
    private long copyUpTo(At cut, long index, DiskFile file) {
        long begin = index * segments.size;
        // Before the bound all was once on the disk, and perhaps the kept records begin after it.
        pieces(begin, bound.offset(), (bytes, offset) -> file.write(bytes, offset - begin));
        SealedRecords walked = records(bound);
        pieces(bound.offset(), cut.offset(), (bytes, offset) -> {
            requireProven(walked.prove(bytes), walked);
            int skipped = (int) Math.min(bytes.limit(), Math.max(0, begin - offset));
            if (skipped < bytes.limit()) file.write(bytes.position(skipped), offset + skipped - begin);
        });
        if (walked.committed() != cut.offset()) throw changed(walked);
        return cut.offset() - begin;
    }

    private void requireProven(boolean proven, SealedRecords walked) {
        if (!proven) throw changed(walked);
    }

    private DamagedFileException changed(SealedRecords walked) {
        return new DamagedFileException("the log in " + files.path() + " changes while it is opened: at byte "
                + walked.offset() + " it was read twice, and differs or is gone");
    }

    /** Copies what comes after the cut, up to the last byte that is not zero. False: its segment has only zeros. */
    private boolean keepWhatIsCut(long cut, long index) {
        TreeMap<Long, String> present = segments.present();
        boolean isCut = !present.containsKey(index);
        for (long i : present.tailMap(index, true).keySet()) {
            long from = Math.max(cut, i * segments.size);
            long end = (i + 1) * segments.size;
            long[] last = {from};
            pieces(from, end, (bytes, offset) -> {
                for (int at = bytes.limit() - 1; at >= 0; at--) {
                    if (bytes.get(at) == 0) continue;
                    last[0] = offset + at + 1;
                    break;
                }
            });
            if (last[0] == from) continue;
            isCut |= i == index;
            String name = CUT + String.format("%016x", from) + "." + life;
            files.directory.unlink(name); // of an opening that was killed here
            TemporaryFile.link(files.directory, name, file -> {
                pieces(from, last[0], (bytes, offset) -> file.write(bytes, offset - from));
                file.syncData();
            });
        }
        return isCut;
    }

    /**
     * From where on the log fits into rings again. The kept log may begin before that of the rings, because places are
     * written now and then. All that was still needed was in them, and each had at most {@code maxCapacity}.
     */
    At start(At cut) {
        long least = least(cut);
        if (least <= places.kept().offset()) return places.kept();
        SealedRecords walked = records(places.kept());
        pieces(places.kept().offset(), least, (bytes, offset) -> requireProven(walked.prove(bytes), walked));
        for (ByteBuffer word = ByteBuffer.allocateDirect(Long.BYTES);
                walked.record().offset() < least; ) {
            if (!segments.read(word.clear(), walked.offset())) throw changed(walked); // a writer has removed it
            requireProven(walked.prove(word.flip()), walked);
        }
        return walked.record();
    }

    /** A part of the log between two HOPs lies in one ring, and so does an empty word after it. */
    private long least(At cut) {
        long kept = places.kept().offset();
        long end = cut.offset() + Long.BYTES;
        if (end - kept <= files.origin.maxCapacity()) return kept;
        List<Long> begins = begins(cut);
        for (int i = begins.size() - 1; i >= 0; i--) {
            if (end - begins.get(i) > files.origin.maxCapacity()) return end - files.origin.maxCapacity();
            end = begins.get(i) + Long.BYTES;
        }
        return kept;
    }

    /** Offsets of the parts. */
    private List<Long> begins(At cut) {
        List<Long> begins = new ArrayList<>();
        begins.add(places.kept().offset());
        SealedRecords walked = records(places.kept());
        pieces(places.kept().offset(), cut.offset(), (bytes, offset) -> {
            while (bytes.hasRemaining()) {
                walked.unseal(bytes);
                if (walked.isAfterHop()) begins.add(walked.offset());
            }
        });
        return begins;
    }

    /** Hands out what was proven, as it is in the files, from there to the end. */
    void refill(At from, At cut, Consumer<ByteBuffer> ring) {
        SealedRecords walked = records(from);
        pieces(from.offset(), cut.offset(), (bytes, offset) -> {
            requireProven(walked.prove(bytes), walked);
            ring.accept(bytes.position(0));
        });
        if (walked.committed() != cut.offset()) throw changed(walked);
    }

    private SealedRecords records(At from) {
        return new SealedRecords(files.origin.logId(), files.origin.maxCapacity(), from.offset(), from.position());
    }

    private void pieces(long from, long to, ObjLongConsumer<ByteBuffer> each) {
        walk(from, to, (bytes, offset) -> {
            each.accept(bytes, offset);
            return true;
        });
    }

    private interface Step {
        /** False: no more. */
        boolean take(ByteBuffer bytes, long offset);
    }

    /** Piece by piece up to there, or up to a segment that is not there. */
    private void walk(long from, long to, Step each) {
        for (long offset = from; offset < to; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), to - offset));
            boolean all = segments.read(piece, offset);
            int read = piece.flip().limit();
            if (read == 0 || !each.take(piece, offset) || !all) return;
            offset += read;
            walked(read);
        }
    }

    private void walked(long bytes) {
        walked += bytes;
        observer.accept(walked);
        if (walked - told < TOLD_EACH || files.isReadOnly) return;
        files.tell(walked);
        told = walked;
        long now = System.nanoTime();
        if (now - saidNanos < SAID_EACH_NANOS) return;
        LOG.info("'{}' is being opened: {} of its log are read", files.path(), Units.size(walked));
        saidNanos = now;
    }
}
