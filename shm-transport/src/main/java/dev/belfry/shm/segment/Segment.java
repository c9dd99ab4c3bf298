package dev.belfry.shm.segment;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.MeantWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.Mapping;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.Floor;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Regions;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shared object as one handle has it: the header, and the regions that it has mapped so far. */
public final class Segment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Segment.class);
    static final LogPlace BEGINNING = new LogPlace(0, 1);

    public final Machine machine;
    public final String queue;

    /** As its users name it, for messages. */
    public final String uri;

    public final SegmentHeader header;
    public final RegionTable table;
    public final Handles handles;
    public final Slots slots;
    public final MeantWords meant;
    public final Creation creation;
    public final UUID queueId;

    /** Null: its log is in memory only. */
    public final JournalWords journal;

    /** Subscribers map read-only: a process that only reads cannot damage a record. */
    public final Regions readable;

    public final Regions writable;
    public final Floor floor;

    /** For people: they know a directory by its URI, and not what it has in memory. */
    public final String name;

    public final Notes notes = new Notes();

    public final SharedMemory object;
    private final Mapping headerMapping;
    private final List<Mapping> regionMappings = new ArrayList<>();
    private long confirmedLength;
    private volatile boolean covered;

    private Segment(
            Machine machine,
            String queue,
            String uri,
            SharedMemory object,
            Mapping headerMapping,
            SegmentHeader header,
            Creation creation) {
        this.machine = machine;
        this.queue = queue;
        this.uri = uri;
        this.object = object;
        this.headerMapping = headerMapping;
        this.header = header;
        this.creation = creation;
        this.queueId = header.queueId();
        boolean always = creation.sync() == Creation.Sync.ALWAYS;
        this.journal = creation.liesInFiles() ? new JournalWords(header.bytes(), always) : null;
        this.table = new RegionTable(header.bytes(), SegmentHeader.REGIONS);
        this.handles = new Handles(header.bytes(), creation.handlesAt(), creation.handles());
        this.slots = new Slots(header.bytes(), creation.slotsAt(), creation.slots());
        this.name = journal == null ? queue : uri;
        this.meant = new MeantWords(header.bytes(), slots);
        int pad = RecordHeader.pad(creation.hasTrailers());
        this.readable = new Regions(table, pad, (region, place, capacity) -> map(region, place, capacity, false));
        this.writable = new Regions(table, pad, (region, place, capacity) -> map(region, place, capacity, true));
        this.floor = creation.hasHistory()
                ? new FloorOnDisk(header, readable, slots, journal, creation, this::isCovered)
                : new Floor(header, readable, slots);
    }

    /**
     * An object without a name, filled; it becomes a queue when it is linked. {@code object} is closed if this fails.
     * {@code start}: where its log begins.
     */
    static Segment create(
            Machine machine,
            String queue,
            String uri,
            SharedMemory object,
            Creation creation,
            UUID queueId,
            LogPlace start) {
        Mapping mapping = null;
        try {
            requirePagesFit(machine, queue, creation);
            object.allocate(0, creation.headerStorage());
            object.allocate(creation.headerLength(), creation.capacity());
            mapping = object.map(0, creation.headerLength(), true);
            SegmentHeader header = new SegmentHeader(over(machine, mapping));
            creation.write(header.bytes(), queueId, System.currentTimeMillis());
            Segment segment = new Segment(machine, queue, uri, object, mapping, header, creation);
            segment.confirmLength();
            segment.table.create(creation.headerLength(), creation.capacity(), start.offset());
            // Never plain 0: a joiner resolves the next position from the stamp of the empty word, also of the first.
            segment.writable.putFirstWord(RecordHeader.empty(start.position()));
            if (start != BEGINNING) header.begin(start.offset(), start.position(), creation.capacity());
            header.valid();
            LOG.debug(
                    "{}: created, {} of header and {} of ring",
                    queue,
                    Units.size(creation.headerStorage()),
                    Units.size(creation.capacity()));
            return segment;
        } catch (Throwable failed) {
            if (mapping != null) mapping.coverWithZeroPages();
            object.close();
            throw failed;
        }
    }

    /** For an object that is open already; {@code object} is closed if this fails. */
    static Segment open(Machine machine, String queue, String uri, SharedMemory object) {
        return open(machine, queue, uri, object, true);
    }

    /** For reading only: the header is mapped read-only, so that the processor itself prevents changes. */
    public static Segment look(Machine machine, String queue, SharedMemory object) {
        return open(machine, queue, uriOf(queue), object, false);
    }

    private static Segment open(Machine machine, String queue, String uri, SharedMemory object, boolean writable) {
        Mapping mapping = null;
        try {
            long length = QueueFile.check(queue, object.status());
            mapping = object.map(0, SegmentHeader.SIZE, false);
            SegmentHeader first = new SegmentHeader(over(machine, mapping));
            if (!first.hasMagic()) throw QueueFile.foreign(queue);
            if (length < SegmentHeader.SIZE)
                throw Errors.corrupted(queue, QueueFile.pathOf(queue) + " has only " + length + " bytes", null);
            if (first.layoutVersion() != SegmentHeader.LAYOUT_VERSION)
                throw Errors.incompatibleLayout(
                        queue, first.layoutVersion(), SegmentHeader.LAYOUT_VERSION, SegmentHeader.LAYOUT_VERSION);
            requireUnderstood(queue, first);
            Creation creation = Creation.read(first.bytes(), length);
            mapping.coverWithZeroPages();
            mapping = object.map(0, creation.headerLength(), writable);
            Segment segment = new Segment(
                    machine, queue, uri, object, mapping, new SegmentHeader(over(machine, mapping)), creation);
            segment.confirmLength();
            LOG.debug("{}: mapped, {}", segment.name, Units.size(length));
            return segment;
        } catch (Throwable failed) {
            if (mapping != null) mapping.coverWithZeroPages();
            object.close();
            if (failed instanceof CorruptSegmentException) throw Errors.corrupted(queue, failed.getMessage(), failed);
            throw failed;
        }
    }

    private static void requireUnderstood(String queue, SegmentHeader header) {
        String newer = header.notUnderstood();
        if (newer != null)
            throw new IncompatibleVersionException(
                    "'" + queue + "' needs a newer library, for its " + newer + ". Upgrade.");
    }

    /** Again, under the admin byte: a newer library may have raised a feature since this was opened. */
    void requireUnderstood() {
        requireUnderstood(queue, header);
    }

    /** The URI of one that is in memory only. */
    static String uriOf(String queue) {
        return "shm:" + queue;
    }

    /** A ring that is shorter than a page cannot be mapped twice in a row. */
    private static void requirePagesFit(Machine machine, String queue, Creation creation) {
        long page = SharedMemory.pageSize(machine.libC());
        if (creation.capacity() >= page) return;
        throw new IllegalArgumentException("capacity (" + Units.size(creation.capacity()) + ") of '" + queue
                + "' is less than a page of this kernel, and a ring is made of whole pages: " + Units.size(page)
                + " is the least here");
    }

    public static SharedBytes over(Machine machine, Mapping mapping) {
        return new SharedBytes(machine.stores(), mapping.address, mapping.length, mapping.buffer);
    }

    private synchronized SharedBytes map(int region, long place, long capacity, boolean writable) {
        // The length that fstat confirmed, never the mapped one: a page after the end of the object
        // is SIGBUS.
        if (place < creation.headerLength()
                || place % SegmentHeader.ALIGNMENT != 0
                || place > confirmLength() - capacity)
            throw new CorruptSegmentException(
                    "region " + region + " at " + place + " of " + capacity + " in " + confirmedLength);
        if (covered) throw Errors.closed("Queue '" + uri + "'");
        Mapping mapping = object.mapTwice(place, capacity, writable);
        regionMappings.add(mapping);
        notes.add(() -> LOG.debug(
                "{}: mapped region {}, {} twice{}",
                queue,
                region,
                Units.size(capacity),
                writable ? "" : ", read-only"));
        return over(machine, mapping);
    }

    private synchronized long confirmLength() {
        long length = object.status().size();
        confirmedLength = Math.max(confirmedLength, length); // one that was cut stays so
        return length;
    }

    /** Reserves storage for a region at the object's end; it is not visible before its base is. */
    public void allocate(long place, long capacity) {
        object.allocate(place, capacity);
    }

    /** Whether the object was cut short. Then an InternalError is the SIGBUS of it. */
    public boolean isTruncated() {
        try {
            return object.status().size() < confirmedLength;
        } catch (RuntimeException closedMeanwhile) {
            return false;
        }
    }

    /**
     * The JVM reports late that a page is gone. So before an InternalError of a semaphore is
     * forgiven, this checks whether the segment was the cause.
     */
    void refuseIfTruncated(Throwable failure) {
        if (failure instanceof InternalError gone && isTruncated()) throw gone;
    }

    /** Whether the memory is covered, so that writes of this process have no effect. */
    public boolean isCovered() {
        return covered;
    }

    /**
     * The shared memory goes, the addresses stay. The header first: a thread that is stuck in the
     * middle of a publish then writes tail, count and unlock to unshared pages. Its record stands
     * whole, and repair counts it, or it does not exist.
     */
    synchronized void cover() {
        covered = true;
        headerMapping.coverWithZeroPages();
        regionMappings.forEach(Mapping::coverWithZeroPages);
    }

    @Override
    public void close() {
        cover();
        floor.close();
        object.close();
    }
}
