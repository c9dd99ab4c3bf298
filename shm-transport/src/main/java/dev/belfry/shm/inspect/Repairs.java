package dev.belfry.shm.inspect;

import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.AdminLock;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Parts;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import java.util.function.Function;
import java.util.regex.Matcher;

/**
 * The repairs of the command line: those that the next process would do anyway, and the removal of
 * what dead processes have left.
 */
record Repairs(Machine machine) {
    /** False if there is nothing to repair any more, or the finding is not one of these. */
    boolean repair(Finding finding) {
        return removeLeftOver(finding) || repairQueue(nameOf(finding), finding);
    }

    private static String nameOf(Finding finding) {
        return finding.subject().substring(finding.subject().indexOf(':') + 1);
    }

    /** False also if the finding is not one of these. */
    private boolean removeLeftOver(Finding finding) {
        if (finding.check().equals(Remedy.LEFT_OVER_QUEUE.code))
            return Opening.removeIfLeftBehind(machine, nameOf(finding), Ownership.saidForAll());
        if (finding.check().equals(Remedy.LEFT_OVER_PART.code)) return removePart(finding);
        if (!finding.check().equals(Remedy.ORPHAN_SEMAPHORES.code)) return false;
        String name = finding.subject().substring((SharedMemory.DIRECTORY + "/sem.").length());
        Matcher ours = LeftOvers.SEMAPHORE.matcher(name);
        return ours.matches() && NamedSemaphore.removeUnused(machine.libC(), name, true);
    }

    private boolean removePart(Finding finding) {
        LeftOvers leftOvers = new LeftOvers(machine);
        return Parts.find(machine, "").stream()
                .anyMatch(part -> part.path().equals(finding.subject())
                        && !part.isOpen()
                        && leftOvers.part(part).repairable()
                        && Parts.removeUnused(machine, part.queue(), Ownership.saidForAll()));
    }

    /**
     * By joining the queue, as the next process would. False if the finding is not one of these, or the queue has gone.
     */
    private boolean repairQueue(String queue, Finding finding) {
        boolean slots = finding.check().equals(Remedy.STALE_SLOTS.code);
        if (!slots && !finding.check().equals(Remedy.DEAD_HOLDER.code)) return false;
        if (Opening.removeIfLeftBehind(machine, queue)) return true;
        try {
            return repairJoined(queue, slots);
        } catch (QueueNotFoundException gone) {
            return false;
        }
    }

    private boolean repairJoined(String queue, boolean slots) {
        Handle handle = open(queue); // may already take a lock over
        try {
            if (slots) return freeStale(handle);
            takeOver(handle, handle.publishLock, handle::acquirePublishLock);
            takeOver(handle, handle.gateLock, handle.gateLock::acquire);
            return true;
        } finally {
            Leaving.leave(handle);
        }
    }

    private Handle open(String queue) {
        QueueConfig.Builder existing = QueueConfig.builder()
                .create(Create.OPEN_EXISTING)
                // another user's queue is repairable only where it was named
                .attribute(Ownership.OWNER, Ownership.ANY);
        try {
            return open(queue, existing.build());
        } catch (IncompatibleQueueException perhapsADomain) {
            return open(queue, existing.attribute(Log.KIND, Log.DOMAIN).build());
        }
    }

    private Handle open(String queue, QueueConfig config) {
        return Opening.open(machine, queue, config, QueueSettings.of(config), 1);
    }

    private static void takeOver(Handle handle, FutexLock lock, Function<Wait, FutexLock.Outcome> acquire) {
        if (!lock.isHeldByDead()) return;
        if (!acquire.apply(new Wait(AdminLock.WAIT_NANOS, () -> false)).isAcquired()) return;
        lock.release();
        handle.changes.wake();
    }

    private static boolean freeStale(Handle handle) {
        Subscriptions subscriptions = new Subscriptions(handle);
        Slots slots = handle.segment.slots;
        boolean freed = false;
        int highMark = handle.segment.header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) freed |= subscriptions.reclaim(j);
        return freed;
    }
}
