package dev.belfry.shm.segment;

import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.sync.Sleepers;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscribers' named semaphores: {@code belfry.QUEUEID.SLOT.INCARNATION}. With the incarnation
 * in its name each is new: the semaphore of a killed sleeper keeps a waiter count for ever, and
 * posts to it would be slow for ever. With the queue's id two queues of one name never share one.
 */
public final class SlotSemaphores implements Sleepers.Poster, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotSemaphores.class);

    /**
     * {@code semaphore} is null if it cannot be opened: never, or {@code later}, once this process
     * has descriptors and memory again.
     */
    private record Cached(long incarnation, NamedSemaphore semaphore, boolean later) {
        void close() {
            if (semaphore != null) semaphore.close();
        }
    }

    private final Segment segment;
    private final LibC libC;
    private final String prefix;
    private final Map<Integer, Cached> opened = new HashMap<>();
    private final Map<Integer, NamedSemaphore> faulted = new HashMap<>(); // by slot, the last; guarded by this
    private final Set<NamedSemaphore> created = new HashSet<>();
    private final MeantSemaphores meant;
    private boolean closed;

    SlotSemaphores(Segment segment) {
        this.segment = segment;
        this.libC = segment.machine.libC();
        this.prefix = prefix(segment.queueId);
        this.meant = new MeantSemaphores(
                segment, meant -> prefix(meant.queueId()) + meant.slot() + "." + meant.incarnation());
    }

    public static String prefix(UUID queueId) {
        return "belfry." + queueId.toString().replace("-", "") + ".";
    }

    private String name(int slot, long incarnation) {
        return prefix + slot + "." + incarnation;
    }

    /** By any user: {@code /dev/shm} is open to all, and the next name is easy to guess. */
    static boolean isNameTaken(PosixException failure) {
        return failure.errno == Errno.EEXIST && failure.call.equals("sem_open");
    }

    /** A new one, with the queue's own permissions; until {@link #discard}, or the end. */
    synchronized NamedSemaphore create(int slot, long incarnation) {
        NamedSemaphore semaphore = fresh(slot, incarnation);
        created.add(semaphore);
        return semaphore;
    }

    /** The file stays: see {@link #unlink}. */
    public synchronized void discard(NamedSemaphore semaphore) {
        created.remove(semaphore);
        semaphore.close();
    }

    private NamedSemaphore fresh(int slot, long incarnation) {
        FileStatus queue = segment.object.status();
        if (queue.gid() == libC.getgid()) return NamedSemaphore.create(libC, name(slot, incarnation), queue.mode(), -1);
        try {
            return NamedSemaphore.create(libC, name(slot, incarnation), queue.mode(), queue.gid());
        } catch (PosixException notOfThatGroup) {
            if (notOfThatGroup.errno != Errno.EPERM && notOfThatGroup.errno != Errno.EINVAL) throw notOfThatGroup;
            return NamedSemaphore.create(libC, name(slot, incarnation), queue.mode(), -1);
        }
    }

    void unlink(int slot, long incarnation) {
        unlink(segment, name(slot, incarnation));
    }

    /** All of a queue that has no member any more: the semaphores of dead processes. */
    static void unlinkAll(Segment segment) {
        for (String name : NamedSemaphore.list(prefix(segment.queueId))) unlink(segment, name);
    }

    /** If it is permitted. Another user's semaphore stays; each name is used only once, so it does no harm. */
    private static void unlink(Segment segment, String name) {
        try {
            NamedSemaphore.unlink(segment.machine.libC(), name);
        } catch (PosixException notOurs) {
            segment.notes.add(() -> LOG.debug("{} stays: {}", name, notOurs.getMessage()));
        }
    }

    /** Called after its bit was taken: the present incarnation is the one that sleeps, or none does. */
    @Override
    public void post(int slot) {
        if (slot >= segment.slots.count()) return;
        if (meant.post(slot)) {
            segment.header.add(Counter.WAKE_UPS);
            return;
        }
        NamedSemaphore semaphore = of(slot, SlotState.incarnation(segment.slots.stateAcquire(slot)));
        if (semaphore == null) return;
        try {
            semaphore.post();
            segment.header.add(Counter.WAKE_UPS);
        } catch (PosixException broken) { // a damaged semaphore delays only its own sleeper, by a slice
            giveUp(slot, semaphore, broken);
        } catch (InternalError broken) { // perhaps of other memory: so the next one is tried
            segment.refuseIfTruncated(broken);
            faults(slot, semaphore, broken);
        }
    }

    /** Logged once for a semaphore that was cut short: each wake meets it again. */
    private synchronized void faults(int slot, NamedSemaphore semaphore, Throwable broken) {
        if (faulted.put(slot, semaphore) != semaphore) noteNoWake(slot, broken);
    }

    /** For this incarnation: its subscriber finds the damage, too, and sleeps without it from then on. */
    private synchronized void giveUp(int slot, NamedSemaphore semaphore, Throwable broken) {
        Cached cached = opened.get(slot);
        if (cached == null || cached.semaphore != semaphore) return;
        cached.close();
        opened.put(slot, new Cached(cached.incarnation, null, false));
        noteNoWake(slot, broken);
    }

    private void noteNoWake(int slot, Throwable broken) {
        segment.notes.add(() ->
                LOG.warn("{}: cannot wake slot {}, it checks by itself: {}", segment.name, slot, broken.getMessage()));
    }

    private synchronized NamedSemaphore of(int slot, long incarnation) {
        if (closed) return null;
        Cached cached = opened.get(slot);
        boolean known = cached != null && cached.incarnation == incarnation;
        if (known && !cached.later) return cached.semaphore;
        if (!known) meant.forget(slot);
        if (cached != null) opened.remove(slot).close();
        try {
            NamedSemaphore semaphore = NamedSemaphore.open(libC, name(slot, incarnation), segment.object.status());
            if (semaphore != null) opened.put(slot, new Cached(incarnation, semaphore, false));
            return semaphore;
        } catch (PosixException | InternalError broken) {
            segment.refuseIfTruncated(broken);
            opened.put(slot, new Cached(incarnation, null, MeantSemaphores.isForAMoment(broken)));
            if (!known) noteNoWake(slot, broken);
            return null;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        meant.close();
        opened.values().forEach(Cached::close);
        opened.clear();
        created.forEach(NamedSemaphore::close); // of subscribers that were never closed
        created.clear();
    }

    /**
     * {@code inVain}: run after each slice without a wake-up; {@code nowAndThen}: after each second
     * of them, and after ten once the slices are long.
     */
    public OwnSemaphore own(NamedSemaphore semaphore, Runnable inVain, Runnable nowAndThen) {
        return new OwnSemaphore(segment, semaphore, inVain, nowAndThen);
    }
}
