package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Capability;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import java.time.Duration;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the behaviour that is the same everywhere (acknowledge modes, listener, redelivery, one-thread check, closing).
 * So a transport is small, and transports agree. Using it is optional.
 *
 * <p>It asks its transport by 14 methods. The first five must be implemented. The others have a default that is right
 * for a transport that knows nothing of the matter:
 *
 * <pre>
 * method              called when                                what only the transport knows
 * next                a call reads                               its log, and how to wait for more of it
 * acknowledged        acknowledge; else a call ends              where a subscription's place is stored
 * rewind              recover                                    where in the log that place is
 * wake                close                                      on what a call that waits sleeps
 * release             the last call has left a closed one        what it holds
 * moveTo              seek to a position, NOW or the oldest      with SEEK: where that is
 * moveToTime          seek to a time                             with HISTORY_BY_TIME: where that is
 * drain               poll                                       a loop that needs no call for each message
 * begins              a receive or poll begins                   whether it spins before it waits
 * translated          a failure leaves a call                    damage, and memory that is lost, in the API's words
 * ends                a call ends; a listener waits to retry     views that are over, and what they held back
 * stands              position moves without a read              figures that other processes see
 * stepBack            no memory to copy what comes again         a reader that can stand before it once more
 * mustReadOn          a thread is about to sleep for many        that what comes next is not at the log's end
 * </pre>
 *
 * <p>Which call may enter, what comes first after a failure, the batch's acknowledgement and which call releases stay
 * here. One call is inside at a time. Closing makes it leave ({@link #leave}), and the last to leave releases.
 *
 * <p>The other way, a transport makes the steps of its log on its {@link Standing}, from {@link Standing#attached} on.
 * It tells of an overrun ({@link #overran}, {@link #tellOverrun}). It marks what was given before ({@link
 * Standing#isGiven}), and leaves a view valid that comes again ({@link #isKept}). A drain of its own hands over by
 * {@link #deliver}, or as a batch.
 *
 * <p>{@code acknowledged}, {@code wake} and {@code release} never meet a transport's object that is released already.
 * acknowledged, wake, and the copy of a view whose handler threw, are called under a lock of this class. So a caller
 * that holds a lock that they need must not call into this class.
 * @since 0.1
 */
public abstract class SubscriberSupport implements Subscriber, Waitable {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriberSupport.class);
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String queue;
    private final String queueUri;
    private final SubscriberOptions options;
    private final Use use = new Use(new Owner());

    /**
     * Held over each step that acknowledges, and each that must not meet one: a move, the copy of a message that
     * failed. Such a step may wait for a disk, so closing does not need it. Before the monitor of {@link #use}.
     */
    private final Object acknowledging = new Object();

    private final Standing standing = new Standing();
    private boolean movedInHandler; // by recover or seek, during the handler that runs
    private MessageView toRepeat; // its handler threw, or receive did after it had copied it: it comes first
    private boolean repeatsAcknowledged; // acknowledged before its listener threw

    /**
     * A batch's message at which the handler has thrown. Stored before any call, as there may be no
     * stack left; the next call does what {@link #batchFailed} then cannot do.
     */
    protected @Nullable MessageView failedInBatch;

    // They failed for the last time, and are not to be heard though they come once more: in CLIENT mode until
    // acknowledged.
    private final Set<Long> doneWith = new HashSet<>();
    private long overrunLost; // not told yet
    private long overrunNotLogged;
    private long overrunLogged; // nanoTime; 0: never

    private long failedAt; // the message at which the listener's thread gives up
    private volatile SubscriberState.Stopped stopped;
    private long acknowledgedWhenStopped; // in CLIENT mode; before stopped
    private volatile boolean dismissed; // closed by the program
    private volatile @Nullable Supplier<@Nullable Thread> reader; // of the set whose member it is; null: of none

    /** {@code queue}: its plain name, for the listener's thread; {@code queueUri}: with its scheme, for texts. */
    protected SubscriberSupport(String queue, String queueUri, SubscriberOptions options) {
        this.queue = Objects.requireNonNull(queue, "queue");
        this.queueUri = Objects.requireNonNull(queueUri, "queueUri");
        this.options = Objects.requireNonNull(options, "options");
    }

    // The methods that a transport implements

    /**
     * The next message, valid until the next call (a Message too: it is never handed out itself);
     * null if the deadline (nanoTime) has passed or wake was called; InterruptedQueueException if
     * interrupted while waiting. {@link Deadlines#PAST} means "do not wait".
     */
    protected abstract @Nullable MessageView next(long deadlineNanos);

    /**
     * Everything handed over up to here is done with; stored where a named subscription continues. Any thread. In AUTO
     * and NONE mode called once a batch; with NONE only a transport in which what was read frees room need do
     * anything. The call that reads throws what this throws; the next one calls it again.
     */
    protected abstract void acknowledged(long position);

    /**
     * The next call of next starts again at the first unacknowledged message. If that was overwritten, the
     * {@link Standing} has jumped when this returns.
     */
    protected abstract void rewind();

    /** Makes a waiting next return null at once, or the one to come if none waits. Any thread. */
    protected abstract void wake();

    /** Called once, after close, when no call is inside; again by the next close if it throws. */
    protected abstract void release();

    // The methods that a transport may override

    /**
     * With SEEK: the next call of next begins there, and all before it is acknowledged, even if that
     * was so of more. Nothing is marked as given that was not. Returns the position before it. Called
     * as {@code acknowledged} is, by the thread that reads. Throws before anything is changed.
     */
    protected long moveTo(StartAt start) {
        throw Capabilities.refused(Capability.SEEK, "seek");
    }

    /**
     * With HISTORY_BY_TIME: as {@link #moveTo}, for a {@code start} that is a time. A method of its own, so that a
     * transport that knows none does not take it for OLDEST_RETAINED.
     */
    protected long moveToTime(StartAt start) {
        throw Capabilities.refused(Capability.HISTORY_BY_TIME, "seek");
    }

    /**
     * Poll's hot path: hands over at most {@code limit} messages by {@link #deliver}, waiting for the first one only,
     * and returns how many; stops once {@link #isClosed}, and reads no more for a {@link Waitable.Turn} that is over.
     * Handlers may call recover, hence rewind: what this loop keeps in local variables is stale after deliver.
     */
    protected int drain(MessageHandler handler, int limit, long deadlineNanos) {
        Waitable.Turn turn = handler instanceof Waitable.Turn t ? t : null;
        int n = 0;
        for (MessageView view; n < limit && (turn == null || !turn.isOver()); n++) {
            view = await(n == 0 ? deadlineNanos : Deadlines.PAST);
            if (view == null) break;
            deliver(handler, view);
        }
        return n;
    }

    /**
     * A call begins: a poll that may wait so long if it finds nothing; with 0 one that does not wait, or a
     * receive. A transport may wait here. Returns how long the poll may still wait then.
     */
    protected long begins(long nanos) {
        return nanos;
    }

    /**
     * The form in which a caller sees a failure below, wherever it came up: while reading, in a
     * view, or after a handler. A failure that it does not know stays as it is.
     */
    protected Throwable translated(Throwable failure) {
        return failure;
    }

    /**
     * A call ends, and with it the views that it handed over. May be called twice for a call. Throws nothing: that
     * call has a result of its own.
     */
    protected void ends() {}

    /**
     * {@link #position} is this now, and not because {@code next} returned a message: after a move, or where a
     * message that failed comes again. For a transport whose figures other processes see. Throws nothing.
     */
    protected void stands(long position) {}

    /**
     * The message handed over last is to come again, and there is no memory to copy it: the next
     * call of next returns it once more. False: its view stays valid until then.
     */
    protected boolean stepBack() {
        return false;
    }

    /** Whether only a read finds what comes next: a message comes again, say. */
    protected boolean mustReadOn() {
        return false;
    }

    // The methods that a transport may call

    /**
     * Closes them all, as its queue's close does: what can end ends meanwhile, so that it waits for
     * all handlers no longer than for one.
     */
    public static void closeAll(Collection<? extends SubscriberSupport> subscribers) {
        List<SubscriberSupport> all = List.copyOf(subscribers); // one that leaves them meanwhile is waited for
        for (SubscriberSupport each : all) each.use.beginClose();
        long deadline = System.nanoTime() + CLOSE_NANOS;
        Throwable failure = null;
        for (SubscriberSupport each : all) {
            try {
                each.use.endClose(deadline);
            } catch (RuntimeException | InternalError e) { // it keeps no other open
                if (failure == null) failure = e;
                else Errors.suppress(failure, e);
            }
        }
        if (failure != null) throw unchecked(failure);
    }

    /** Its place; a transport makes the steps that concern its log, the first before anything is handed over. */
    protected final Standing standing() {
        return standing;
    }

    /** So many messages were overwritten before they were read. Inside only, with or without locks. */
    protected final void overran(long lost) {
        overrunLost += lost;
    }

    /**
     * If it overran: the user's code and the log are told. To be called without a lock, by the thread
     * that reads, before it reads the next message: that code may move this subscriber, and close it.
     * False: there was nothing to tell.
     */
    protected final boolean tellOverrun() {
        if (overrunLost == 0) return false;
        long lost = overrunLost;
        overrunLost = 0; // first: what fails below changes nothing
        try {
            logOverrun(lost);
            LongConsumer onOverrun = options.onOverrun();
            if (onOverrun != null) onOverrun.accept(lost);
        } catch (Throwable failure) {
            logQuietly(failure);
        }
        return true;
    }

    private void logOverrun(long lost) {
        overrunNotLogged += lost;
        long now = System.nanoTime();
        if (overrunLogged != 0 && now - overrunLogged < LOG_NANOS) return;
        overrunLogged = now == 0 ? 1 : now;
        LOG.warn(
                "{}: overrun, {} message(s) lost; it resumes at the {}. Let it read faster, or {}.",
                describe(),
                Units.number(overrunNotLogged),
                options.afterOverrun() == AfterOverrun.NEWEST ? "newest" : "oldest",
                Errors.largerOne(queueUri, options.afterOverrun()));
        overrunNotLogged = 0;
    }

    /** The text of a user's exception is user's code, too: what fails here keeps no message from being read. */
    private void logQuietly(Throwable failure) {
        try {
            LOG.warn("{}: onOverrun failed", describe(), Loggable.of(failure));
        } catch (Throwable unsaid) {
            Errors.suppress(failure, unsaid);
        }
    }

    /** Whether it has to stay valid though the call ends: it comes again, and there was no memory for a copy. */
    protected final boolean isKept(MessageView view) {
        return view == toRepeat || view == failedInBatch;
    }

    /** One message through its handler, with all that goes with it; allocates nothing unless the handler throws. */
    protected final void deliver(MessageHandler handler, MessageView view) {
        long position = view.position();
        handingOver(position);
        try {
            handler.onMessage(view);
        } catch (Throwable e) {
            failed(view, null);
            throw e;
        }
        finishedUnlessMoved(position);
    }

    // The same for a batch of messages whose positions have no gap: batchBegins, then for each Standing.handsOver
    // and its handler, then batchEnds; or batchFailed, if a handler throws. A batch ends when a handler calls recover.

    protected final void batchBegins() {
        movedInHandler = false;
    }

    /** {@code position}: of the last message; its handler has returned, like all before it. */
    protected final void batchEnds(long position) {
        finishedUnlessMoved(position);
    }

    /** The handler of the message that the view shows has thrown; {@code first}: of the batch. */
    protected final void batchFailed(MessageView view, long first) {
        long before = view.position() - 1;
        standing.inHand(before + 1);
        failed(view, null);
        if (before >= first) finishedUnlessMoved(before); // nothing is lost where there is no stack for it
        failedInBatch = null;
    }

    /** Whether the calling thread is in a handler or listener, or in a call that reads. */
    protected final boolean isInside() {
        return use.isInside();
    }

    /** The same, or it is in a handler of another member of the same {@link dev.belfry.api.Subscribers}. */
    protected final boolean isReadByCaller() {
        if (use.isInside()) return true;
        Supplier<@Nullable Thread> set = reader;
        return set != null && set.get() == Thread.currentThread() && !use.isClosed();
    }

    @Override
    public final void setReader(@Nullable Supplier<@Nullable Thread> set) {
        reader = set;
    }

    protected final boolean isClosed() {
        return use.isClosed();
    }

    /**
     * The position of the message at which its listener has failed, so that it was closed, and at least 1, also where
     * there are no positions; 0: it has not.
     */
    protected final long stoppedAt() {
        SubscriberState.Stopped now = stopped;
        return now == null ? 0 : Math.max(1, now.position());
    }

    /**
     * The position at which a stopped one has left its subscription: only another subscriber acknowledges beyond it.
     */
    final long leftAt() {
        long failedAt = stoppedAt(); // first
        return Math.max(failedAt - 1, acknowledgedWhenStopped);
    }

    /** The program has closed it: it knows, or does not care any more. */
    final boolean isDismissed() {
        return dismissed;
    }

    /**
     * Would a publisher that waits for this subscriber wait for the calling thread itself? So it reads it, and no
     * other thread can free what comes after {@code acknowledged}. In CLIENT mode another one may: up to
     * {@code lastFreed} its acknowledgement frees space at once.
     */
    protected final boolean isHeldByCaller(long acknowledged, long lastFreed) {
        return isReadByCaller() && (options.ackMode() != AckMode.CLIENT || acknowledged >= lastFreed);
    }

    protected final SubscriberOptions options() {
        return options;
    }

    /** Names this subscriber and its queue in texts of errors. */
    protected final String describe() {
        return Errors.subscriberOf(queueUri, options.name());
    }

    /** Shows in logs and debuggers its name, how far it has read, and whether it is closed. */
    @Override
    public String toString() {
        return describe() + " at position " + Units.number(position()) + (use.isClosed() ? ", closed" : "");
    }

    /** Ends the call; if it was closed meanwhile, releases. */
    protected final void leave() {
        use.leave();
    }

    /** For a {@link SharedSleep}: its thread is inside from now on. False: the next call that reads says why not. */
    public final boolean beginsSleep() {
        try {
            use.enter();
        } catch (QueueClosedException | IllegalStateException | ConcurrentModificationException refused) {
            return false;
        }
        boolean sleeps = false;
        try {
            sleeps = !comesAgain() && !mustReadOn();
            return sleeps;
        } finally {
            if (!sleeps) leave();
        }
    }

    /** Shows to the owner of open and closed only what that needs. */
    private final class Owner implements Use.Owner {
        @Override
        public String describe() {
            return SubscriberSupport.this.describe();
        }

        @Override
        public void ends() {
            SubscriberSupport.this.ends();
        }

        @Override
        public void wake() {
            SubscriberSupport.this.wake();
        }

        @Override
        public void release() {
            toRepeat = null;
            SubscriberSupport.this.release();
        }
    }

    // The interface

    @Override
    public final @Nullable String name() {
        return options.name();
    }

    @Override
    public @Nullable Message receive() {
        return receive(Deadlines.FOREVER);
    }

    @Override
    public @Nullable Message receive(Duration timeout) {
        return receive(Deadlines.after(Objects.requireNonNull(timeout, "timeout")));
    }

    private Message receive(long deadline) {
        Thread me = Thread.currentThread();
        Throwable failure = null;
        use.enter();
        try {
            begins(0);
            MessageView view = comesAgain() ? toRepeat : await(deadline);
            if (view == null) return null;
            Message message = copy(view);
            repeatsAcknowledged = false;
            toRepeat = message; // until all is done that may fail: what this call does not return the next one does
            standing.finished(message.position());
            storeFinished();
            ends();
            handingOver(message.position());
            toRepeat = null;
            return message;
        } catch (Throwable below) {
            failure = translated(below);
            throw unchecked(failure);
        } finally {
            try {
                endBatch(failure);
            } finally {
                if (use.inside == me) use.inside = null;
            }
        }
    }

    /** Where there is no memory or no stack for it, nothing is lost. */
    private Message copy(MessageView view) {
        try {
            return view.copy();
        } catch (Error noRoom) {
            keep(view);
            throw noRoom;
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        Checks.limit(limit);
        long nanos = Deadlines.nanos(Objects.requireNonNull(timeout, "timeout"));
        Thread me = Thread.currentThread();
        Throwable failure = null;
        use.enter();
        try {
            long left = begins(nanos);
            if (!comesAgain()) {
                int atOnce = drain(handler, limit, Deadlines.PAST);
                boolean waits = atOnce == 0 && left > 0 && !isClosed();
                return waits ? drain(handler, limit, Deadlines.after(left)) : atOnce; // a clock for those that wait
            }
            MessageView first = handedOut(toRepeat);
            toRepeat = null;
            deliver(handler, first);
            return limit == 1 || use.isClosed() ? 1 : 1 + drain(handler, limit - 1, Deadlines.PAST);
        } catch (Throwable below) {
            failure = translated(below);
            throw unchecked(failure);
        } finally {
            try {
                endBatch(failure);
            } finally {
                if (use.inside == me) use.inside = null;
            }
        }
    }

    @Override
    public final boolean awaitMessage(long deadlineNanos) {
        Thread me = Thread.currentThread();
        Throwable failure = null;
        use.enter();
        try {
            begins(0);
            boolean again = comesAgain();
            MessageView view = again ? toRepeat : await(deadlineNanos);
            if (view != null) keep(view);
            if (again) stands(position()); // it is not handed over yet
            return view != null;
        } catch (Throwable below) {
            failure = translated(below);
            throw unchecked(failure);
        } finally {
            try {
                endBatch(failure);
            } finally {
                if (use.inside == me) use.inside = null;
            }
        }
    }

    /** Throws it as it is: a handler may throw a checked exception undeclared. */
    private static RuntimeException unchecked(Throwable failure) {
        throw SubscriberSupport.<RuntimeException>undeclared(failure);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T undeclared(Throwable failure) throws T {
        throw (T) failure;
    }

    @Override
    public final void setListener(MessageListener listener) {
        Objects.requireNonNull(listener, "listener");
        FailedMessages failed = new FailedMessages(use, options, queueUri);
        ListenerThread thread = new ListenerThread(use, options, listener, failed, new Heard(failed));
        Thread me = Thread.currentThread();
        use.enter();
        try {
            thread.start(queue);
        } finally {
            if (use.inside == me) use.inside = null; // else the listener's thread is
        }
    }

    private final class Heard implements ListenerThread.Source {
        private final FailedMessages failed;

        Heard(FailedMessages failed) {
            this.failed = failed;
        }

        @Override
        public void hearAll(MessageListener listener) throws Throwable {
            while (true) {
                try {
                    SubscriberSupport.this.hearAll(listener, failed);
                    return;
                } catch (Throwable failure) {
                    passOver(translated(failure));
                }
            }
        }

        /** Throws it, unless it is of one message, which is skipped, and all before that are acknowledged. */
        private void passOver(Throwable failure) throws Throwable {
            boolean isOfTheListener = failedAt != 0; // perhaps of a message of another queue
            if (isOfTheListener || !(failure instanceof IncompatibleVersionException newer)) throw failure;
            boolean isOwed = options.ackMode() == AckMode.CLIENT && standing.acknowledged() < newer.position() - 1;
            if (isOwed || !failed.isSkipped(newer)) throw failure;
            try {
                seek(StartAt.at(newer.position() + 1));
            } catch (IllegalArgumentException gone) {
                // it was overwritten since: the next read finds that
            }
        }

        @Override
        public void stops(Throwable failure) {
            synchronized (acknowledging) {
                acknowledgedWhenStopped = standing.acknowledged();
            }
            stopped = new SubscriberState.Stopped(failure, failedAt != 0 ? failedAt : position() + 1);
        }
    }

    /** Returns when closed; throws what the listener threw too often, or what next threw. */
    private void hearAll(MessageListener listener, FailedMessages failedMessages) throws Exception {
        long failing = 0;
        int failures = 0;
        for (MessageView view; (view = comesAgain() ? handedOut(toRepeat) : await(Deadlines.FOREVER)) != null; ) {
            boolean passOver = !doneWith.isEmpty() && doneWith.contains(view.position());
            Message message = passOver ? null : view.copy(); // each time: the listener may have written into it
            toRepeat = null;
            handingOver(view.position());
            try {
                if (!passOver) listener.onMessage(message);
            } catch (Throwable e) {
                failed(view, message);
                if (view.position() != failing) failures = 0;
                failing = view.position();
                failedAt = failing;
                if (use.isClosed()) throw e;
                if (++failures > options.maxRedeliveries()) {
                    boolean isFoundAgain = toRepeat != null || failing > 0;
                    // After a move in the listener the view may show another message by now.
                    MessageView failed = movedInHandler ? HeapMessage.viewOf(message) : view;
                    if (!isFoundAgain || !failedMessages.isDoneWith(toRepeat != null ? toRepeat : failed, e)) throw e;
                    doneWith.add(failing);
                } else {
                    ends(); // of a view that is used no more: it holds back nothing while this waits
                    failedMessages.delay(failures);
                    if (use.isClosed()) throw e;
                }
                failedAt = 0;
                continue;
            }
            finishedUnlessMoved(view.position());
            storeFinished();
            if (view.position() == failing) failures = 0;
            if (passOver) passedOver(view.position());
            if (use.isClosed()) return;
        }
    }

    /**
     * In CLIENT mode it is acknowledged if all before it are: that of the program would be that of all before it, too.
     * Else recover brings it back.
     */
    private void passedOver(long position) {
        boolean client = options.ackMode() == AckMode.CLIENT && 0 < position;
        if (client && !use.isClosed())
            acknowledge(() -> {
                long before = standing.acknowledged();
                return before == position - 1 ? position : before;
            });
        doneWith.removeIf(each -> client ? each <= standing.acknowledged() : each == position);
    }

    @Override
    public final void acknowledge() {
        acknowledge(this::position);
    }

    @Override
    public void acknowledge(long position) {
        acknowledge(() -> {
            long last = standing.acknowledgeable();
            if (position > last)
                throw new IllegalArgumentException("position must be <= " + Units.number(last)
                        + " (the last handed over to " + describe() + "), was " + Units.number(position));
            return position;
        });
    }

    /** {@code upTo}: is asked when no message fails meanwhile, which is handed over no more. */
    private void acknowledge(LongSupplier upTo) {
        use.beginAcknowledge();
        try {
            synchronized (acknowledging) {
                use.refuseIfClosed(); // while it waited
                long position = upTo.getAsLong();
                if (options.ackMode() != AckMode.CLIENT) return;
                acknowledged(position);
                standing.acknowledged(position);
            }
        } finally {
            synchronized (use) {
                use.acknowledging--; // without a call, which may fail at the end of the stack
            }
            use.endAcknowledge();
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
            standing.leaves();
            toRepeat = null;
            failedInBatch = null;
            movedInHandler = true;
            rewind();
            synchronized (acknowledging) {
                // Perhaps later than it was: what was acknowledged or overwritten since does not come again.
                standing.recovered();
            }
            stands(position());
        } finally {
            try {
                if (!own) leave();
            } finally {
                if (!own && use.inside == me) use.inside = null;
            }
        }
    }

    @Override
    public final void seek(StartAt start) {
        Objects.requireNonNull(start, "start");
        boolean own = use.isInside(); // from handler, listener or onOverrun
        if (own) use.refuseIfClosed();
        Thread me = Thread.currentThread();
        if (!own) use.enter();
        try {
            synchronized (acknowledging) { // no other thread acknowledges meanwhile
                standing.sought(start.timeMillis().isPresent() ? moveToTime(start) : moveTo(start), 0);
            }
            stands(position());
            toRepeat = null;
            failedInBatch = null;
            doneWith.clear();
            movedInHandler = true;
        } catch (Throwable below) {
            throw unchecked(translated(below));
        } finally {
            try {
                if (!own) leave();
            } finally {
                if (!own && use.inside == me) use.inside = null;
            }
        }
    }

    /** The position of the message handed over last; after recover or seek, of the one before the first to come. */
    @Override
    public long position() {
        return standing.handedOver();
    }

    @Override
    public final SubscriberState state() {
        SubscriberState.Stopped now = stopped;
        if (now != null) return now;
        return use.isClosed() ? new SubscriberState.Closed() : new SubscriberState.Running();
    }

    @Override
    public final void close() {
        dismissed = true;
        use.beginClose();
        use.endClose(System.nanoTime() + CLOSE_NANOS);
    }

    // Bookkeeping of the call that is inside

    private MessageView await(long deadline) {
        while (!use.isClosed()) {
            MessageView view = next(deadline);
            if (view != null) return handedOut(view);
            if (Deadlines.passed(deadline)) return null;
        }
        return null;
    }

    /**
     * Is there a kept message to hand over again? Not if it was acknowledged since, by a pool say.
     * Between enter and leave.
     */
    private boolean comesAgain() {
        if (failedInBatch != null) keepFailedInBatch();
        if (toRepeat == null) return false;
        synchronized (acknowledging) {
            boolean since = options.ackMode() == AckMode.CLIENT
                    && !repeatsAcknowledged
                    && 0 < toRepeat.position()
                    && toRepeat.position() <= standing.acknowledged();
            if (since) toRepeat = null;
        }
        if (toRepeat != null) stands(toRepeat.position());
        return toRepeat != null;
    }

    private void keepFailedInBatch() {
        if (toRepeat == null) {
            standing.inHand(failedInBatch.position());
            failed(failedInBatch, null);
        }
        failedInBatch = null;
    }

    private static MessageView handedOut(MessageView view) {
        return view instanceof Message m ? HeapMessage.viewOf(m) : view;
    }

    private void handingOver(long position) {
        standing.handingOver(position);
        movedInHandler = false;
    }

    /** If its handler has called seek, that says what is acknowledged. */
    private void finishedUnlessMoved(long position) {
        if (!movedInHandler) standing.finished(position);
    }

    /**
     * Not handed over: it comes first again, unless recover went back to it anyway. If it was
     * acknowledged meanwhile, the view may show another message by now. Then {@code heard}, the
     * listener's own copy, comes again instead; a message that only a view showed does not.
     */
    private void failed(MessageView view, Message heard) {
        long position = view.position();
        standing.failed(position);
        if (movedInHandler) return;
        synchronized (acknowledging) { // nobody acknowledges it while it is copied
            boolean gone = options.ackMode() == AckMode.CLIENT && 0 < position && position <= standing.acknowledged();
            if (gone && heard == null) return;
            try {
                toRepeat = HeapMessage.viewOf(gone ? HeapMessage.copyOf(heard, true) : redelivered(view.copy()));
            } catch (OutOfMemoryError | StackOverflowError noRoom) { // what the handler threw is told
                if (gone) return;
                keep(view);
            } catch (MessageQueueException ended) { // which the next call says
                return;
            }
            repeatsAcknowledged = gone;
            standing.takenBack();
        }
        stands(position());
    }

    private static Message redelivered(Message copy) {
        return new HeapMessage(copy.position(), copy.timestampMillis(), copy.bytes(), copy.properties(), true);
    }

    /** Has the message repeated without a copy, for which there was no memory. */
    private void keep(MessageView view) {
        if (view == toRepeat) return;
        if (stepBack()) {
            standing.notFound(view.position());
            stands(position());
        } else toRepeat = view;
    }

    /** {@code failure}: why the call ends, or null. It comes before what fails here. */
    private void endBatch(Throwable failure) {
        try {
            try {
                storeFinished();
            } finally {
                leave();
            }
        } catch (Throwable late) {
            if (failure == null) throw late;
            Errors.suppress(failure, late);
        }
    }

    private void storeFinished() {
        if (!standing.isFinishedOwed()) return;
        long finished = standing.finished();
        if (options.ackMode() != AckMode.CLIENT) {
            acknowledged(finished);
            standing.acknowledged(finished);
        }
        standing.finishedIsStored(); // after it, which may fail: publishers may wait for it though nothing else comes
    }
}
