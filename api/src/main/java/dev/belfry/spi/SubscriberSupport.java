package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The behaviour that is the same everywhere (acknowledge modes, listener, redelivery, one-thread check, closing) over five
 * primitives, so that a transport is small and transports agree. Using it is optional; overriding the hot path is fine.
 */
public abstract class SubscriberSupport implements Subscriber {
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private final SubscriberOptions options;
    private final AtomicReference<Thread> inside = new AtomicReference<>();
    private volatile boolean closed;
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile Thread listening;
    private volatile long handedOver;
    private Message again; // its handler threw: it comes first

    protected SubscriberSupport(SubscriberOptions options) {
        this.options = options;
    }

    /** The next message, valid until the next call; null if the deadline (nanoTime) has passed or wake was called;
     * InterruptedQueueException if interrupted while waiting. */
    protected abstract MessageView next(long deadlineNanos);

    /** Everything handed over up to here is done with; stored where a named subscription continues. Any thread. */
    protected abstract void acknowledged(long position);

    /** The next call of next starts again at the first unacknowledged message. */
    protected abstract void rewind();

    /** Makes a waiting next return null at once, or the one to come if none waits. Any thread. */
    protected abstract void wake();

    /** Called once, after close, when no call is inside. */
    protected abstract void release();

    @Override
    public final String name() {
        return options.name();
    }

    @Override
    public Message receive() {
        return receive(Duration.ofNanos(Long.MAX_VALUE / 2));
    }

    @Override
    public Message receive(Duration timeout) {
        long deadline = deadline(timeout);
        enter();
        try {
            MessageView view = take(deadline);
            if (view == null) return null;
            Message message = view.copy();
            done(message.position());
            return message;
        } finally {
            leave();
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        if (limit <= 0) throw new IllegalArgumentException("limit must be > 0, was " + limit);
        long now = System.nanoTime();
        long deadline = deadline(timeout);
        enter();
        try {
            int n = 0;
            for (MessageView view; n < limit && (view = take(n == 0 ? deadline : now)) != null; n++) {
                try {
                    handler.onMessage(view);
                } catch (Throwable e) {
                    again = HeapMessage.copyOf(view, true);
                    throw e;
                }
                done(view.position());
            }
            return n;
        } finally {
            leave();
        }
    }

    @Override
    public final void setListener(MessageListener listener) {
        Objects.requireNonNull(listener, "listener");
        enter();
        Runnable loop = () -> listen(listener);
        Thread thread = options.threadFactory() == null
                ? new Thread(loop)
                : options.threadFactory().newThread(loop);
        if (options.threadFactory() == null) thread.setDaemon(true);
        listening = thread;
        inside.set(thread); // for good: receive and poll are refused before they look
        thread.start();
    }

    private void listen(MessageListener listener) {
        Throwable failure = null;
        try {
            for (MessageView view; (view = take(System.nanoTime() + Long.MAX_VALUE / 2)) != null; ) {
                Message message = view.copy();
                for (int failures = 0; ; ) {
                    try {
                        listener.onMessage(message);
                        break;
                    } catch (Throwable e) {
                        if (closed || ++failures > options.maxRedeliveries()) throw e;
                        message = HeapMessage.copyOf(message, true);
                    }
                }
                done(message.position());
            }
        } catch (Throwable e) {
            if (!closed) failure = e;
        }
        closed = true;
        leave(); // first: a stopped listener must not go on gating while onError thinks
        if (failure != null && options.onError() != null) options.onError().accept(failure); // else log it
    }

    @Override
    public final void acknowledge() {
        if (options.ackMode() == AckMode.CLIENT) acknowledged(handedOver);
    }

    @Override
    public void acknowledge(long position) {
        if (position > handedOver)
            throw new IllegalArgumentException(
                    "position " + position + " was not handed over yet; the last was " + handedOver);
        if (options.ackMode() == AckMode.CLIENT) acknowledged(position);
    }

    @Override
    public final void recover() {
        if (options.ackMode() != AckMode.CLIENT) return;
        boolean own = inside.get() == Thread.currentThread(); // from handler or listener
        if (!own) enter();
        try {
            again = null;
            rewind();
        } finally {
            if (!own) leave();
        }
    }

    @Override
    public final void close() {
        closed = true;
        wake();
        if (inside.compareAndSet(null, Thread.currentThread())) leave();
        else if (inside.get() != Thread.currentThread()) awaitReleased(); // whoever is inside releases when it leaves
    }

    private void awaitReleased() {
        boolean interrupted = false;
        long left = CLOSE_NANOS;
        for (long end = System.nanoTime() + left; left > 0; left = end - System.nanoTime()) {
            try {
                if (released.await(left, TimeUnit.NANOSECONDS)) break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private MessageView take(long deadline) {
        while (!closed) {
            MessageView view = again != null ? again : next(deadline);
            again = null;
            if (view != null) {
                handedOver = view.position();
                return view;
            }
            if (System.nanoTime() - deadline >= 0) return null;
        }
        return null;
    }

    private void done(long position) {
        if (options.ackMode() == AckMode.AUTO) acknowledged(position);
    }

    private void enter() {
        if (closed) throw new QueueClosedException("BELFRY-111", "Subscriber is closed", null);
        if (listening != null) throw new IllegalStateException("A listener is set");
        if (!inside.compareAndSet(null, Thread.currentThread()))
            throw new ConcurrentModificationException("Subscriber is in use by " + inside.get());
    }

    private void leave() {
        inside.set(null);
        if (closed && inside.compareAndSet(null, Thread.currentThread())) { // and stays so: nobody enters any more
            release();
            released.countDown();
        }
    }

    private static long deadline(Duration timeout) {
        long nanos;
        try {
            nanos = Math.max(0, timeout.toNanos());
        } catch (ArithmeticException e) {
            nanos = timeout.isNegative() ? 0 : Long.MAX_VALUE;
        }
        return System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2);
    }
}
