package dev.belfry.shm;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.journal.FileKeeper;
import dev.belfry.shm.journal.FilesThread;
import dev.belfry.shm.journal.Leader;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.ReadBelow;
import dev.belfry.shm.journal.ReadOnly;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.publish.PublisherWatch;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Parts;
import dev.belfry.spi.EarlierIds.Earlier;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * The part in shared memory of a queue whose log lies in files: what the transport that knows the files builds on. It
 * is made of what they have, and appears whole; it counts only for the life of its directory that it was made in.
 */
public final class LivePart implements AutoCloseable {
    /**
     * The facts that the directory has of the queue and of this life.
     *
     * @param name in /dev/shm, of letters and digits
     * @param earlier the ids that the queue had before
     * @param life its number; grows from one to the next
     * @param device of the file that carries the directory's locks; with {@code inode} its identity
     * @param flushNanos how often what publishers do not wait for is synced, and places are
     * @param history whether the files have what the ring has no more
     */
    public record Spec(
            String name,
            URI uri,
            UUID logId,
            UUID token,
            UUID queueId,
            List<Earlier> earlier,
            long life,
            long device,
            long inode,
            QueueSettings settings,
            int slots,
            boolean domain,
            boolean syncAlways,
            long flushNanos,
            boolean history) {
        private JournalWords.Identity identity() {
            return new JournalWords.Identity(logId, token, device, inode);
        }

        /** Empty: there is none by now. */
        private static String realPath(String directory) {
            try {
                return Path.of(directory).toRealPath().toString();
            } catch (IOException gone) {
                return "";
            }
        }

        private Parts.Kind kind(LogFiles files) {
            Creation.Sync sync = syncAlways ? Creation.Sync.ALWAYS : Creation.Sync.NOW_AND_THEN;
            return new Parts.Kind(
                    name, uri.toString(), realPath(files.directory()), settings, slots, domain, sync, history);
        }
    }

    private final Machine machine;
    private final Spec spec;
    private final LogFiles files;
    private final Parts part;
    private final SealedRecords records;
    private final LogPlace floor;
    private final long end;
    private boolean linked;

    private LivePart(Machine machine, Spec spec, LogFiles files, Parts part, LogPlace floor, LogPlace start, long end) {
        this.machine = machine;
        this.spec = spec;
        this.files = files;
        this.part = part;
        this.floor = floor;
        this.end = end;
        this.records = new SealedRecords(spec.logId, spec.settings.maxCapacity(), start.offset(), start.position());
    }

    /**
     * The queue that is there; null if there is none of this life, or one whose disk has failed. The queue owns the
     * files from then on. {@code mayBeOf}, {@code counts}: see {@link Parts#open}.
     */
    public static MessageQueue open(
            Spec spec,
            QueueConfig config,
            LogFiles files,
            Predicate<FileStatus> mayBeOf,
            BiPredicate<String, Long> counts) {
        MessageQueue there = open(Machine.real(), spec, config, files, mayBeOf, counts);
        return there == null ? null : watched(there);
    }

    static MessageQueue open(
            Machine machine,
            Spec spec,
            QueueConfig config,
            LogFiles files,
            Predicate<FileStatus> mayBeOf,
            BiPredicate<String, Long> counts) {
        Handle handle = Parts.open(machine, spec.kind(files), spec.identity(), config, mayBeOf, counts);
        return handle == null ? null : queue(handle, spec, files);
    }

    /** Removes the name of one that belongs to another life; false if there is none. */
    public static boolean setAside(String name) {
        return Parts.setAside(Machine.real(), name);
    }

    /**
     * One that has no name yet, for the log from {@code start} up to {@code end}, which is to be filled in.
     * {@code floor}: where its log begins, if the files have its history; else that is {@code start}.
     */
    public static LivePart create(
            Spec spec, LogFiles files, Places.At floor, Places.At start, long end, long readyUpTo) {
        return create(Machine.real(), spec, files, floor, start, end, readyUpTo);
    }

    static LivePart create(
            Machine machine, Spec spec, LogFiles files, Places.At floor, Places.At start, long end, long readyUpTo) {
        LogPlace oldest = new LogPlace(floor.offset(), floor.position());
        LogPlace from = new LogPlace(start.offset(), start.position());
        Parts part = Parts.create(
                machine,
                spec.kind(files),
                spec.identity(),
                spec.queueId,
                spec.life,
                oldest,
                from,
                end - from.offset(),
                readyUpTo);
        return new LivePart(machine, spec, files, part, oldest, from, end);
    }

    /** Has the features from now on that its files name, which each library must understand. */
    public void raise(long features) {
        part.handle.segment.header.raiseFeatures(features);
    }

    /** The bytes that follow, as they were proven; in pieces of whole words. They are changed. */
    public void refill(ByteBuffer sealed) {
        try {
            while (sealed.hasRemaining()) refillOn(sealed);
        } catch (CorruptSegmentException doesNotFit) {
            throw Errors.corrupted(spec.uri.toString(), doesNotFit.getMessage(), doesNotFit);
        }
    }

    /** Up to its end, or to the end of a ring. */
    private void refillOn(ByteBuffer sealed) {
        long at = records.offset();
        int from = sealed.position();
        records.unseal(sealed);
        part.fill(at, sealed, from, sealed.position() - from);
        if (records.isAfterHop()) part.hop(spec.settings, records.offset(), end - records.offset());
    }

    /** After all is filled in. */
    public void named(Places.Named named) {
        requireFilled();
        Places.At next = named.acknowledged();
        LogPlace place = new LogPlace(next.offset(), next.position());
        boolean atFloor = next.offset() < floor.offset() && !named.isBelowFloor(floor.offset());
        long given = Math.min(named.given(), records.committedPosition() - 1);
        part.named(
                named.name(),
                named.policy(),
                named.ackMode(),
                atFloor ? floor : place,
                named.first(),
                named.hasEnded(floor.offset()) ? place.position() - 1 : given,
                named.lost());
    }

    private void requireFilled() {
        if (records.offset() != end || records.committed() != end)
            throw new IllegalStateException("The log of '" + spec.uri + "' ends at " + end + "; filled in up to "
                    + records.offset() + ", and whole up to " + records.committed());
    }

    /** It appears; null if another one has the name by now. The queue owns the files from then on. */
    public MessageQueue link() {
        MessageQueue made = appear();
        return made == null ? null : watched(made);
    }

    MessageQueue appear() {
        requireFilled();
        part.end(end, records.committedPosition());
        if (!part.link()) return null;
        linked = true;
        return queue(part.handle, spec, files);
    }

    /** For this process alone, without a name: all is read in the files, which the queue owns from then on. */
    public MessageQueue readOnly(ReadOnly reasons) {
        requireFilled();
        part.end(end, records.committedPosition());
        Handle handle = part.handle;
        handle.needNoName();
        readsIn(handle, new Leader(handle, files, () -> {}));
        linked = true; // not before: it takes memory, which may be short
        return new ShmQueue(spec.uri, handle, spec.earlier, reasons);
    }

    /**
     * One that is in /dev/shm.
     *
     * @param queue its name there, for an inspector
     * @param isIt whether it has the name that was asked for, not only its beginning
     */
    public record There(String queue, String path, boolean isIt, boolean isOpen) {}

    /** The processes that have this one open, as far as they can be named. */
    public static List<Long> pids(String name, String prefix) {
        try {
            return find(name, prefix).stream()
                    .filter(There::isIt)
                    .flatMap(part -> ShmProvider.pids(part.queue()))
                    .distinct()
                    .toList();
        } catch (MessageQueueException goneOrDamaged) {
            return List.of();
        }
    }

    /** Those whose names begin so: of copies of one directory, too. */
    public static List<There> find(String name, String prefix) {
        return Parts.find(Machine.real(), prefix).stream()
                .map(found -> new There(found.queue(), found.path(), found.isOf(name), found.isOpen()))
                .toList();
    }

    /** @return the failure of the disk that ended this one for all, as {@code EIO (5) Input/output error}, or null */
    public static String failure(There part) {
        int errno = Parts.look(Machine.real(), part.queue(), 0, JournalWords::failure);
        return errno == 0 ? null : Errno.name(errno) + " (" + errno + ") " + Errno.text(errno);
    }

    /** Tells whether it is of this life of its directory; no if it cannot be read. */
    public static boolean isOf(There part, UUID token) {
        return Parts.look(Machine.real(), part.queue(), false, words -> words.identity()
                .token()
                .equals(token));
    }

    /**
     * Tells how far the log of one directory has gone by what is in /dev/shm: of this name, or with this beginning and
     * last opened in that directory. One of a copy elsewhere does not count. 0: there is none that can be read.
     */
    public static long copiedUpTo(String name, String prefix, String directory) {
        return Parts.copiedUpTo(Machine.real(), name, prefix, Spec.realPath(directory));
    }

    /** If it was not linked it goes. The files stay the caller's. */
    @Override
    public void close() {
        if (!linked) part.discard();
    }

    private static MessageQueue queue(Handle handle, Spec spec, LogFiles files) {
        boolean made = false;
        try {
            FilesThread thread = new FilesThread();
            Leader leader = new Leader(handle, files, thread::ask);
            readsIn(handle, leader);
            FileKeeper keeper = new FileKeeper(handle, leader, thread, spec.flushNanos);
            ShmQueue queue = new ShmQueue(spec.uri, handle, spec.earlier, keeper);
            QueueUri domain = QueueUri.parse(spec.uri);
            MessageQueue all = spec.domain ? new ShmDomain(domain, queue, queue.createPublisher()) : queue;
            made = true;
            return all;
        } finally {
            if (!made) Leaving.leave(handle);
        }
    }

    private static void readsIn(Handle handle, Leader leader) {
        if (handle.segment.floor instanceof FloorOnDisk floor) floor.readsIn(new ReadBelow(handle, leader));
    }

    /** From now on, also if it only reads. */
    static MessageQueue watched(MessageQueue queue) {
        ShmQueue watched = queue instanceof ShmDomain domain ? domain.queue : (ShmQueue) queue;
        boolean isWatched = false;
        try {
            watched.keeper.start();
            PublisherWatch.watch(watched.publishers);
            isWatched = true;
        } finally {
            if (!isWatched) queue.close(); // there is no thread for it, say
        }
        return queue;
    }
}
