package dev.belfry.file;

import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The segments that are written now, open. They stay open for the next range: an error of an earlier write is told to a
 * descriptor that was open then, perhaps not to one that is opened later.
 */
final class OpenSegments {
    private static final int MOST = 8;

    private final Segments segments;
    private final TreeMap<Long, Entry> open = new TreeMap<>();

    private static final class Entry {
        final DiskFile file;
        final long hearsFrom;
        int users;
        boolean forgotten;

        Entry(DiskFile file, long hearsFrom) {
            this.file = file;
            this.hearsFrom = hearsFrom;
        }

        void closeIfUnused() {
            if (forgotten && users == 0) file.close();
        }
    }

    OpenSegments(Segments segments) {
        this.segments = segments;
    }

    synchronized Range span(long from, long to, LogFiles.Opened opened) {
        long first = from / segments.size;
        Range range = new Range(first);
        try {
            for (long i = first; i <= (to - 1) / segments.size; i++)
                range.add(open.computeIfAbsent(i, index -> open(index, opened)));
        } catch (Throwable refused) {
            range.close();
            throw refused;
        }
        while (open.size() > MOST && open.firstKey() < first) forget(open.firstKey());
        return range;
    }

    private Entry open(long index, LogFiles.Opened opened) {
        DiskFile file = segments.open(index);
        if (file == null) throw new DamagedFileException(segments.path(index) + " is missing");
        return new Entry(file, opened.hearsFrom(index * segments.size));
    }

    private void forget(long index) {
        Entry entry = open.remove(index);
        entry.forgotten = true;
        entry.closeIfUnused();
    }

    /** All before this offset is synced and not needed: a file that is open here takes room though it is removed. */
    synchronized void forgetBelow(long offset) {
        while (!open.isEmpty() && open.firstKey() < offset / segments.size) forget(open.firstKey());
    }

    final class Range implements LogFiles.Span {
        private final long first;
        private final List<Entry> files = new ArrayList<>();

        Range(long first) {
            this.first = first;
        }

        private void add(Entry entry) {
            entry.users++;
            files.add(entry);
        }

        @Override
        public void write(ByteBuffer sealed, long offset) {
            int end = sealed.limit();
            for (long at = offset; sealed.position() < end; ) {
                long inside = at % segments.size;
                int now = (int) Math.min(end - sealed.position(), segments.size - inside);
                DiskFile file = files.get((int) (at / segments.size - first)).file;
                file.write(sealed.limit(sealed.position() + now), inside);
                sealed.position(sealed.limit()).limit(end);
                at += now;
            }
        }

        @Override
        public long hearsFrom() {
            long from = 0;
            for (Entry each : files) from = Math.max(from, each.hearsFrom);
            return from;
        }

        @Override
        public void read(ByteBuffer into, long offset) {
            int begin = into.position();
            int end = into.limit();
            for (long at = offset; into.position() < end; ) {
                long inside = at % segments.size;
                int now = (int) Math.min(end - into.position(), segments.size - inside);
                DiskFile file = files.get((int) (at / segments.size - first)).file;
                if (file.read(into.limit(into.position() + now), inside) < now)
                    throw PosixException.refused("pread", file.path(), "the file is too short");
                into.limit(end);
                at += now;
            }
            into.position(begin);
        }

        @Override
        public void sync() {
            for (Entry each : files) each.file.syncData();
        }

        @Override
        public void close() {
            synchronized (OpenSegments.this) {
                for (Entry each : files) {
                    each.users--;
                    each.closeIfUnused();
                }
                files.clear();
            }
        }
    }
}
