package dev.belfry.shm.segment;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Live parts: segments of queues whose logs lie in files as well. One is made of what the files have, without a name,
 * and appears whole. Its name is one that no queue in memory can have.
 */
public final class Parts {
    private static final String PREFIX = ".file.";

    private static final int PAGE = 4096;

    /** So many uses of a slot or a handle in one life; no number is used again in a later one. */
    private static final int LIFE_SHIFT = 24;

    private final Segment segment;
    public final Handle handle;
    private int region;
    private int named;

    private Parts(Segment segment, Handle handle) {
        this.segment = segment;
        this.handle = handle;
    }

    /** The part of it that all its lives have in common. */
    public record Kind(
            String name,
            String uri,
            String directory,
            QueueSettings settings,
            int slots,
            boolean domain,
            Creation.Sync sync,
            boolean history) {
        String queue() {
            return PREFIX + name;
        }
    }

    /**
     * Null: there is none of this name, or one that does not belong to this life, that has failed, or does not count.
     * {@code mayBeOf} is given its file if its owner is neither this user nor root: may it be the directory's? It may
     * refuse. {@code counts} is given the directory in which it was opened last, empty if that is not known, and up to
     * where it was copied to the files, which are to have that. It may refuse.
     */
    public static Handle open(
            Machine machine,
            Kind kind,
            JournalWords.Identity identity,
            QueueConfig config,
            Predicate<FileStatus> mayBeOf,
            BiPredicate<String, Long> counts) {
        SharedMemory object = QueueFile.open(machine.libC(), kind.queue());
        if (object == null) return null;
        try {
            FileStatus file = object.status();
            boolean isTrusted = Ownership.isTrusted(file.uid(), machine.libC().geteuid());
            if (!isTrusted && !mayBeOf.test(file)) Ownership.require(machine.libC(), kind.uri, file, config);
        } catch (Throwable refused) {
            object.close();
            throw refused;
        }
        Segment segment = Segment.open(machine, kind.queue(), kind.uri, object);
        boolean ours = false;
        try {
            ours = segment.journal != null
                    && segment.journal.identity().equals(identity)
                    && !segment.journal.hasFailed()
                    && counts.test(segment.journal.directory(), segment.journal.copiedAcquire());
            if (ours) Opening.requireSettings(segment, config);
        } catch (CorruptSegmentException damaged) {
            segment.close();
            throw Errors.corrupted(kind.uri, damaged.getMessage(), damaged);
        } catch (Throwable refused) {
            segment.close();
            throw refused;
        }
        if (ours) segment.journal.directory(kind.directory);
        if (ours) return Opening.join(segment, false);
        segment.close();
        return null;
    }

    /** False: there was none of this name. Processes that have it open go on with each other. */
    public static boolean setAside(Machine machine, String name) {
        return Leaving.delete(machine, PREFIX + name);
    }

    /** One that no process has open, of an owner whose queues this configuration joins. */
    public static boolean removeUnused(Machine machine, String queue, QueueConfig config) {
        try (SharedMemory object = QueueFile.open(machine.libC(), queue)) {
            if (object == null) return false;
            Ownership.require(machine.libC(), queue, object.status(), config);
        }
        return Leaving.delete(machine, queue, open -> {
            if (open) throw Errors.queueInUse(QueueFile.pathOf(queue), List.of());
        });
    }

    /**
     * Live parts whose names begin so.
     *
     * @param queue its name among all queues
     * @param isOpen whether a process has it open
     */
    public record Found(String queue, boolean isOpen) {
        public String path() {
            return QueueFile.pathOf(queue);
        }

        public boolean isOf(String name) {
            return queue.equals(PREFIX + name);
        }
    }

    public static List<Found> find(Machine machine, String prefix) {
        List<Found> all = new ArrayList<>();
        for (String queue : QueueFile.beginningWith(PREFIX + prefix)) {
            try (SharedMemory object = QueueFile.open(machine.libC(), queue)) {
                if (object != null) all.add(new Found(queue, Liveness.isAnyByteHeld(new ByteRangeLock(object))));
            } catch (MessageQueueException notOurs) { // such as of another user: perhaps open
                all.add(new Found(queue, true));
            }
        }
        return all;
    }

    /**
     * Reads the words of a live part.
     *
     * @param otherwise for one that cannot be read: of another user or version, or left by a crash of the machine
     */
    public static <T> T look(Machine machine, String queue, T otherwise, Function<JournalWords, T> what) {
        try {
            SharedMemory object = QueueFile.open(machine.libC(), queue);
            if (object == null) return otherwise;
            try (Segment segment = Segment.look(machine, queue, object)) {
                return segment.journal == null ? otherwise : what.apply(segment.journal);
            }
        } catch (MessageQueueException | CorruptSegmentException unreadable) {
            return otherwise;
        }
    }

    /**
     * Tells how far the log of live parts has gone that have this name, or whose names begin so and that were opened
     * last in this directory, or nobody knows where; 0: there are none that can be read.
     */
    public static long copiedUpTo(Machine machine, String name, String prefix, String directory) {
        long most = 0;
        for (String queue : QueueFile.beginningWith(PREFIX + prefix)) {
            long upTo = look(machine, queue, 0L, journal -> {
                String last = journal.directory();
                boolean counts = queue.equals(PREFIX + name) || last.isEmpty() || last.equals(directory);
                return counts ? journal.copiedAcquire() : 0;
            });
            most = Math.max(most, upTo);
        }
        return most;
    }

    /**
     * Without a name, with a log that begins there and goes on for {@code length} bytes. It has only one member, who
     * links or closes it.
     */
    public static Parts create(
            Machine machine,
            Kind kind,
            JournalWords.Identity identity,
            UUID queueId,
            long life,
            LogPlace floor,
            LogPlace start,
            long length,
            long readyUpTo) {
        QueueSettings settings = kind.settings;
        Creation creation = new Creation(
                capacity(settings, length),
                settings.maxCapacity(),
                settings.hasMaxGateTime() ? Math.max(1, settings.maxGateNanos()) : 0,
                settings.allowGating(),
                false,
                kind.slots,
                kind.domain,
                true,
                kind.sync,
                kind.history);
        SharedMemory object = Opening.newObject(machine.libC(), kind.uri, settings);
        Segment segment;
        try {
            segment = Segment.create(machine, kind.queue(), kind.uri, object, creation, queueId, start);
        } catch (PosixException e) {
            throw Opening.creationFailed(machine, kind.uri, creation, e);
        }
        try {
            segment.journal.create(identity, start.offset(), start.position(), readyUpTo);
            if (kind.history) segment.journal.createFloor(floor.offset(), floor.position());
            segment.journal.directory(kind.directory);
            for (int h = 0; h < creation.handles(); h++) segment.handles.free(h, life << LIFE_SHIFT);
            for (int j = 0; j < creation.slots(); j++) {
                segment.slots.semInc(j, life << LIFE_SHIFT);
                segment.slots.stateRelease(j, unused(life << LIFE_SHIFT));
            }
        } catch (Throwable failure) {
            segment.close();
            throw failure;
        }
        return new Parts(segment, Opening.join(segment, true));
    }

    private static long unused(long incarnation) {
        return SlotState.of(incarnation, SlotState.FREE, false, SlowSubscriber.GATE_PUBLISHER, false);
    }

    /** The capacity of a ring that has so many bytes, and a word that is empty after them. */
    private static long capacity(QueueSettings settings, long length) {
        long capacity = settings.capacity();
        while (capacity < length + RecordHeader.SIZE && capacity < settings.maxCapacity()) capacity *= 2;
        return capacity;
    }

    /** Bytes of the log, as they were in a ring, in their order; all of them in the ring of their beginning. */
    public void fill(long offset, ByteBuffer bytes, int from, int length) {
        RegionTable table = segment.table;
        if (length != 0 && region != 0)
            segment.allocate(table.place(region) + offset - table.baseAcquire(region), length);
        if (length != 0 && !segment.writable.fill(offset, bytes, from, length))
            throw new CorruptSegmentException("its log from " + segment.table.baseAcquire(region) + " on is longer than"
                    + " a ring of " + segment.table.capacity(region));
    }

    /** There was a HOP before this offset: the log goes on in another ring, for {@code length} bytes. */
    public void hop(QueueSettings settings, long offset, long length) {
        if (region + 1 == RegionTable.ENTRIES)
            throw new CorruptSegmentException("its log has more than " + RegionTable.ENTRIES + " rings");
        RegionTable table = segment.table;
        long place = SegmentHeader.aligned(table.place(region) + table.capacity(region));
        // No smaller than the one before, or each life would grow through all sizes again, and leave a HOP for each.
        long capacity = Math.max(table.capacity(region), capacity(settings, length));
        segment.allocate(
                place + capacity - PAGE, PAGE); // its end; of the rest, what is filled, and all of the last one
        region++;
        table.place(region, place, capacity);
        table.baseRelease(region, offset);
    }

    /** All is filled: the log ends there. */
    public void end(long offset, long position) {
        RegionTable table = segment.table;
        segment.allocate(table.place(region), table.capacity(region));
        segment.writable.putLastWord(offset, RecordHeader.empty(position));
        segment.header.end(offset, position, region, table.baseAcquire(region) + table.capacity(region));
        segment.journal.raiseDurable(offset);
        segment.journal.raiseDurablePosition(position - 1);
        segment.journal.raiseCopied(offset);
        segment.journal.raiseCopiedPosition(position - 1);
    }

    /** A named subscription, or a mark, that nobody is attached to. All up to {@code given} counts as handed over. */
    public void named(String name, int policy, int ackMode, LogPlace next, long first, long given, long lost) {
        int slot = named++;
        Slots slots = segment.slots;
        long incarnation = SlotState.incarnation(slots.stateAcquire(slot)) + 1;
        slots.name(slot, name);
        slots.ackMode(slot, ackMode);
        slots.birth(slot, incarnation);
        slots.semInc(slot, incarnation);
        slots.first(slot, first);
        slots.startPosRelease(slot, first);
        slots.readPos(slot, Math.max(given, next.position() - 1));
        slots.lostRelease(slot, lost);
        slots.ackPosRelease(slot, next.position() - 1);
        slots.ackOffRelease(slot, next.offset());
        slots.aloneSince(slot, incarnation, System.currentTimeMillis());
        boolean acknowledges = AckCode.mode(ackMode) != AckMode.NONE;
        slots.stateRelease(slot, SlotState.of(incarnation, SlotState.DETACHED, true, policy, acknowledges));
        segment.header.highMarkRelease(named);
    }

    /** False: the name is taken. */
    public boolean link() {
        return segment.object.link(QueueFile.objectName(segment.queue));
    }

    /** It is not to be linked. */
    public void discard() {
        handle.closeObjects();
    }
}
