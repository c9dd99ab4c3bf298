package dev.belfry.spi;

import dev.belfry.api.MessageListener;
import dev.belfry.api.SubscriberOptions;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a listener, made by the options' factory or here. It is inside from its start until the subscriber is
 * closed. A factory may run the work in another thread than the one that it returns; then that other thread is inside.
 */
final class ListenerThread implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerThread.class);
    private static final AtomicLong ANONYMOUS = new AtomicLong();
    private static final AtomicBoolean SAID = new AtomicBoolean(); // without a log

    interface Source {
        /** Returns when closed. Throws what the listener threw too often, or what reading threw. */
        void hearAll(MessageListener listener) throws Throwable;

        /** It was thrown, and nobody has closed the subscriber: it is closed next. */
        void stops(Throwable failure);
    }

    private final Use use;
    private final SubscriberOptions options;
    private final MessageListener listener;
    private final FailedMessages failed;
    private final Source source;
    private final Thread setter = Thread.currentThread();
    private final CountDownLatch decided = new CountDownLatch(1);
    private boolean begins; // once

    ListenerThread(Use use, SubscriberOptions options, MessageListener listener, FailedMessages failed, Source source) {
        this.use = use;
        this.options = options;
        this.failed = failed;
        this.listener = listener;
        this.source = source;
    }

    /** Called by a thread that is inside. The thread leaves if this throws. */
    void start(String queue) {
        boolean started = false;
        try {
            failed.open();
            Thread thread = thread(queue);
            if (thread.getState() != Thread.State.NEW)
                throw new IllegalStateException(
                        "threadFactory of " + use.describe() + " must return a thread that was not started yet");
            use.handTo(thread);
            thread.start();
            started = true;
        } finally {
            if (!started) failed.close();
            if (!started) use.takeBack();
            decided(started);
        }
    }

    private Thread thread(String queue) {
        if (options.threadFactory() != null)
            return Objects.requireNonNull(options.threadFactory().newThread(this), "threadFactory's thread");
        String subscriber = options.name() != null ? options.name() : String.valueOf(ANONYMOUS.incrementAndGet());
        Thread thread = new Thread(this, "belfry-" + queue + "-" + subscriber);
        thread.setDaemon(true);
        return thread;
    }

    private synchronized void decided(boolean started) {
        begins = started;
        decided.countDown();
    }

    private synchronized boolean begin() {
        boolean first = begins;
        begins = false;
        return first;
    }

    @Override
    public void run() {
        if (Thread.currentThread() == setter && decided.getCount() != 0)
            throw new IllegalStateException("threadFactory of " + use.describe()
                    + " must run the listener in another thread than setListener's");
        Use.awaitUninterruptibly(decided, Deadlines.FOREVER);
        if (!begin()) return;
        use.takeOver();
        listen();
    }

    private void listen() {
        Throwable failure = null;
        try {
            source.hearAll(listener);
        } catch (Throwable e) {
            failure = e;
        }
        failed.close();
        if (failure != null && !use.isClosed()) stops(failure);
        // first: a stopped listener must not continue to gate while onError runs
        boolean wasClosed = use.leaveClosed();
        if (failure == null) return;
        if (wasClosed) LOG.debug("{}: the listener failed while it was closed", use.describe(), Loggable.of(failure));
        else tell(failure);
    }

    /** Before it is released: that stores it where others see it. */
    private void stops(Throwable failure) {
        try {
            source.stops(failure);
        } catch (OutOfMemoryError | StackOverflowError late) {
            Errors.suppress(failure, late);
        }
    }

    private void tell(Throwable failure) {
        Consumer<Throwable> onError = options.onError();
        try {
            if (onError != null) {
                onError.accept(failure);
                return;
            }
        } catch (Throwable e) {
            Errors.suppress(failure, e);
        }
        LOG.error("{}: the listener is stopped and the subscriber closed", use.describe(), Loggable.of(failure));
        Loggable.withoutBackend(
                SAID,
                use.describe() + ": the listener is stopped and the subscriber closed: " + failure
                        + ". Others are not reported: add a backend of SLF4J, or onError.");
    }
}
