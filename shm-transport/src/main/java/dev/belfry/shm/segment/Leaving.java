package dev.belfry.shm.segment;

import dev.belfry.api.MessageQueueException;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.sync.Liveness;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves and deletes queues. A handle that finds all other lock bytes free when it leaves is the
 * last, and removes what is left.
 */
public final class Leaving {
    private static final Logger LOG = LoggerFactory.getLogger(Leaving.class);
    private static final long LEAVE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private Leaving() {}

    /**
     * Its publishers and subscribers are closed, or were abandoned. If stack or memory runs out on
     * the way the handle stays, and the next call does what is left over.
     */
    public static void leave(Handle handle) {
        if (!handle.beginLeaving()) return;
        boolean stays = false;
        try {
            if (!handle.isPoisoned()) end(handle);
        } catch (StackOverflowError | OutOfMemoryError noRoom) {
            handle.left = false; // a store needs neither
            stays = true;
            throw noRoom;
        } finally {
            if (!stays) {
                handle.closeObjects();
                handle.tell();
            }
        }
    }

    private static void end(Handle handle) {
        freeAndCover(handle);
        boolean admin = handle.admin.tryTakeUninterrupted(LEAVE_WAIT_NANOS);
        try {
            if (admin && handle.isLast()) clearUp(handle);
        } finally {
            handle.dropByte();
            if (admin) handle.admin.giveBack();
        }
    }

    private static void freeAndCover(Handle handle) {
        try {
            handle.segment.handles.free(handle.index, handle.incarnation); // the byte still says: alive
            handle.segment.cover(); // before the byte: a thread stuck in a publish now writes to no shared page
        } catch (InternalError gone) {
            // The JVM may report it only after free has returned. It is no longer needed:
            // closing always works, also where the file is whole again by now.
            LOG.warn("{}: it was cut short while in use", handle.segment.name);
            handle.segment.cover();
        }
    }

    /** By the last one: no subscriber sleeps any more. Deletes the queue if it has deleteOnLastClose. */
    private static void clearUp(Handle handle) {
        SlotSemaphores.unlinkAll(handle.segment);
        if (!handle.segment.creation.deleteOnLastClose()) return;
        try {
            removeName(handle);
        } catch (PosixException notOurs) { // the directory is sticky: only the file's owner and root may
            if (notOurs.errno != Errno.EACCES && notOurs.errno != Errno.EPERM) throw notOurs;
            handle.note(() -> LOG.warn(
                    "{}: the last to close it may not remove it: {}", handle.segment.name, notOurs.getMessage()));
        }
    }

    /** Under the admin byte; the name may belong to another user's new queue by now. */
    static void removeName(Handle handle) {
        Segment segment = handle.segment;
        SlotSemaphores.unlinkAll(segment);
        if (QueueFile.isNameOf(segment.machine, segment.queue, segment.object))
            QueueFile.unlink(segment.machine, segment.queue);
    }

    // Delete

    /**
     * Throws if the queue may not be deleted. It is told whether a process has it open; if none
     * has, none can open it during this call.
     */
    public interface Objection {
        void raise(boolean open);
    }

    /**
     * Removes the name; attached processes continue among themselves. Also for a queue that is
     * damaged or of another version.
     */
    public static boolean delete(Machine machine, String queue) {
        return delete(machine, queue, open -> {});
    }

    public static boolean delete(Machine machine, String queue, Objection objection) {
        SharedMemory object = QueueFile.open(machine.libC(), queue);
        if (object == null) return false;
        Notes notes = new Notes();
        try (object;
                SharedMemory token = object.reopen();
                SharedMemory probe = object.reopen()) {
            ByteRangeLock lock = new ByteRangeLock(token);
            if (!AdminLock.tryLock(lock, AdminLock.WAIT_NANOS))
                throw AdminLock.notTaken(lock, Segment.uriOf(queue), "another process");
            try {
                if (!QueueFile.isNameOf(machine, queue, object)) return false;
                boolean open = Liveness.isAnyByteHeld(new ByteRangeLock(probe));
                objection.raise(open);
                if (!open) unlinkSemaphores(machine, queue, object.reopen(), notes);
                return QueueFile.unlink(machine, queue);
            } finally {
                lock.unlock(Liveness.ADMIN_BYTE);
            }
        } catch (PosixException e) {
            throw Failures.of(e, queue, null);
        } finally {
            notes.tell();
        }
    }

    /** Under the admin byte: what is to be logged is noted. */
    private static void unlinkSemaphores(Machine machine, String queue, SharedMemory object, Notes notes) {
        try (Segment segment = Segment.open(machine, queue, Segment.uriOf(queue), object)) {
            notes.add(segment.notes::tell);
            SlotSemaphores.unlinkAll(segment);
        } catch (MessageQueueException notAQueueOfOurs) {
            notes.add(() -> LOG.debug("{}: removing what cannot be opened: {}", queue, notAQueueOfOurs.getMessage()));
        }
    }
}
