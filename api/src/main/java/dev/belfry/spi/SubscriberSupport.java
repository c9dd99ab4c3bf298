package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageView;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Objects;

/**
 * The behaviour that is the same everywhere (acknowledge modes, listener, redelivery, one-thread
 * check, closing) over five primitives, so that a transport is small and transports agree. Using it
 * is optional.
 *
 * <p>One call is inside at a time; closing makes it leave, and the last to leave releases. {@code
 * acknowledged}, {@code wake} and {@code release} never meet a transport's object that is released
 * already. The first two and {@code rewind} may be called with a lock of this class held: a thread
 * that holds a lock which they need must not call into this class.
 */
public abstract class SubscriberSupport implements Subscriber {
    private static final Duration NO_LIMIT = ChronoUnit.FOREVER.getDuration();

    private final String queue;
    private final SubscriberOptions options;
    private final Use use = new Use(new Owner());
    private final HandedOver handedOver;
    private final Reading reading;

    /** {@code queue}: its plain name, for the listener's thread and for messages. */
    protected SubscriberSupport(String queue, SubscriberOptions options) {
        this.queue = Objects.requireNonNull(queue, "queue");
        this.options = Objects.requireNonNull(options, "options");
        boolean client = options.ackMode() == AckMode.CLIENT;
        this.handedOver = new HandedOver(use, client, this::acknowledged, this::rewind);
        this.reading = new Reading(use, options, handedOver, this::next, this::batch, this::acknowledged);
    }

    // What a transport implements. The caller sees the exceptions that these throw.

    /**
     * The next message, valid until the next call of next, batch or rewind (a Message too: it is
     * never handed out itself); null if the deadline (nanoTime) has passed or wake was called;
     * InterruptedQueueException if interrupted while waiting. {@link Deadlines#PAST}: do not wait.
     */
    protected abstract MessageView next(long deadlineNanos);

    /**
     * All up to here is done with; stored where a named subscription continues. In CLIENT mode by
     * any thread; else once a batch, by the thread that reads. If it throws then, the next call
     * that reads calls it again.
     */
    protected abstract void acknowledged(long position);

    /**
     * Next starts again at the first message that is not acknowledged. Returns the position before
     * the one to come: more than was acknowledged if that message was overwritten.
     */
    protected abstract long rewind();

    /** Makes a waiting next return null at once, or the one to come if none waits. Any thread. */
    protected abstract void wake();

    /** Called once, after close, when no call is inside; again by the next close if it throws. */
    protected abstract void release();

    // What a transport may override

    /**
     * Poll's fast way: hands over at most {@code most} messages that are there, and returns how
     * many. Next does all others, and waits.
     */
    protected int batch(Batch batch, MessageHandler handler, int most) {
        return 0;
    }

    /** For messages. */
    protected String describe() {
        return Errors.subscriberOf(queue, options.name());
    }

    // What a transport may call

    /**
     * Before anything is handed over: where it starts, {@code acknowledged}, one less than the
     * first position; and up to where messages have been given before to this (named) subscription,
     * which is at least as much.
     */
    protected final void startAfter(long acknowledged, long givenBefore) {
        handedOver.startAfter(acknowledged, givenBefore);
    }

    /** Whether {@code redelivered()} should say so. Inside only. */
    protected final boolean givenBefore(long position) {
        return handedOver.givenBefore(position);
    }

    protected final boolean isClosed() {
        return use.isClosed();
    }

    /**
     * Closes them all, as its queue's close does: what can end ends meanwhile, so that it waits for
     * all handlers no longer than for one.
     */
    public static void closeAll(Collection<? extends SubscriberSupport> subscribers) {
        Use.closeAll(
                subscribers.stream().map((SubscriberSupport each) -> each.use).toList());
    }

    // Read

    @Override
    public Message receive() {
        return receive(NO_LIMIT);
    }

    @Override
    public Message receive(Duration timeout) {
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        Thread me = Thread.currentThread();
        use.enter();
        try {
            return reading.receive(deadline);
        } finally {
            try {
                endCall();
            } finally {
                if (use.inside == me) use.inside = null;
            }
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        Checks.limit(limit);
        long nanos = Deadlines.nanos(Objects.requireNonNull(timeout, "timeout"));
        Thread me = Thread.currentThread();
        use.enter();
        try {
            int atOnce = reading.poll(handler, limit, Deadlines.PAST);
            boolean waits = atOnce == 0 && nanos > 0 && !isClosed();
            // a clock only to wait
            return waits ? reading.poll(handler, limit, Deadlines.after(nanos)) : atOnce;
        } finally {
            try {
                endCall();
            } finally {
                if (use.inside == me) use.inside = null;
            }
        }
    }

    private void endCall() {
        try {
            reading.end();
        } finally {
            use.leave();
        }
    }

    @Override
    public final void setListener(MessageListener listener) {
        Objects.requireNonNull(listener, "listener");
        ListenerThread thread = new ListenerThread(use, options, listener, this::hear);
        Thread me = Thread.currentThread();
        use.enter();
        try {
            thread.start(queue);
        } finally {
            if (use.inside == me) use.inside = null; // else the listener's thread is
        }
    }

    private void hear(MessageListener listener) throws Exception {
        try {
            reading.hear(listener);
        } finally {
            reading.end();
        }
    }

    // Acknowledge

    @Override
    public final void acknowledge() {
        acknowledgeUpTo(position());
    }

    @Override
    public void acknowledge(long position) {
        long last = handedOver.last();
        use.refuseIfClosed();
        if (position > last)
            throw new IllegalArgumentException("position must be <= " + Units.number(last)
                    + " (the last handed over to " + describe() + "), was " + Units.number(position));
        acknowledgeUpTo(position);
    }

    private void acknowledgeUpTo(long position) {
        synchronized (use) {
            use.refuseIfClosed();
            handedOver.acknowledge(position, use.isInside());
        }
    }

    @Override
    public final void recover() {
        boolean own = use.isInside(); // from handler or listener
        if (own) use.refuseIfClosed();
        Thread me = Thread.currentThread();
        if (!own) use.enter();
        try {
            if (options.ackMode() != AckMode.CLIENT) return;
            reading.forget();
            handedOver.recover();
        } finally {
            try {
                if (!own) use.leave();
            } finally {
                if (!own && use.inside == me) use.inside = null;
            }
        }
    }

    // The rest

    @Override
    public final String name() {
        return options.name();
    }

    /**
     * Of the message handed over last; after recover, of the one before the first to come again.
     */
    @Override
    public long position() {
        return handedOver.batch.position();
    }

    @Override
    public final void close() {
        use.close();
    }

    /** For logs and debuggers: who it is, how far it has read, and whether it is closed. */
    @Override
    public String toString() {
        return describe() + " at position " + Units.number(position()) + (isClosed() ? ", closed" : "");
    }

    /** As the owner of open and closed needs it. */
    private final class Owner implements Use.Owner {
        @Override
        public String describe() {
            return SubscriberSupport.this.describe();
        }

        @Override
        public void wake() {
            handedOver.batch.stir();
            SubscriberSupport.this.wake();
        }

        @Override
        public void release() {
            reading.forget();
            SubscriberSupport.this.release();
        }
    }
}
