package dev.belfry.shm.journal;

import dev.belfry.shm.journal.LogFiles.Read;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;

/**
 * Remembers the last word of the log in its files, and reads it again at the keeper's next turn. Where another program
 * has put a backup in their place, or has cut them, it is another one or not there, and what is published lies in no
 * log. A word that was copied never changes. It is read by the thread
 * {@code belfry-files}, for which nobody waits if the disk hangs: at most two words each turn.
 */
final class LastWord {
    private final LogFiles files;
    private final LongSupplier floor;
    private final ByteBuffer read = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long end; // of the word; 0: none was read yet
    private long word;

    /** {@code floor}: no file before that of this offset need be there. */
    LastWord(LogFiles files, LongSupplier floor) {
        this.files = files;
        this.floor = floor;
    }

    /**
     * Reads the word again, and the one that is the last now, before {@code copied}.
     *
     * @return what is wrong; null if nothing is
     */
    String wrong(long copied) {
        Read again = readBefore(end);
        boolean isOther = again == Read.WHOLE && read.getLong(0) != word;
        if ((isOther || again == Read.MISSING) && isNeeded(end)) return text(end);
        if (again == Read.WHOLE && copied == end) return null; // nothing was copied since
        Read next = readBefore(copied);
        if (next == Read.MISSING && isNeeded(copied)) return text(copied);
        end = next == Read.WHOLE ? copied : 0; // else it proves nothing: who reads there is told
        word = read.getLong(0);
        return null;
    }

    private Read readBefore(long end) {
        try {
            return end == 0 ? Read.REFUSED : files.read(read.clear(), end - Long.BYTES);
        } catch (PosixException noDescriptorIsLeft) { // say
            return Read.REFUSED;
        }
    }

    /** Asked after the word was read: the floor is raised before a file goes. */
    private boolean isNeeded(long end) {
        return floor.getAsLong() / files.fileSize() <= (end - Long.BYTES) / files.fileSize();
    }

    private String text(long end) {
        return "what was written before byte " + end + " of the log is not there any more, in "
                + files.path(end - Long.BYTES) + ". Another program has changed"
                + " or cut its files while the queue is open, as a copy of a backup does: what was published since is"
                + " perhaps lost. Put a backup back only while no process has the queue open";
    }
}
