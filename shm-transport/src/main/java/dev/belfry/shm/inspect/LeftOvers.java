package dev.belfry.shm.inspect;

import dev.belfry.api.MessageQueueException;
import dev.belfry.shm.journal.DirectoryReads;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.posix.Users;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Parts;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The left-overs of killed processes that provably no process uses: deleteOnLastClose queues of
 * which no handle is open, and semaphores that no process has mapped. A semaphore without a queue
 * proves nothing: a deleted queue is still used by its attached processes.
 */
record LeftOvers(Machine machine) {
    static final Pattern SEMAPHORE = Pattern.compile("belfry\\.([0-9a-f]{32})\\.\\d+\\.\\d+");

    /** Waits for no disk that hangs: of that its own queues tell. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    List<Finding> queue(String queue) {
        try (QueueView view = QueueView.of(machine, queue)) {
            if (view == null || !view.segment.creation.deleteOnLastClose()) return List.of();
            if (view.liveness.isAnybodyAlive(-1)) return List.of();
            SharedMemory object = view.segment.object;
            if (object.status().links() == 0) return List.of(); // the last one removed it before it left
            return List.of(Remedy.LEFT_OVER_QUEUE
                    .information(
                            "shm:" + queue,
                            "was created with deleteOnLastClose, and all processes that had it open were killed"
                                    + whose(object))
                    .andRepairable());
        } catch (MessageQueueException | PosixException | CorruptSegmentException | InternalError notToBeLookedAt) {
            return List.of();
        }
    }

    /** The queue was not named by the user, so another user's queue stays, unless that user is named for all queues. */
    private String whose(SharedMemory object) {
        int uid = object.status().uid();
        return Ownership.isTrusted(uid, machine.libC().geteuid())
                ? ""
                : "; it belongs to " + Users.describe(machine.libC(), uid) + ": removed only if BELFRY_OWNER says so";
    }

    /** The part in memory of a queue that lies in files; only one whose directory is gone is garbage. */
    Finding part(Parts.Found part) {
        try (Segment segment = Segment.look(machine, part.queue(), QueueFile.open(machine.libC(), part.queue()))) {
            JournalWords words = segment.journal;
            String directory = words.directory();
            boolean isGone = !directory.isEmpty()
                    && DirectoryReads.ofProcess()
                            .in(directory, PATIENCE_NANOS, moves -> isGone(directory, words.identity()));
            if (isGone) {
                String what = "its directory is gone: " + directory;
                long unsynced = segment.header.tailAcquire() - words.durableAcquire();
                return unsynced == 0
                        ? Remedy.LEFT_OVER_PART
                                .information(part.path(), what + whose(segment.object))
                                .andRepairable()
                        : Finding.information(
                                Remedy.LEFT_OVER_PART.code,
                                part.path(),
                                what + ", before " + Units.size(unsynced) + " of its log were on the disk",
                                "If nobody needs them, remove this file.");
            }
        } catch (RuntimeException | InternalError notToBeLookedAt) {
            // as one whose directory is not known, or does not answer
        }
        return Finding.information(
                Remedy.LEFT_OVER_PART.code,
                part.path(),
                "it is of a queue of file: that no process has open",
                "It goes with a reboot. If the directory of that queue was removed, remove this file, too.");
    }

    /** Its successor, or its parent, lies on the same disk: so that is mounted, and not another container's. */
    private boolean isGone(String directory, JournalWords.Identity identity) {
        FileStatus queue = Directory.status(machine.libC(), directory + "/queue");
        if (queue != null && queue.device() == identity.device() && queue.inode() == identity.inode()) return false;
        FileStatus near = Directory.status(machine.libC(), directory);
        if (near == null)
            near = Directory.status(machine.libC(), directory.substring(0, directory.lastIndexOf('/') + 1));
        return near != null && near.device() == identity.device();
    }

    /** The semaphores of all queues, or of the one with this name; one finding for each. */
    List<Finding> semaphores(String queue) {
        List<Finding> all = new ArrayList<>();
        for (String name : NamedSemaphore.list(queue == null ? "belfry." : prefixOf(queue)))
            if (SEMAPHORE.matcher(name).matches() && NamedSemaphore.removeUnused(machine.libC(), name, false))
                all.add(Remedy.ORPHAN_SEMAPHORES
                        .information(
                                SharedMemory.DIRECTORY + "/sem." + name,
                                "its subscriber was killed, and no process has it open")
                        .andRepairable());
        return all;
    }

    /** A prefix that no name has, if the queue cannot be read. */
    private String prefixOf(String queue) {
        try (QueueView view = QueueView.of(machine, queue)) {
            if (view != null) return SlotSemaphores.prefix(view.segment.queueId);
        } catch (MessageQueueException | PosixException | InternalError notToBeLookedAt) {
            // as of one that is not there
        }
        return "belfry.none.";
    }
}
