package dev.belfry.jakarta.domain;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The members that this JVM is: one a domain, shared by all connections, and kept for a while after
 * the last. Tests make several of these, each of which is another member.
 */
public final class Domains {
    /** The domains of this JVM, or of the class loader that has loaded this class. */
    public static final Domains SHARED = new Domains();

    // Guarded by this.
    private final Map<String, Open> open = new HashMap<>();
    /** Broken, or deleted; each until its last use has ended. */
    private final Map<Domain, Open> replaced = new HashMap<>();
    /** While one lingers: a JVM that ends then leaves as well, or a domain's semaphores might stay for ever. */
    private Thread atExit;

    private boolean exits;

    private static final class Open {
        private final Domain domain;
        private int users;
        private long uses;

        Open(Domain domain) {
            this.domain = domain;
        }
    }

    /** {@code config}: of the log, if it is created now. */
    public synchronized Domain use(QueueUri uri, QueueConfig config) {
        Open one = open.get(uri.toString());
        if (one != null && (one.domain.isBroken() || one.domain.isUnlinked())) {
            open.remove(uri.toString());
            if (one.users > 0) replaced.put(one.domain, one);
            else one.domain.close(Duration.ZERO);
            one = null;
        }
        if (one == null) open.put(uri.toString(), one = new Open(member(uri, config)));
        one.users++;
        one.uses++;
        return one.domain;
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
        Open one = former == null ? open.get(domain.name()) : former;
        if (one == null || one.domain != domain || --one.users > 0) return false;
        long then = one.uses;
        if (former != null) return replaced.remove(domain) != null;
        if (linger.isZero() || !leavesAtExit()) return isRemoved(one, then);
        CompletableFuture.delayedExecutor(linger.toNanos(), TimeUnit.NANOSECONDS)
                .execute(() -> close(one, then, timeout));
        return false;
    }

    private void close(Open one, long then, Duration timeout) {
        if (isRemoved(one, then)) one.domain.close(timeout);
    }

    private synchronized boolean isRemoved(Open one, long then) {
        if (one.users > 0 || one.uses != then) return false;
        boolean removed = open.remove(one.domain.name(), one);
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
     * wait.
     */
    synchronized void leaveAtExit() {
        exits = true;
        for (Open one : List.copyOf(open.values())) {
            try {
                close(one, one.uses, Duration.ZERO);
            } catch (RuntimeException | InternalError e) {
                continue; // then others find that its byte is free
            }
        }
    }
}
