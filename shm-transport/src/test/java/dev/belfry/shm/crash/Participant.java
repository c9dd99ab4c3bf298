package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newQueue;

import com.sun.jna.Pointer;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.MemoryGroup;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.spi.QueueSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * One process of a test, as far as its queue can tell: its stores, its native calls and its
 * descriptors, which can be ended at any of them as SIGKILL would. Before its k-th store or call it
 * dies: from then on none of its stores is performed, each access and each call of its thread
 * throws, so that no {@code finally} can repair anything; and {@link #bury} closes its descriptors,
 * whereupon the kernel drops its lock byte.
 *
 * <p>It sleeps for no time at all: each slice is over at once.
 */
public class Participant extends Seam {
    private static final LibC REAL = RealLibC.load();

    /** They change nothing that anybody shares. */
    private static final Set<String> LOOKS =
            Set.of("errno", "getpid", "geteuid", "getgid", "clock_gettime", "statx", "fstatfs", "getgrnam_r");

    private static final Set<String> TRACKED =
            Set.of("open", "shm_open", "close", "sem_open", "sem_close", "mmap", "munmap");

    /** Thrown where it dies; and where it merely stumbles, and lives on. */
    public static final class CrashError extends Error {
        private static final long serialVersionUID = 1;

        CrashError(String where) {
            super(where, null, false, false);
        }
    }

    public Machine machine = new Machine(libC(), this);
    private final Thread actor = Thread.currentThread();
    private final Set<Integer> descriptors = new HashSet<>();
    private final List<Long> semaphores = new ArrayList<>();
    private final Map<Long, Long> mappings = new HashMap<>();
    private final List<MessageQueue> queues = new ArrayList<>();
    private final Set<Long> rings = Collections.synchronizedSet(new HashSet<>());
    private long events;
    private long dieAt = Long.MAX_VALUE;
    private long dieBeforeStoreAt = -1;
    private boolean onlyStumbles;
    private boolean stopped;
    private volatile boolean dead;
    private volatile boolean buried;
    private String where = "nowhere";

    /** Queues that it opens from now on favour a second publish, if no other thread wanted the lock. */
    public final void favour() {
        machine = new Machine(machine.libC(), this, machine.membarrier(), 0, machine.memoryGroup());
    }

    /** Queues that it opens from now on: what is left of its memory stands in a tree of files below this root. */
    public final void limitMemory(Path root) {
        machine = new Machine(machine.libC(), this, machine.membarrier(), machine.patience(), new MemoryGroup(root));
    }

    /** From now on counts, and dies before the k-th event; k from 1. */
    public final void dieAt(long k) {
        events = 0;
        dieAt = k;
    }

    /** Dies before its next store to this word of the header. */
    public final void dieBeforeStoreAt(long index) {
        dieBeforeStoreAt = index;
    }

    /** As {@link #dieAt}, but the one event fails with an Error, and the process lives on. */
    final void stumbleAt(long k) {
        dieAt(k);
        onlyStumbles = true;
    }

    final boolean isDead() {
        return dead;
    }

    /** Has what was ordered happened? */
    final boolean hasStopped() {
        return stopped;
    }

    final String where() {
        return where;
    }

    /** This process's own handle of the queue, which is created if need be. */
    public final MessageQueue open(String name, QueueConfig config, int slots) {
        MessageQueue queue = join(name, config, slots);
        queues.add(queue);
        return queue;
    }

    MessageQueue join(String name, QueueConfig config, int slots) {
        Handle handle = Opening.open(machine, name, config, QueueSettings.of(config), slots);
        return newQueue(URI.create("shm:" + name), handle);
    }

    /** In order, if it lives. */
    public final void closeQueues() {
        if (!dead && !buried) queues.forEach(MessageQueue::close);
    }

    /**
     * No descriptor and no semaphore; mappings are given back whenever the collector comes, covered.
     * The watch may have been about to use a descriptor, and closes it then as its last user.
     */
    public final boolean holdsNothing() {
        long end = System.nanoTime() + Scene.soon.toNanos();
        while (holdsAnything() && System.nanoTime() - end < 0) LockSupport.parkNanos(100_000);
        return !holdsAnything();
    }

    private synchronized boolean holdsAnything() {
        return !descriptors.isEmpty() || !semaphores.isEmpty();
    }

    /** Does it hold a lock that all wait for? Not one that it has lost, which the watch ends. */
    final boolean holdsALock() {
        return !dead && !buried && queues.stream().anyMatch(queue -> holdsALock(handle(queue)));
    }

    private static boolean holdsALock(Handle handle) {
        return holds(handle, handle.gateLock) || holds(handle, handle.publishLock);
    }

    private static boolean holds(Handle handle, FutexLock lock) {
        return lock.ownerHandle(handle.segment.handles) == handle.index && !lock.isLost();
    }

    /** How the semaphores of its queues are called. */
    final void collectIds(Set<String> prefixes) {
        for (MessageQueue queue : queues)
            prefixes.add(
                    "sem.belfry." + handle(queue).segment.queueId.toString().replace("-", ""));
    }

    /** Before a store or a call. */
    private void event(String what, long at) {
        if (Thread.currentThread() != actor || ++events != dieAt) return;
        stopped = true;
        where = what + (at >= 0 ? " at " + at : "");
        if (!onlyStumbles) end();
        throw new CrashError(where);
    }

    /** From here on nothing is done. A real process ends here, and does not return. */
    protected void end() {
        dead = true;
    }

    /** How many stores and calls since {@link #dieAt}. */
    final long events() {
        return events;
    }

    /** Where a twin puts in a place to die. */
    protected final void crashPoint(String what) {
        if (Thread.currentThread() == actor) event(what, -1);
    }

    @Override
    protected boolean isRing(long address) {
        return rings.contains(address);
    }

    /**
     * A dead one's own thread ends here; somebody else's (a Cleaner's, the watch's) finds nothing.
     * False: do nothing.
     */
    private boolean alive() {
        if (buried) return false;
        if (dead && Thread.currentThread() == actor) throw new CrashError("dead");
        return !dead;
    }

    // Words

    @Override
    protected long load(Words words, long at, int size) {
        return alive() ? super.load(words, at, size) : 0;
    }

    @Override
    protected void store(Words words, long at, int size, long value, boolean release) {
        if (!alive()) return;
        if (at == dieBeforeStoreAt && !words.isRing()) dieAt = events + 1;
        event("store", at);
        super.store(words, at, size, value, release);
    }

    @Override
    protected boolean swap(Words words, long at, int size, long expected, long value) {
        if (!alive()) return true;
        event("swap", at);
        return super.swap(words, at, size, expected, value);
    }

    // Calls

    private LibC libC() {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, args) -> call(method, args));
    }

    private Object call(Method method, Object[] args) throws Throwable {
        String function = method.getName();
        if (!alive()) return nothing(method, args);
        if (!LOOKS.contains(function)) event(function, -1);
        hurry(function, args);
        return call(function, method, args);
    }

    /** A twin's own: what the C library does for it. */
    protected Object call(String function, Method method, Object[] args) throws Throwable {
        if (!TRACKED.contains(function)) return invoke(method, args);
        synchronized (this) { // a Cleaner or the watch may be at it while somebody buries what it belongs to
            if (buried) return nothing(method, args);
            Object result = invoke(method, args);
            track(function, args, result);
            return result;
        }
    }

    private static Object invoke(Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(REAL, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The answer to a call by the Cleaner of a process that was cleaned up. */
    private static Object nothing(Method method, Object[] args) {
        if (method.getName().equals("mmap")) return args[0];
        return method.getReturnType() == long.class ? (Object) 0L : (Object) 0;
    }

    private static void hurry(String function, Object[] args) {
        long timespec = 0;
        if (function.equals("syscall") && (Long) args[2] == 0 && (Long) args[4] != 0) timespec = (Long) args[4];
        if (function.equals("sem_clockwait")) timespec = (Long) args[2];
        if (timespec == 0) return;
        new Pointer(timespec).setLong(0, 0);
        new Pointer(timespec).setLong(8, 0);
    }

    private void track(String function, Object[] args, Object result) {
        switch (function) {
            case "open", "shm_open" -> {
                if ((Integer) result >= 0) descriptors.add((Integer) result);
            }
            case "close" -> descriptors.remove((Integer) args[0]);
            case "sem_open" -> {
                if ((Long) result != 0) semaphores.add((Long) result);
            }
            case "sem_close" -> semaphores.remove((Long) args[0]);
            case "mmap" -> {
                if ((Long) args[0] == 0 && (Long) result != -1) mappings.put((Long) result, (Long) args[1]);
                if ((Integer) args[2] == 0) rings.add((Long) result);
            }
            case "munmap" -> mappings.remove((Long) args[0]);
            default -> {}
        }
    }

    /** The rest of its death, or of its life if it ended well: what the kernel takes back when a process ends. */
    public final void bury() {
        if (buried) return;
        buried = true;
        for (MessageQueue queue : queues)
            Inside.beginLeaving(handle(queue)); // nor Cleaner nor watch shall see the dead
        synchronized (this) {
            descriptors.forEach(REAL::close);
            semaphores.forEach(REAL::sem_close);
            mappings.forEach(REAL::munmap);
        }
    }

    /** Kills it here and now, between two steps. */
    public final void kill() {
        dead = true;
        bury();
    }
}
