package dev.belfry.jakarta.domain;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import java.io.Closeable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The members that this JVM is: one a domain, shared by all connections, and kept for a while after
 * the last. Tests make several of these, each of which is another member.
 */
public final class Domains {
    /** The domains of this JVM, or of the class loader that has loaded this class. */
    public static final Domains SHARED = new Domains();

    /** A JVM that ends waits so long for disks. */
    private static final long EXIT_NANOS = 2_000_000_000;

    // Guarded by this, as the counts of each. Nothing is opened, asked or closed meanwhile: its disk may hang.
    private final Map<String, Open> open = new HashMap<>();
    /** Broken, or deleted; each until its last use has ended. */
    private final Map<Domain, Open> replaced = new HashMap<>();
    /** While one lingers: a JVM that ends then leaves as well, or a domain's semaphores might stay for ever. */
    private Thread atExit;

    private boolean exits;

    private static final class Open {
        private final ReentrantLock opening = new ReentrantLock();
        /** Null: no user has opened it yet; written with the lock. */
        private volatile Domain domain;

        private int users;
        private long lingersUntil;
        private boolean hasThread;

        boolean isOver() {
            return domain != null && (domain.isBroken() || domain.isUnlinked());
        }
    }

    /** {@code config}: of the log, if it is created now. */
    public Domain use(QueueUri uri, QueueConfig config) {
        Open before = known(uri);
        if (before != null && before.isOver() && isUnusedNow(uri, before)) before.domain.close(Duration.ZERO);
        Open one = enter(uri);
        one.opening.lock(); // the first user opens it, and the others wait; if it fails, the next one tries
        try {
            if (one.domain == null) {
                one.domain = member(uri, config);
                if (Domains.class.getClassLoader() instanceof Closeable) leaveAsAnother(uri, config);
            }
            return one.domain;
        } finally {
            if (one.domain == null) notOpened(uri, one);
            one.opening.unlock();
        }
    }

    private synchronized Open known(QueueUri uri) {
        return open.get(uri.toString());
    }

    /** It is no longer that of its name; false: some use it still, or another thread was first. */
    private synchronized boolean isUnusedNow(QueueUri uri, Open one) {
        if (!open.remove(uri.toString(), one)) return false;
        if (one.users > 0) replaced.put(one.domain, one);
        return one.users == 0;
    }

    private synchronized Open enter(QueueUri uri) {
        Open one = open.computeIfAbsent(uri.toString(), key -> new Open());
        one.users++;
        return one;
    }

    private synchronized void notOpened(QueueUri uri, Open one) {
        if (--one.users == 0) open.remove(uri.toString(), one);
    }

    private static Domain member(QueueUri uri, QueueConfig config) {
        MessageQueue log = log(uri, config);
        try {
            return new Domain(uri.toString(), log);
        } catch (RuntimeException | InternalError e) {
            log.close();
            throw e;
        }
    }

    /** A loader that is closed while a domain lingers gives no class that it then needs first. */
    private static void leaveAsAnother(QueueUri uri, QueueConfig config) {
        try {
            Domain other = member(uri, config);
            other.handle.stats();
            other.holdings.tellOfDone(Duration.ZERO);
            other.close(Duration.ZERO);
        } catch (RuntimeException | InternalError refused) {
            return; // such as for want of a slot: then it lingers without
        }
    }

    private static MessageQueue log(QueueUri uri, QueueConfig config) {
        try {
            return MessageQueues.open(URI.create(uri.toString()), config);
        } catch (IllegalArgumentException e) {
            if (e.getMessage() == null || !e.getMessage().contains("attribute '" + Log.KIND + "'")) throw e;
            throw noLog(uri, e);
        }
    }

    /** For a transport that cannot have a domain. */
    public static IllegalArgumentException noLog(QueueUri uri, Throwable cause) {
        return new IllegalArgumentException(
                "Transport '" + uri.scheme()
                        + ":' has no log for Jakarta Messaging; 'shm:', 'file:' and 'mem:' have one."
                        + " Use new BelfryConnectionFactory(\"shm:" + uri.name() + "\"), or \"mem:" + uri.name()
                        + "\" inside one JVM.",
                cause);
    }

    /**
     * One use has ended. If it is the last, what was handled is told in this time, without a lock: others may use the
     * name meanwhile, as another member.
     */
    public void left(Domain domain, Duration linger, Duration timeout) {
        if (isToClose(domain, linger, timeout)) domain.close(timeout);
    }

    private synchronized boolean isToClose(Domain domain, Duration linger, Duration timeout) {
        Open former = replaced.get(domain);
        Open one = former == null ? open.get(domain.name) : former;
        if (one == null || one.domain != domain || --one.users > 0) return false;
        if (former != null) return replaced.remove(domain) != null;
        boolean lingers = !linger.isZero() && leavesAtExit();
        one.lingersUntil = lingers ? Deadlines.after(linger.toNanos()) : Deadlines.PAST;
        if (!lingers) return isRemoved(one);
        if (one.hasThread) return false;
        // Not a thread of the JDK's: it would keep the application's loader for ever, and is not to wait for a disk.
        Thread thread = new Thread(() -> linger(one, timeout), "belfry-linger");
        thread.setDaemon(true);
        thread.start();
        one.hasThread = true;
        return false;
    }

    private void linger(Open one, Duration timeout) {
        for (long left; (left = lingers(one)) > 0; Thread.interrupted()) LockSupport.parkNanos(one, left);
        if (isRemoved(one)) one.domain.close(timeout);
    }

    /** 0: no longer, or it is used again; a next thread may begin. */
    private synchronized long lingers(Open one) {
        long left = one.users > 0 ? 0 : Deadlines.remaining(one.lingersUntil);
        one.hasThread = left > 0;
        return left;
    }

    private synchronized boolean isRemoved(Open one) {
        if (one.users > 0 || !Deadlines.passed(one.lingersUntil)) return false;
        boolean removed = open.remove(one.domain.name, one);
        if (open.values().stream().allMatch(o -> o.users > 0)) staysAtExit();
        return removed;
    }

    /** False: the JVM is about to end. */
    private boolean leavesAtExit() {
        if (atExit != null || exits) return !exits;
        try {
            Thread hook = new Thread(this::leaveAtExit, "belfry-exit");
            Runtime.getRuntime().addShutdownHook(hook);
            atExit = hook;
            return true;
        } catch (IllegalStateException itEnds) {
            return false;
        }
    }

    /** A hook for ever would keep this class's loader for ever. */
    private void staysAtExit() {
        if (atExit == null || exits) return;
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
            atExit = null;
        } catch (IllegalStateException itEnds) {
            return; // it is run now, or was
        }
    }

    /**
     * Messages that were handled are told if that is possible at once: a JVM that ends is not to
     * wait, nor for a disk that hangs.
     */
    void leaveAtExit() {
        long deadline = Deadlines.after(EXIT_NANOS);
        List<Thread> leaving = new ArrayList<>();
        for (Domain one : takeLingering()) {
            Thread thread = new Thread(() -> leave(one), "belfry-exit-" + one.name);
            thread.setDaemon(true);
            thread.start();
            leaving.add(thread);
        }
        try {
            for (Thread one : leaving)
                one.join(1 + TimeUnit.NANOSECONDS.toMillis(Deadlines.remaining(deadline))); // 0 would be for ever
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody uses these; a user that comes now enters its domain as another member. */
    private synchronized List<Domain> takeLingering() {
        exits = true;
        List<Domain> lingering = new ArrayList<>();
        open.values().removeIf(one -> one.users == 0 && lingering.add(one.domain));
        return lingering;
    }

    private static void leave(Domain one) {
        try {
            one.close(Duration.ZERO);
        } catch (RuntimeException | InternalError e) {
            return; // then others find that its byte is free
        }
    }
}
