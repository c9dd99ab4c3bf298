package dev.belfry.jakarta.client;

import dev.belfry.spi.Loggable;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callbacks of a session's asynchronous sends [7.3]: one at a time, in the order of the sends,
 * never in the thread that sends. A send is done when it returns, so each callback tells of
 * success, and what failed was thrown by the send.
 */
final class Completions {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);
    private static final long IDLE_MILLIS = TimeUnit.SECONDS.toMillis(1);
    private static final AtomicInteger THREADS = new AtomicInteger();

    private static final long ASK_AGAIN_MILLIS = 10;
    /** The threads that wait, and whom each waits for; guarded by itself. */
    private static final Map<Thread, Supplier<Thread>> WAITING = new HashMap<>();

    private record Sent(Message message, CompletionListener listener) {}

    /** The session's lock. */
    private final ReentrantLock delivering;

    // Guarded by this.
    private final Deque<Sent> waiting = new ArrayDeque<>();
    private volatile Thread thread; // read by any
    /** Those whose send is under way, those that wait, and the one that runs. */
    private int pending;
    /** By a listener that has it, and waits for the callbacks. */
    private boolean lent;

    Completions(ReentrantLock delivering) {
        this.delivering = delivering;
    }

    /**
     * A send, and its callback if it does not throw. A close that awaits all callbacks waits for this one
     * from the begin on; so the send is to ask after the begin whether it is closed.
     */
    void after(Jms.Action send, Message message, CompletionListener listener) throws JMSException {
        begin();
        try {
            send.run();
        } catch (Throwable failed) {
            done();
            throw failed;
        }
        add(new Sent(message, listener));
    }

    private synchronized void begin() {
        pending++;
    }

    private synchronized void add(Sent sent) {
        waiting.add(sent);
        if (thread == null) {
            thread = new Thread(this::run, "belfry-completions-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void run() {
        for (Sent one = next(); one != null; one = next()) {
            try {
                one.listener.onCompletion(one.message);
            } catch (Throwable e) { // of any kind: a listener need not be written in Java
                LOG.warn("A CompletionListener has thrown", Loggable.withoutTexts(e));
            } finally {
                done();
            }
        }
    }

    /** Null: nothing came for a while, and the thread ends. */
    private synchronized Sent next() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS);
        for (long left = IDLE_MILLIS; waiting.isEmpty() && left > 0; ) {
            try {
                wait(left);
            } catch (InterruptedException e) {
                break; // nobody of ours interrupts it: a new thread is made for what comes
            }
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        Sent one = waiting.poll();
        if (one == null) thread = null;
        return one;
    }

    private synchronized void done() {
        pending--;
        notifyAll();
    }

    /**
     * Until all callbacks have ended. In a callback it would never end, and returns at once; also if one of these waits
     * for this thread, as when two sessions close each other in their callbacks: false. A listener that waits lends the
     * session's lock to them: one runs at a time, and it does nothing before they have ended.
     */
    boolean await() {
        return !isCallback() && waitFor(() -> thread, this::awaitAll);
    }

    /** Waits until none runs, for a call that may not go on before. Refused where they would wait for each other. */
    void awaitFor(String call) throws JMSException {
        refuseInCallback(call);
        if (!await()) throw Jms.inCircle(call);
    }

    /** False, and it does not wait: the thread that it is to wait for waits for this one, perhaps by way of others. */
    static boolean waitFor(Supplier<Thread> other, Runnable wait) {
        Thread me = Thread.currentThread();
        synchronized (WAITING) {
            if (waitsForThis(other.get())) return false;
            WAITING.put(me, other);
        }
        try {
            wait.run();
        } finally {
            synchronized (WAITING) {
                WAITING.remove(me);
            }
        }
        return true;
    }

    private synchronized void awaitAll() {
        boolean lends = delivering.isHeldByCurrentThread();
        if (lends) lent = true;
        boolean interrupted = false;
        while (pending > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (lends) lent = false;
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** Takes the session's lock, or goes on without it in a callback to which it is lent. */
    void lock() {
        if (isCallback()) lockUnless(this::isLent);
        else delivering.lock();
    }

    /** Takes the session's lock, and gives it back; not if this listener has it, and waits for the caller. */
    void pass(Thread listener) {
        if (lockUnless(() -> waitsForThis(listener))) delivering.unlock();
    }

    /** False: it went on without it. */
    private boolean lockUnless(BooleanSupplier other) {
        boolean interrupted = false;
        boolean has = false;
        while (!has && !other.getAsBoolean()) {
            try {
                has = delivering.tryLock(ASK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        return has;
    }

    /** Whether that thread waits for this one, or for one that waits for it. */
    private static boolean waitsForThis(Thread other) {
        synchronized (WAITING) {
            Thread next = other;
            for (int steps = 0; next != null && steps <= WAITING.size(); steps++) {
                Supplier<Thread> waitsFor = WAITING.get(next);
                if (waitsFor == null) return false;
                next = waitsFor.get();
                if (next == Thread.currentThread()) return true;
            }
            return false;
        }
    }

    void unlock() {
        if (delivering.isHeldByCurrentThread()) delivering.unlock(); // else it was lent
    }

    private synchronized boolean isLent() {
        return lent;
    }

    /** In a callback this call would wait for itself. */
    void refuseInCallback(String call) throws JMSException {
        if (isCallback()) throw Jms.calledIn("CompletionListener", call);
    }

    boolean isCallback() {
        return Thread.currentThread() == thread;
    }
}
