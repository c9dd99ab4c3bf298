package dev.belfry.shm.sync;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Sleeps on a word or a semaphore in the place of virtual threads. In the kernel a virtual thread
 * holds its carrier, and there are as many carriers as cores. So it parks, and a platform thread
 * sleeps there until what the virtual thread saw has changed, and unparks it. The helper takes
 * nothing: the virtual thread tries, checks, announces and withdraws as any thread does.
 *
 * <p>One helper does for all virtual threads of a stand-in. It may outlast them, asleep, for a
 * second. A wake that then finds none of them is handed on: another thread may sleep at the same
 * place, and the next one must find the post of its message.
 *
 * <p>Each parks for its slice at most, and the wait goes on as after any slice. So an end of the
 * helper costs a slice. Where no helper can be had, it sleeps by itself for a moment.
 */
public final class StandIn {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Executor HELPERS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            LONGEST_NANOS,
            TimeUnit.NANOSECONDS,
            new SynchronousQueue<>(),
            work -> helper("belfry-wait", work));

    /** Sleeps while what was seen is so. False: the time is over. */
    @FunctionalInterface
    public interface Kernel {
        boolean await(int seen, long nanos);
    }

    private static final class Parked {
        final Thread thread = Thread.currentThread();
        final int seen;
        Throwable thrown; // before released
        volatile boolean released;

        Parked(int seen) {
            this.seen = seen;
        }
    }

    private final Kernel kernel;
    private final Runnable handOn;
    private final Executor helpers;
    private Set<Parked> parked = new LinkedHashSet<>(); // guarded by this
    private volatile boolean hasHelper; // is set, and cleared but for errors, under this

    /** {@code handOn}: what a wake did that found none of the virtual threads. */
    public StandIn(Kernel kernel, Runnable handOn) {
        this(kernel, handOn, HELPERS);
    }

    StandIn(Kernel kernel, Runnable handOn, Executor helpers) {
        this.kernel = kernel;
        this.handOn = handOn;
        this.helpers = helpers;
        Carrier.initialize();
    }

    /**
     * False: the time is over, or the thread is interrupted, if that ends its wait. As
     * {@link Kernel#await} otherwise; it throws what that throws.
     */
    public boolean await(int seen, long nanos, BooleanSupplier endsByInterrupt) {
        if (!Carrier.isVirtual()) return kernel.await(seen, nanos);
        Parked me = new Parked(seen);
        if (!joins(me)) return awaitOnCarrier(seen, nanos);
        try {
            park(me, nanos, endsByInterrupt);
        } finally {
            leaves(me);
        }
        if (me.thrown != null) throw StandIn.<RuntimeException>asItIs(me.thrown);
        return me.released;
    }

    /** As {@link #await}, without a helper: a virtual thread keeps its carrier, for a short slice. */
    boolean awaitOnCarrier(int seen, long nanos) {
        boolean woken = kernel.await(seen, Carrier.atMost(nanos));
        if (!woken) Carrier.release();
        return woken;
    }

    /** Where an interrupt is not to end it, it must be cleared: an interrupted thread does not park. */
    private void park(Parked me, long nanos, BooleanSupplier endsByInterrupt) {
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + nanos;
            for (long left = nanos; !me.released && left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (!me.thread.isInterrupted()) continue;
                if (endsByInterrupt.getAsBoolean()) return;
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) me.thread.interrupt();
        }
    }

    /** False: no helper could be had. */
    private boolean joins(Parked me) {
        synchronized (this) {
            parked.add(me);
            if (hasHelper) return true;
            hasHelper = true;
        }
        boolean started = false;
        try {
            helpers.execute(this::help);
            return started = true;
        } catch (OutOfMemoryError | RuntimeException noThread) {
            return false;
        } finally {
            if (!started) {
                hasHelper = false;
                leaves(me);
            }
        }
    }

    private void leaves(Parked me) {
        if (me.released) return;
        synchronized (this) {
            parked.remove(me);
        }
    }

    private void help() {
        try {
            for (Parked first; (first = first()) != null; )
                if (kernel.await(first.seen, LONGEST_NANOS) && !release(null)) handOn.run();
        } catch (Throwable failure) {
            hasHelper = false;
            release(failure);
        }
    }

    private synchronized Parked first() {
        if (!parked.isEmpty()) return parked.iterator().next();
        hasHelper = false;
        return null;
    }

    /** All that wait; false: none does. */
    private boolean release(Throwable thrown) {
        Set<Parked> all;
        synchronized (this) {
            if (parked.isEmpty()) return false;
            all = parked;
            parked = new LinkedHashSet<>();
            for (Parked one : all) {
                one.thrown = thrown;
                one.released = true;
            }
        }
        for (Parked one : all) LockSupport.unpark(one.thread);
        return true;
    }

    /**
     * A daemon that is not its starter's: no interrupt of a group reaches the topmost one, and it keeps no class loader
     * of the starter.
     */
    public static Thread helper(String name, Runnable work) {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) group = group.getParent();
        Thread helper = new Thread(group, work, name, 0, false);
        helper.setDaemon(true);
        helper.setContextClassLoader(null);
        return helper;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T asItIs(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
