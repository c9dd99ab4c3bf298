package dev.belfry.api;

import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.SharedSleep;
import dev.belfry.spi.Units;
import dev.belfry.spi.Waitable;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Many subscribers that one thread reads, of any queues and transports. Each keeps its own name,
 * policy and acknowledgement. {@code poll} and {@code receive} are for one thread at a time; {@code
 * add}, {@code remove} and {@code close} for any.
 *
 * <p>Over {@code shm:} and {@code mem:} this thread sleeps for all members at once, and costs what one subscriber
 * costs. The first such member decides for which of the two. For each other member that has no message a daemon
 * thread sleeps. So it is for {@code shm:} queues whose owner, group or mode is another than the first one's. That
 * thread reads the member meanwhile, so a seek in the member, or a read of it alone, is refused, also between two
 * calls. {@code remove} the member first, and {@code add} it again. Acknowledgements are for any time.
 *
 * <p>A member that waits for a disk holds no other up: its messages come with a later call.
 *
 * <p>A member that is closed is taken out. One that fails is taken out too, and the call throws
 * what it threw; the next call reads the others on.
 * @since 0.1
 */
public final class Subscribers implements AutoCloseable {
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The set of each member. Weak both ways, as a set need not be closed. Guarded by itself, no other lock inside. */
    private static final Map<Subscriber, WeakReference<Subscribers>> SETS = new WeakHashMap<>();

    private final WeakReference<Subscribers> itself = new WeakReference<>(this);
    private final Object lock = new Object(); // nobody waits in it
    private final Map<Subscriber, Member> members = new LinkedHashMap<>(); // guarded by lock
    private final Queue<Member> ready = new ArrayDeque<>(); // those that may have a message; guarded by lock
    private final AtomicReference<Thread> inside = new AtomicReference<>();
    private int sharing; // members that sleep in it; guarded by lock
    private volatile SharedSleep shared; // null: no member has had one
    private int callsSinceLook; // of the thread that reads
    private volatile Thread sleeping; // in poll or receive; null: none
    private volatile boolean closed;

    /**
     * Gets the message and the member that it is of. An exception of it means what it means in {@link MessageHandler}.
     */
    @FunctionalInterface
    public interface Handler {
        /** {@code from}: the member whose message it is. The view is valid until this returns. */
        void onMessage(Subscriber from, MessageView message);
    }

    /** A message, and the member that it is of. Components may be added. */
    public record Received(Subscriber from, Message message) {}

    private Subscribers() {}

    /** At least one. They may be open on the same queue, and are closed by their owner. */
    public static Subscribers of(Subscriber... members) {
        if (members.length == 0)
            throw new IllegalArgumentException(
                    "Subscribers need a member, and 0 were given: give one, and add others later");
        Subscribers all = new Subscribers();
        try {
            for (Subscriber each : members) all.add(each);
            return all;
        } catch (Throwable e) {
            all.close();
            throw e;
        }
    }

    /**
     * From now on it is read here, and by nobody else. An IllegalArgumentException if it is a
     * member already, here or elsewhere, or no transport's own; an IllegalStateException if it has a listener.
     */
    public void add(Subscriber subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (!(subscriber instanceof Waitable waitable))
            throw new IllegalArgumentException(
                    subscriber + " cannot be waited for without taking a message. Add the transport's own subscriber,"
                            + " not one around it");
        claim(subscriber);
        boolean isIn = false;
        try {
            waitable.awaitMessage(Deadlines.PAST); // refuses one that is closed, has a listener, or is read elsewhere
            synchronized (lock) {
                if (closed) throw Errors.closed(toString());
                Member member = new Member(subscriber, waitable, share(waitable));
                waitable.setReader(inside::get); // keeps no set from being collected
                members.put(subscriber, member);
                ready.add(member);
                isIn = true;
            }
        } finally {
            if (!isIn) release(subscriber);
        }
        wakeSleeper();
    }

    private void claim(Subscriber added) {
        if (closed) throw Errors.closed(toString());
        synchronized (SETS) {
            WeakReference<Subscribers> known = SETS.get(added);
            Subscribers in = known == null ? null : known.get();
            if (in != null)
                throw new IllegalArgumentException(
                        in == this
                                ? added + " is a member already: add it once"
                                : added + " is a member of other Subscribers: remove it there first");
            SETS.put(added, itself);
        }
    }

    private static void release(Subscriber subscriber) {
        synchronized (SETS) {
            SETS.remove(subscriber);
        }
    }

    /** Called with the lock. */
    private boolean share(Waitable added) {
        if (shared == null && added instanceof SharedSleep.Sleeper first) shared = first.newSleep();
        if (shared == null || !shared.add(added)) return false;
        sharing++;
        return true;
    }

    private void wakeSleeper() {
        LockSupport.unpark(sleeping);
        SharedSleep place = shared;
        if (place != null) place.wake();
    }

    /**
     * From now on its owner may read it; in its handler, from the handler's return on. If another thread's handler has
     * a message of it, this waits until that handler returns, and no other message follows. {@link #close} ends this
     * wait, and an interrupt does, with {@link InterruptedQueueException}; the member is removed then, too. False: it
     * is no member.
     */
    public boolean remove(Subscriber subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Member member;
        boolean isOver;
        synchronized (lock) {
            member = members.get(subscriber);
            if (member == null) return false;
            takeOut(member);
            isOver = awaitTurnOf(member, () -> closed, Deadlines.FOREVER);
        }
        wakeSleeper(); // it may have been the last
        member.end();
        if (!isOver && Thread.currentThread().isInterrupted())
            throw new InterruptedQueueException(
                    "Interrupted while waiting for the handler that has a message of " + subscriber
                            + "; it is removed, and the thread's interrupt flag is still set.",
                    null);
        return true;
    }

    /**
     * Called with the lock, which it gives up while another thread reads the member. An interrupt ends it, and stays.
     * Returns whether nobody reads it any more.
     */
    private boolean awaitTurnOf(Member member, BooleanSupplier ends, long deadline) {
        try {
            for (long left;
                    member.isReadElsewhere() && !ends.getAsBoolean() && (left = Deadlines.remaining(deadline)) > 0; )
                TimeUnit.NANOSECONDS.timedWait(lock, left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !member.isReadElsewhere();
    }

    /** Called with the lock. */
    private void takeOut(Member member) {
        members.remove(member.subscriber);
        ready.remove(member);
        member.waitable.setReader(null);
        if (member.shares) sharing--;
        member.isOut = true;
    }

    /** Lists the members of this moment: the list is a copy. */
    public List<Subscriber> members() {
        synchronized (lock) {
            return new ArrayList<>(members.keySet());
        }
    }

    /** Hands over what is there now, and does not wait. */
    public int poll(Handler handler, int limit) {
        return poll(handler, limit, Duration.ZERO);
    }

    /**
     * Hands over the available messages, up to {@code limit} of each member, and waits only for the
     * first. Which member comes first goes round. A message that was sent to a sleeping member just
     * now may come with the next call. Returns how many; 0 on timeout, or if this was closed
     * meanwhile. An IllegalStateException if there are no members.
     */
    public int poll(Handler handler, int limit, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        Checks.limit(limit);
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        enter();
        try {
            int n = 0;
            look();
            do {
                for (int turns = turns(); turns > 0 && !closed; turns--) {
                    Member member = next();
                    if (member != null) n += member.poll(handler, limit);
                }
            } while (n == 0 && awaitReady(deadline));
            return n;
        } finally {
            inside.set(null);
        }
    }

    /** Waits for the next message of any member. Null if this was closed meanwhile. */
    public @Nullable Received receive() {
        return receive(FOR_EVER);
    }

    /**
     * Null if the time passed first, or if this was closed meanwhile. Members that have messages take turns. With ZERO
     * a message may come with a later call, after as many as there are members.
     */
    public @Nullable Received receive(Duration timeout) {
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        enter();
        try {
            if (++callsSinceLook > sharing()) look();
            do {
                for (int turns = turns(); turns > 0 && !closed; turns--) {
                    Member member = next();
                    Message message = member == null ? null : member.receive();
                    if (message != null) return new Received(member.subscriber, message);
                }
            } while (awaitReady(deadline));
            return null;
        } finally {
            inside.set(null);
        }
    }

    private void enter() {
        Thread me = Thread.currentThread();
        if (closed) throw Errors.closed(toString());
        Thread other = inside.compareAndExchange(null, me);
        if (other != null)
            throw new ConcurrentModificationException(this + " are being read by thread '" + Units.name(other)
                    + "': one thread at a time, and no handler");
    }

    /** Those that sleep together are ready if they have a message. */
    private void look() {
        callsSinceLook = 0;
        if (sharing() > 0) shared.await(Deadlines.PAST, this::found);
    }

    private int sharing() {
        synchronized (lock) {
            return sharing;
        }
    }

    private void found(Waitable subscriber) {
        synchronized (lock) {
            Member member = members.get((Subscriber) subscriber);
            if (member != null && member.shares) member.wakes();
        }
    }

    private int turns() {
        synchronized (lock) {
            if (members.isEmpty() && !closed) throw new IllegalStateException(this + ": add one before they are read");
            return ready.size();
        }
    }

    /** The next one whose turn it is; null: it was removed meanwhile. A failure that its thread has met is thrown. */
    private Member next() {
        Member member;
        synchronized (lock) {
            member = ready.poll();
            if (member == null) return null;
            member.isRead = member.failure == null;
            if (member.isRead) return member;
            takeOut(member);
        }
        member.end();
        if (member.failure instanceof Error error) throw error;
        throw (RuntimeException) member.failure;
    }

    /** True: read again. First each member that was found empty, and does not share, gets its thread. */
    private boolean awaitReady(long deadline) {
        if (deadline == Deadlines.PAST || Deadlines.passed(deadline)) return false;
        sleeping = Thread.currentThread();
        try {
            synchronized (lock) {
                ready.removeIf(Member::sleepsAlone);
            }
            while (true) {
                synchronized (lock) {
                    if (closed) return false;
                    if (!ready.isEmpty() || members.isEmpty()) return true;
                }
                long left = Deadlines.remaining(deadline);
                if (left == 0) return false;
                if (sleeping.isInterrupted()) throw Errors.interrupted("a message of " + this);
                if (sharing() == 0) LockSupport.parkNanos(this, left);
                else shared.await(deadline, this::found);
            }
        } finally {
            sleeping = null;
        }
    }

    /**
     * One of them, and its thread, if it does not share the sleep: which of the two reads it, a field says
     * that the lock guards.
     */
    private final class Member extends Waitable.Turn implements Runnable {
        final Subscriber subscriber;
        private final Waitable waitable;
        final boolean shares;

        // guarded by lock
        private Thread thread; // null: not needed yet
        private boolean isAsleep; // its thread waits for it, or the one that sleeps for all
        private boolean isRead; // its turn
        private volatile boolean isOut; // written with the lock; its turn reads it without
        private Throwable failure; // while it was asleep

        private Handler handler; // these two: of the thread that reads
        private boolean isInHandler;

        Member(Subscriber subscriber, Waitable waitable, boolean shares) {
            this.subscriber = subscriber;
            this.waitable = waitable;
            this.shares = shares;
        }

        int poll(Handler to, int limit) {
            handler = to;
            boolean fails = true;
            int n = -1;
            try {
                n = subscriber.poll(this, limit, Duration.ZERO);
                fails = false;
                return n;
            } catch (InternalError late) { // its own it tells otherwise: of memory that another has read
                fails = false;
                throw late;
            } catch (QueueClosedException e) {
                if (isInHandler || !(subscriber.state() instanceof SubscriberState.Closed)) throw e;
                return 0;
            } finally {
                turnEnds(fails && !isInHandler, n == 0);
            }
        }

        @Override
        public void onMessage(MessageView message) {
            isInHandler = true; // and stays so if it throws
            handler.onMessage(subscriber, message);
            isInHandler = false;
        }

        @Override
        public boolean isOver() {
            return isOut;
        }

        Message receive() {
            boolean fails = true;
            boolean empty = false;
            try {
                Message message = subscriber.receive(Duration.ZERO);
                fails = false;
                empty = message == null;
                return message;
            } catch (InternalError late) { // as above
                fails = false;
                throw late;
            } catch (QueueClosedException e) {
                if (!(subscriber.state() instanceof SubscriberState.Closed)) throw e;
                return null;
            } finally {
                turnEnds(fails, empty);
            }
        }

        private void turnEnds(boolean failed, boolean empty) {
            isInHandler = false;
            synchronized (lock) {
                isRead = false;
                lock.notifyAll();
                if (failed && !isOut) takeOut(this);
                isAsleep = empty && shares;
                if (!isOut && !isAsleep) ready.add(this);
            }
            if (failed) end();
        }

        /** Called with the lock. */
        boolean isReadElsewhere() {
            return isRead && inside.get() != Thread.currentThread();
        }

        /** Called with the lock. */
        void wakes() {
            if (!isAsleep) return;
            isAsleep = false;
            ready.add(this);
        }

        /** Called with the lock. False: it does not. */
        boolean sleepsAlone() {
            if (shares) return false;
            isAsleep = true;
            if (thread == null) {
                thread = new Thread(
                        this, "belfry-waits-for-" + (subscriber.name() == null ? "a subscriber" : subscriber.name()));
                thread.setDaemon(true);
                thread.start();
            }
            LockSupport.unpark(thread);
            return true;
        }

        @Override
        public void run() {
            while (awaitSleep()) {
                Throwable met = null;
                try {
                    waitable.awaitMessage(Deadlines.FOREVER); // of one that was closed, the next turn says so
                } catch (Throwable e) {
                    met = e;
                }
                synchronized (lock) {
                    isAsleep = false;
                    failure = met instanceof QueueClosedException ? null : met;
                    if (!isOut) ready.add(this);
                }
                wakeSleeper();
            }
        }

        /** Answers false once it is no member any more. */
        private boolean awaitSleep() {
            while (true) {
                synchronized (lock) {
                    if (isOut) return false;
                    if (isAsleep) return true;
                }
                LockSupport.park(this);
                Thread.interrupted(); // else park would not sleep again
            }
        }

        /** Called without the lock, of one that is out: the thread that sleeps for it leaves it. */
        void end() {
            try {
                leave();
            } finally {
                release(subscriber);
            }
        }

        private void leave() {
            if (shares) shared.remove(waitable);
            Thread ending;
            synchronized (lock) {
                ending = thread;
            }
            if (ending == null) return;
            ending.interrupt();
            boolean interrupted = false;
            while (ending.isAlive())
                try {
                    ending.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /**
     * Wakes a thread that waits. The members stay open, and are their owner's again, as after {@link #remove}. If
     * another thread's handler has a message, this waits for its return, for five seconds or until an interrupt.
     */
    @Override
    public void close() {
        close(true);
    }

    void close(boolean waits) {
        List<Member> all;
        synchronized (lock) {
            closed = true;
            all = new ArrayList<>(members.values());
            all.forEach(this::takeOut);
            lock.notifyAll(); // those that remove a member
        }
        wakeSleeper();
        long deadline = System.nanoTime() + CLOSE_NANOS;
        if (waits)
            synchronized (lock) {
                for (Member each : all) awaitTurnOf(each, () -> false, deadline);
            }
        all.forEach(Member::end);
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return "Subscribers of " + members.size() + " member(s)";
        }
    }
}
