package dev.belfry.shm.segment;

import dev.belfry.api.Create;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates and opens queues. A queue appears whole: it is filled without a name and then linked, and the loser of a race
 * opens the winner's. Every open handle wins a lock byte and holds it until it closes.
 *
 * <p>If the process dies, it leaves nothing before the link. Later it leaves a byte that the kernel drops, and a handle
 * entry. The next winner of that byte takes over the entry with all that its predecessor held.
 */
public final class Opening {
    public static final String SLOTS = "slots";

    /** An attribute that no user can give, for the queues of other transports: each record has a trailer. */
    public static final String TRAILERS = "trailers";

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
    private static final int MOST_TRIES = 1000;

    private Opening() {}

    /** Opens or creates, as the configuration says. */
    public static Handle open(Machine machine, String queue, QueueConfig config, QueueSettings settings, int slots) {
        try {
            Machine.events(); // before they may be needed where there is no memory
            Handle handle = openOrCreate(machine, queue, config, settings, slots);
            handle.tell();
            return handle;
        } catch (PosixException e) {
            throw Failures.of(e, queue, null);
        } catch (CorruptSegmentException corrupt) {
            throw Errors.corrupted(queue, corrupt.getMessage(), corrupt);
        } catch (InternalError truncated) { // SIGBUS: there is no handle yet that could compare the length
            throw Errors.corrupted(queue, "it was cut short while it was opened: " + truncated.getMessage(), truncated);
        }
    }

    private static Handle openOrCreate(
            Machine machine, String queue, QueueConfig config, QueueSettings settings, int slots) {
        Create create = QueueSettings.create(config);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            if (create != Create.CREATE_NEW) {
                Handle handle = openExisting(machine, queue, config);
                if (handle != null) return handle;
                if (QueueFile.isTaken(machine, queue))
                    continue; // a left-over was removed, or the name is changing hands
            }
            if (create == Create.OPEN_EXISTING) throw QueueFile.notFound(machine, queue);
            Handle handle = createNew(machine, queue, config, settings, slots);
            if (handle != null) return handle;
            if (create == Create.CREATE_NEW && isInUse(machine, queue, isDomain(config)))
                throw Errors.exists(queue, SharedMemory.DIRECTORY);
        }
        throw Errors.stepInProgress(
                Segment.uriOf(queue), "other processes, which delete and create it again and again");
    }

    // Create

    /** Null if the name is taken. */
    private static Handle createNew(
            Machine machine, String queue, QueueConfig config, QueueSettings settings, int slots) {
        Creation creation = new Creation(
                settings.capacity(),
                settings.maxCapacity(),
                settings.hasMaxGateTime() ? Math.max(1, settings.maxGateNanos()) : 0,
                settings.allowGating(),
                settings.deleteOnLastClose(),
                slots,
                isDomain(config),
                config.attributes().containsKey(TRAILERS),
                Creation.Sync.NEVER, // it lies in memory only
                false);
        Segment segment;
        try {
            segment = Segment.create(
                    machine,
                    queue,
                    Segment.uriOf(queue),
                    newObject(machine.libC(), queue, settings),
                    creation,
                    UUID.randomUUID(),
                    Segment.BEGINNING);
        } catch (PosixException e) {
            throw creationFailed(machine, queue, creation, e);
        }
        Handle handle = join(segment, true);
        boolean linked = false;
        try {
            linked = segment.object.link(QueueFile.objectName(queue));
        } finally {
            if (!linked) handle.closeObjects();
        }
        if (!linked) return null;
        LOG.debug("{}: linked as {}", queue, QueueFile.objectName(queue));
        return handle;
    }

    static SharedMemory newObject(LibC libC, String queue, QueueSettings settings) {
        int group = settings.group() == null ? -1 : Ownership.groupId(libC, queue, settings.group());
        return SharedMemory.createUnnamed(libC, settings.mode(), group);
    }

    static RuntimeException creationFailed(Machine machine, String queue, Creation creation, PosixException e) {
        try (SharedMemory probe = SharedMemory.createUnnamed(machine.libC(), 0600, -1)) {
            return Failures.ofAllocation(e, creation.headerStorage() + creation.capacity(), queue, probe);
        } catch (PosixException again) {
            return Failures.of(e, queue, null);
        }
    }

    /**
     * For CREATE_NEW: is the queue of that name in use, or was it left by processes that were all
     * killed? In the second case it is removed.
     */
    private static boolean isInUse(Machine machine, String queue, boolean isDomain) {
        QueueConfig.Builder any = QueueConfig.builder();
        if (isDomain) any.attribute(Log.KIND, Log.DOMAIN);
        try {
            Handle handle = openExisting(machine, queue, any.build());
            if (handle == null) return false;
            Leaving.leave(handle);
            return true;
        } catch (MessageQueueException damagedOrForeign) {
            return true;
        }
    }

    // Open

    /** Null if there is none. Refused if it belongs to an owner whose queues this configuration does not join. */
    private static Segment trustedSegment(Machine machine, String queue, QueueConfig config) {
        SharedMemory object = QueueFile.open(machine.libC(), queue);
        if (object == null) return null;
        try {
            Ownership.require(machine.libC(), queue, object.status(), config);
        } catch (Throwable refused) {
            object.close();
            throw refused;
        }
        return Segment.open(machine, queue, Segment.uriOf(queue), object);
    }

    /** Null if there is none, or only one that no process may join any more. */
    private static Handle openExisting(Machine machine, String queue, QueueConfig config) {
        Segment segment = trustedSegment(machine, queue, config);
        if (segment == null) return null;
        try {
            requireCompatible(segment, config);
        } catch (Throwable refused) {
            segment.close();
            throw refused;
        }
        return join(segment, false);
    }

    private static void requireCompatible(Segment segment, QueueConfig config) {
        Creation c = segment.creation;
        String queue = segment.uri;
        if (c.liesInFiles())
            throw Errors.incompatible("'" + queue + "' is the part in memory of a queue that lies in files, and "
                    + QueueFile.pathOf(segment.queue) + " should not have this name. Open the queue by the URI of its"
                    + " directory, as in 'file:/var/lib/prices'; or choose another name.");
        requireSettings(segment, config);
    }

    static void requireSettings(Segment segment, QueueConfig config) {
        Creation c = segment.creation;
        String queue = segment.uri;
        if (c.isDomain() != isDomain(config)) throw Errors.wrongKind(queue, c.isDomain());
        FileStatus status = segment.object.status();
        new QueueSettings(
                        c.capacity(),
                        c.maxCapacity(),
                        status.mode(),
                        null,
                        c.allowGating(),
                        c.maxGateNanos() == 0 ? Deadlines.FOREVER_NANOS : c.maxGateNanos(),
                        c.deleteOnLastClose())
                .requireCompatible(queue, config);
        if (config.group() != null
                && Ownership.groupId(segment.machine.libC(), segment.queue, config.group()) != status.gid())
            throw Errors.otherValue(queue, "group", config.group(), "gid " + status.gid());
        int slots = slots(config, c.slots());
        if (slots != c.slots()) throw Errors.otherValue(queue, SLOTS, slots, c.slots());
    }

    /** The provider has checked what kind it is. */
    private static boolean isDomain(QueueConfig config) {
        return config.attributes().get(Log.KIND) != null;
    }

    /** The parameter of that name, if it is given. */
    public static int slots(QueueConfig config, int otherwise) {
        Object given = config.attributes().get(SLOTS);
        if (given == null) return otherwise;
        int slots;
        try {
            slots = Integer.parseInt(given.toString());
        } catch (NumberFormatException e) {
            slots = 0;
        }
        if (slots < Creation.MIN_SLOTS || slots > Creation.MAX_SLOTS)
            throw new IllegalArgumentException(SLOTS + " must be a number from " + Creation.MIN_SLOTS + " to "
                    + Creation.MAX_SLOTS + ", was '" + given + "'");
        return slots;
    }

    /**
     * Makes this process a member, and owns the segment from here on. Null: the name went
     * meanwhile, or this was a left-over that is removed now.
     */
    static Handle join(Segment segment, boolean created) {
        SharedMemory probe = null;
        SharedMemory token = null;
        Handle handle = null;
        boolean joined = false;
        boolean wanted = false;
        try {
            probe = segment.object.reopen();
            token = segment.object.reopen();
            AdminLock admin = new AdminLock(new ByteRangeLock(token), segment);
            // Under the byte: a newer library that reads the levels of all open handles after this finds ours, and one
            // that
            // raised a feature before this is seen. So a process that is inside never meets one that it does not know.
            admin.take();
            try {
                segment.requireUnderstood();
                handle = winHandle(segment, probe, token, admin);
                takeOverFromPredecessor(handle);
                try {
                    wanted = created || isStillWanted(handle);
                } finally {
                    if (!wanted) retract(handle);
                }
            } finally {
                admin.giveBack();
            }
            joined = wanted;
            return joined ? handle : null;
        } catch (CorruptSegmentException corrupt) {
            throw Errors.corrupted(segment.queue, corrupt.getMessage(), corrupt);
        } catch (PosixException e) {
            throw Failures.of(e, segment.queue, segment.object);
        } finally {
            if (!joined && handle != null) handle.closeObjects();
            if (!joined && handle == null) {
                segment.close(); // the memory before the byte
                if (token != null) token.close();
                if (probe != null) probe.close();
            }
        }
    }

    /** A free entry's byte first; then others, whose owners died. Winning the byte proves that. */
    private static Handle winHandle(Segment segment, SharedMemory probe, SharedMemory tokenObject, AdminLock admin) {
        ByteRangeLock token = new ByteRangeLock(tokenObject);
        Handles handles = segment.handles;
        for (boolean free : new boolean[] {true, false}) {
            for (int h = 0; h < handles.count(); h++) {
                if (handles.isOpen(handles.stateAcquire(h)) == free || !token.tryLock(Liveness.FIRST_BYTE + h))
                    continue;
                long incarnation = handles.open(h, segment.machine.libC().getpid(), System.currentTimeMillis());
                segment.header.bytes().fullFence(); // from here on the predecessor is dead for every process
                return new Handle(segment, probe, tokenObject, token, admin, h, incarnation);
            }
        }
        throw new InsufficientResourcesException("'" + segment.queue + "' has all its " + handles.count()
                + " handles open. Close some, or create it with more slots (slots=" + segment.creation.slots()
                + " now, at most 1024).");
    }

    /** No other process could take these from a dead owner any more: this handle holds the byte now. */
    private static void takeOverFromPredecessor(Handle handle) {
        if (handle.gateLock.takeOverFromPredecessor()) {
            handle.gateLock.release();
            handle.changes.wake();
        }
        if (handle.publishLock.takeOverFromPredecessor()) {
            // if this fails the byte falls with the description: the next process finds a dead
            // owner
            handle.repairRing();
            handle.publishLock.release();
        }
    }

    private static boolean isStillWanted(Handle handle) {
        if (handle.segment.object.status().links() == 0) return false;
        if (!handle.segment.creation.deleteOnLastClose() || !handle.isLast()) return true;
        try {
            Leaving.removeName(handle);
        } catch (PosixException notOurs) { // the directory is sticky: only the file's owner and root may
            throw Failures.leftBehind(handle.segment.queue, handle.segment.object, notOurs);
        }
        LOG.debug("{}: left behind by processes that were killed: removed", handle.segment.queue);
        return false;
    }

    private static void retract(Handle handle) {
        handle.segment.handles.free(handle.index, handle.incarnation);
        handle.dropByte();
    }

    /**
     * Removes a deleteOnLastClose queue whose processes were all killed. False if that is not the
     * case, or the queue is gone.
     */
    public static boolean removeIfLeftBehind(Machine machine, String queue) {
        return removeIfLeftBehind(
                machine,
                queue,
                QueueConfig.builder().attribute(Ownership.OWNER, Ownership.ANY).build());
    }

    /** The same, but only for an owner whose queues this configuration joins. */
    public static boolean removeIfLeftBehind(Machine machine, String queue, QueueConfig config) {
        Segment segment = trustedSegment(machine, queue, config);
        if (segment == null) return false;
        if (!segment.creation.deleteOnLastClose()) {
            segment.close();
            return false;
        }
        Handle handle = join(segment, false); // removes it
        if (handle == null) return true;
        Leaving.leave(handle);
        return false;
    }
}
