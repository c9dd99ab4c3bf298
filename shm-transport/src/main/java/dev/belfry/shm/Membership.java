package dev.belfry.shm;

import dev.belfry.api.Create;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader.Creation;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.Groups;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.posix.Users;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, opens, leaves and deletes queues. A queue appears whole: it is filled without a name and then linked, and the loser of a race opens the
 * winner's. Every open handle wins a lock byte and holds it until it closes; who finds all others free when it leaves is the last.
 *
 * <p>Left behind if the process dies: before the link nothing; later a byte that the kernel drops, and a handle entry that the next winner of that byte
 * takes over with whatever its predecessor held.
 */
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final long LEAVE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_TRIES = 1000;

    private Membership() {}

    /** Opens or creates, as the configuration says. */
    static Handle open(Machine machine, String queue, QueueConfig config, QueueSettings settings, int slots) {
        try {
            Handle handle = openOrCreate(machine, queue, config, settings, slots);
            handle.tell();
            return handle;
        } catch (PosixException e) {
            throw Failures.of(e, queue, null);
        } catch (CorruptSegmentException corrupt) {
            throw Errors.corrupted(queue, corrupt.getMessage(), corrupt);
        } catch (InternalError truncated) { // SIGBUS: there is no handle yet whom to ask for the length
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
                if (nameIsTaken(machine, queue))
                    continue; // a left-over was removed, or the name changes hands just now
            }
            if (create == Create.OPEN_EXISTING) throw notFound(machine, queue);
            Handle handle = createNew(machine, queue, settings, slots);
            if (handle != null) return handle;
            if (create == Create.CREATE_NEW && isInUse(machine, queue))
                throw Errors.exists(queue, SharedMemory.DIRECTORY);
        }
        throw Errors.stepInProgress("shm:" + queue, "others, who delete and create it again and again");
    }

    private static boolean nameIsTaken(Machine machine, String queue) {
        return SharedMemory.status(machine.libC(), Segment.objectName(queue)) != null;
    }

    static RuntimeException notFound(Machine machine, String queue) {
        return Errors.notFound(
                queue, SharedMemory.DIRECTORY + device(machine), "Another container? Share /dev/shm or use --ipc.");
    }

    /** Says which of several /dev/shm this process sees. */
    private static String device(Machine machine) {
        try (SharedMemory probe = SharedMemory.createUnnamed(machine.libC(), 0600, -1)) {
            long device = probe.status().device();
            return " (device " + (device >>> 32) + ":" + (int) device + ")";
        } catch (PosixException full) {
            return "";
        }
    }

    // Create

    /** Null if the name is taken. */
    private static Handle createNew(Machine machine, String queue, QueueSettings settings, int slots) {
        Creation creation = new Creation(
                settings.capacity(),
                settings.maxCapacity(),
                settings.hasMaxGateTime() ? Math.max(1, settings.maxGateNanos()) : 0,
                settings.allowGating(),
                settings.deleteOnLastClose(),
                slots);
        Segment segment;
        try {
            segment = Segment.create(machine, queue, newObject(machine.libC(), queue, settings), creation);
        } catch (PosixException e) {
            throw creationFailed(machine, queue, creation, e);
        }
        Handle handle = attach(segment, true);
        boolean linked = false;
        try {
            linked = segment.object().link(Segment.objectName(queue));
        } finally {
            if (!linked) handle.closeObjects();
        }
        if (!linked) return null;
        LOG.debug("{}: linked as {}", queue, Segment.objectName(queue));
        return handle;
    }

    private static SharedMemory newObject(LibC libC, String queue, QueueSettings settings) {
        int group = settings.group() == null ? -1 : groupId(libC, queue, settings.group());
        return SharedMemory.createUnnamed(libC, settings.mode(), group);
    }

    private static int groupId(LibC libC, String queue, String group) {
        int id = Groups.idOf(libC, group);
        if (id < 0)
            throw new IllegalArgumentException(
                    "group '" + group + "' of '" + queue + "' does not exist on this machine");
        return id;
    }

    private static RuntimeException creationFailed(Machine machine, String queue, Creation creation, PosixException e) {
        try (SharedMemory probe = SharedMemory.createUnnamed(machine.libC(), 0600, -1)) {
            return Failures.ofAllocation(e, creation.headerStorage() + creation.capacity(), queue, probe);
        } catch (PosixException again) {
            return Failures.of(e, queue, null);
        }
    }

    /** For CREATE_NEW: is what has the name in use, or a left-over of processes that were all killed? That one is removed. */
    private static boolean isInUse(Machine machine, String queue) {
        try {
            Handle handle = openExisting(machine, queue, QueueConfig.defaults());
            if (handle == null) return false;
            leave(handle);
            return true;
        } catch (MessageQueueException damagedOrForeign) {
            return true;
        }
    }

    // Open

    /** Null if there is none, or only one that nobody may join any more. */
    private static Handle openExisting(Machine machine, String queue, QueueConfig config) {
        SharedMemory object = openObject(machine.libC(), queue);
        if (object == null) return null;
        try {
            Ownership.require(machine.libC(), queue, object.status(), config);
        } catch (Throwable refused) {
            object.close();
            throw refused;
        }
        Segment segment = Segment.open(machine, queue, object);
        try {
            requireCompatible(segment, config);
        } catch (Throwable refused) {
            segment.close();
            throw refused;
        }
        return attach(segment, false);
    }

    /** Null if there is no such name. */
    static SharedMemory openObject(LibC libC, String queue) {
        try {
            return SharedMemory.open(libC, Segment.objectName(queue));
        } catch (PosixException e) {
            throw switch (e.errno()) {
                case Errno.EACCES, Errno.EPERM -> Failures.denied(libC, queue, e);
                case Errno.ELOOP, Errno.EISDIR, Errno.EINVAL, Errno.ENXIO, Errno.ENODEV ->
                    Segment.notRegular(queue, " (" + e.getMessage() + ")");
                default -> Failures.of(e, queue, null);
            };
        }
    }

    private static void requireCompatible(Segment segment, QueueConfig config) {
        Creation c = segment.creation;
        FileStatus status = segment.object().status();
        new QueueSettings(
                        c.capacity(),
                        c.maxCapacity(),
                        status.mode(),
                        null,
                        c.allowGating(),
                        c.maxGateNanos() == 0 ? Deadlines.FOREVER_NANOS : c.maxGateNanos(),
                        c.deleteOnLastClose())
                .requireCompatible(config);
        if (config.group() != null && groupId(segment.machine.libC(), segment.queue, config.group()) != status.gid())
            throw Errors.incompatible("group " + config.group() + " requested, existing queue has gid " + status.gid());
        int slots = ShmProvider.slots(config, c.slots());
        if (slots != c.slots())
            throw Errors.incompatible("slots " + slots + " requested, existing queue has " + c.slots());
    }

    /** Makes it a member; owns the segment from here on. Null: the name went meanwhile, or this was a left-over that is removed now. */
    private static Handle attach(Segment segment, boolean created) {
        SharedMemory probe = null;
        SharedMemory token = null;
        Handle handle = null;
        boolean joined = false;
        boolean wanted = false;
        try {
            probe = segment.object().reopen();
            token = segment.object().reopen();
            Admin admin = new Admin(new ByteRangeLock(token), segment);
            admin.take();
            try {
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
            throw Failures.of(e, segment.queue, segment.object());
        } finally {
            if (!joined && handle != null) handle.closeObjects();
            if (!joined && handle == null) {
                segment.close(); // the memory before the byte
                if (token != null) token.close();
                if (probe != null) probe.close();
            }
        }
    }

    /** A free entry's byte first: then others', whose owners died. Winning the byte proves that. */
    private static Handle winHandle(Segment segment, SharedMemory probe, SharedMemory tokenObject, Admin admin) {
        ByteRangeLock token = new ByteRangeLock(tokenObject);
        Handles handles = segment.handles;
        for (boolean free : new boolean[] {true, false}) {
            for (int h = 0; h < handles.count(); h++) {
                if (handles.isOpen(handles.stateAcquire(h)) == free || !token.tryLock(Liveness.FIRST_BYTE + h))
                    continue;
                long incarnation = handles.open(h, segment.machine.libC().getpid(), System.currentTimeMillis());
                segment.header.bytes().fullFence(); // from here on the predecessor is dead to everybody
                return new Handle(segment, probe, tokenObject, token, admin, h, incarnation);
            }
        }
        throw new InsufficientResourcesException("'" + segment.queue + "' has all its " + handles.count()
                + " handles open. Close some, or create it with more slots (slots=" + segment.creation.slots()
                + " now, at most 1024).");
    }

    /** Nobody else could take these from a dead owner any more: our byte is held now. */
    private static void takeOverFromPredecessor(Handle handle) {
        if (handle.gateLock.takeOverFromPredecessor()) {
            handle.gateLock.release();
            handle.room.wake();
        }
        if (handle.publishLock.takeOverFromPredecessor()) {
            handle.repairRing(); // if this fails the byte falls with the description: the next one finds a dead owner
            handle.publishLock.release();
        }
    }

    private static boolean isStillWanted(Handle handle) {
        if (handle.segment.object().status().links() == 0) return false;
        if (!handle.segment.creation.deleteOnLastClose() || !handle.isLast()) return true;
        try {
            removeName(handle);
        } catch (PosixException notOurs) { // the directory is sticky: only the file's owner and root may
            throw Failures.leftBehind(handle.segment, notOurs);
        }
        LOG.debug("{}: left behind by processes that were killed: removed", handle.segment.queue);
        return false;
    }

    private static void retract(Handle handle) {
        handle.segment.handles.free(handle.index, handle.incarnation);
        handle.dropByte();
    }

    // Leave

    /** Its publishers and subscribers are closed, or left to their fate. */
    static void leave(Handle handle) {
        if (!handle.beginLeaving()) return;
        try {
            if (!handle.isPoisoned()) {
                free(handle); // the byte still says: alive
                handle.segment.cover(); // before the byte: whoever is stuck inside a publish now writes to nobody
                boolean admin = handle.admin.tryTakeUninterrupted(LEAVE_WAIT_NANOS);
                try {
                    if (admin && handle.isLast()) clearUp(handle);
                } finally {
                    handle.dropByte();
                    if (admin) handle.admin.giveBack();
                }
            }
        } finally {
            handle.closeObjects();
            handle.tell();
        }
    }

    private static void free(Handle handle) {
        try {
            handle.segment.handles.free(handle.index, handle.incarnation);
        } catch (InternalError gone) {
            // No longer needed: closing always works, also where the file is whole again by now.
            LOG.warn("{}: it was cut short while in use", handle.segment.queue);
        }
    }

    /** By the last one: nobody sleeps any more; and the queue goes, if it shall. */
    private static void clearUp(Handle handle) {
        unlinkSemaphores(handle.segment);
        if (!handle.segment.creation.deleteOnLastClose()) return;
        try {
            removeName(handle);
        } catch (PosixException notOurs) { // the directory is sticky: only the file's owner and root may
            if (notOurs.errno() != Errno.EACCES && notOurs.errno() != Errno.EPERM) throw notOurs;
            handle.note(() -> LOG.warn(
                    "{}: the last to close it may not remove it: {}", handle.segment.queue, notOurs.getMessage()));
        }
    }

    /** Under the admin byte; the name may be somebody else's new queue by now. */
    private static void removeName(Handle handle) {
        Segment segment = handle.segment;
        unlinkSemaphores(segment);
        if (isNameOf(segment.machine, segment.queue, segment.object())) unlink(segment.machine, segment.queue);
    }

    private static boolean isNameOf(Machine machine, String queue, SharedMemory object) {
        FileStatus there = SharedMemory.status(machine.libC(), Segment.objectName(queue));
        return there != null && there.sameFile(object.status());
    }

    private static boolean unlink(Machine machine, String queue) {
        LOG.debug("{}: unlinked {}", queue, Segment.objectName(queue));
        return SharedMemory.unlink(machine.libC(), Segment.objectName(queue));
    }

    private static void unlinkSemaphores(Segment segment) {
        SlotSemaphores.unlinkAll(segment.machine.libC(), segment.queueId);
    }

    // Delete

    /** Throws if it may not be deleted; told whether anybody has it open. If nobody has, nobody will as long as this takes. */
    interface Objection {
        void raise(boolean open);
    }

    /** Removes the name; whoever is attached goes on among themselves. Also what is damaged or another version's. */
    static boolean delete(Machine machine, String queue) {
        return delete(machine, queue, open -> {});
    }

    static boolean delete(Machine machine, String queue, Objection objection) {
        SharedMemory object = openObject(machine.libC(), queue);
        if (object == null) return false;
        try (object;
                SharedMemory token = object.reopen();
                SharedMemory probe = object.reopen()) {
            ByteRangeLock lock = new ByteRangeLock(token);
            if (!Admin.tryLock(lock, Admin.WAIT_NANOS)) throw Admin.notTaken(lock, queue, "another process");
            try {
                if (!isNameOf(machine, queue, object)) return false;
                boolean open = Liveness.isAnyByteHeld(new ByteRangeLock(probe));
                objection.raise(open);
                if (!open) unlinkSemaphores(machine, queue, object.reopen());
                return unlink(machine, queue);
            } finally {
                lock.unlock(Liveness.ADMIN_BYTE);
            }
        } catch (PosixException e) {
            throw Failures.of(e, queue, null);
        }
    }

    private static void unlinkSemaphores(Machine machine, String queue, SharedMemory object) {
        try (Segment segment = Segment.open(machine, queue, object)) {
            unlinkSemaphores(segment);
        } catch (MessageQueueException notAQueueOfOurs) {
            LOG.debug("{}: removing what cannot be opened: {}", queue, notAQueueOfOurs.getMessage());
        }
    }

    /** Removes a queue that goes with its last handle and whose processes were all killed; false if it is another case, or gone. */
    static boolean removeIfLeftBehind(Machine machine, String queue) {
        return removeIfLeftBehind(
                machine,
                queue,
                QueueConfig.builder().attribute(Ownership.OWNER, Ownership.ANY).build());
    }

    /** The same, only of an owner whose queues this configuration lets it join. */
    static boolean removeIfLeftBehind(Machine machine, String queue, QueueConfig config) {
        SharedMemory object = openObject(machine.libC(), queue);
        if (object == null) return false;
        try {
            Ownership.require(machine.libC(), queue, object.status(), config);
        } catch (Throwable refused) {
            object.close();
            throw refused;
        }
        Segment segment = Segment.open(machine, queue, object);
        if (!segment.creation.deleteOnLastClose()) {
            segment.close();
            return false;
        }
        Handle handle = attach(segment, false); // removes it
        if (handle == null) return true;
        leave(handle);
        return false;
    }

    // Look

    /** What list says of one name, without joining it; null if it went meanwhile. */
    static QueueInfo look(Machine machine, String queue, URI uri) {
        String owner = null;
        try {
            SharedMemory object = openObject(machine.libC(), queue);
            if (object == null) return null;
            owner = Users.describe(machine.libC(), object.status().uid());
            try (Segment segment = Segment.look(machine, queue, object)) {
                return new QueueInfo(uri, segment.queueId, null, owner);
            }
        } catch (MessageQueueException | PosixException problem) {
            return new QueueInfo(uri, null, problem.getMessage(), owner);
        } catch (InternalError truncated) {
            return new QueueInfo(uri, null, "'" + queue + "' was cut short while it was looked at", owner);
        }
    }
}
