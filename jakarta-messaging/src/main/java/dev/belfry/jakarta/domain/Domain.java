package dev.belfry.jakarta.domain;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.jakarta.fold.Answer;
import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One member of a domain: this JVM, as the others see it. It folds when somebody here consumes,
 * claims a client id, or must make room. Any thread, but for what says that it needs the fold lock.
 */
public final class Domain {
    /** Of DROP: the reason. */
    static final int EXPIRED = 1;

    private static final String MARK = "jakarta";
    private static final int REGISTRY_BELL = 1 << 31;
    private static final int BELLS = 31;

    private final String name;
    private final MessageQueue handle;
    private final Log log;
    private final Mark mark;
    private final LogReader reader;
    private final long self;
    private final String shortId;
    private final AtomicLong serials = new AtomicLong();
    private final Sender sender;
    private final Pump pump;
    private final Keeper keeper;
    private final ReentrantLock fold = new ReentrantLock();
    private Folded folded;
    private long reconciled;
    /** See the package. */
    private final Map<Long, LocalConsumer> held = new ConcurrentHashMap<>();

    private final List<LocalConsumer> consumers = new CopyOnWriteArrayList<>();
    private final ReentrantLock attaching = new ReentrantLock();
    private final Map<Long, Integer> attached = new HashMap<>(); // guarded by attaching
    private final List<Runnable> idle = new CopyOnWriteArrayList<>();
    private final List<Consumer<RuntimeException>> listeners = new CopyOnWriteArrayList<>();
    // What there was no room for; guarded by attaching.
    private final Set<Long> toAttach = new TreeSet<>();
    private final Set<Long> toDetach = new TreeSet<>();
    private final Set<Long> toDelete = new TreeSet<>();
    /** To be given back; guarded by itself. */
    private final List<Taken> orphans = new ArrayList<>();

    private final Thread daemon;
    private volatile RuntimeException failure;
    private volatile boolean closed;

    /** {@code handle}: on a queue that is a log; closed with this. */
    public Domain(String name, MessageQueue handle) {
        this.name = name;
        this.handle = handle;
        log = handle.unwrap(Log.class);
        mark = log.mark(MARK); // before the first record
        reader = log.reader();
        self = log.self();
        shortId = log.id().toString().substring(0, 8);
        keeper = new Keeper(this);
        pump = new Pump(this, reader);
        sender = new Sender(this);
        daemon = new Thread(this::slices, "belfry-" + name);
        daemon.setDaemon(true);
        daemon.start();
    }

    public String name() {
        return name;
    }

    /** For message ids. */
    public String shortId() {
        return shortId;
    }

    /** This member. */
    public long self() {
        return self;
    }

    /** The number of the queue with this name, as messages say it. */
    public static long queueId(String queueName) {
        return DestinationId.of(DestinationId.QUEUE, queueName);
    }

    public static long temporaryQueueId(String queueName) {
        return DestinationId.of(DestinationId.TEMPORARY_QUEUE, queueName);
    }

    /** Of the next message. */
    public long nextSerial() {
        return serials.incrementAndGet();
    }

    Log log() {
        return log;
    }

    Mark mark() {
        return mark;
    }

    Keeper keeper() {
        return keeper;
    }

    // ---- folding

    /** With the fold lock. */
    Folded folded() {
        if (folded == null) folded = new Folded(name, reader, mark);
        return folded;
    }

    /** Folds, takes, hands out; returns until when to sleep at most. */
    long turn() {
        fold.lock();
        try {
            refuseIfBroken();
            return pump.turn();
        } finally {
            fold.unlock();
        }
    }

    /** It fails from now on: damage, or a record that it cannot read. */
    boolean isBroken() {
        try {
            log.newest();
            return failure != null;
        } catch (MessageQueueException gone) {
            return true;
        }
    }

    private void refuseIfBroken() {
        RuntimeException broken = failure;
        if (broken != null) throw new IllegalStateException(broken.getMessage(), broken);
    }

    /** What reads the state as of the log's end. */
    <T> T withState(java.util.function.Function<State, T> question) {
        boolean moved = false;
        fold.lock();
        try {
            long before = folded().state().position();
            folded().toTheEnd();
            moved = folded().state().position() != before;
            return question.apply(folded().state());
        } finally {
            fold.unlock();
            if (moved) pump.wakeLeader(); // which sleeps until the log moves, and was not told of what we folded
        }
    }

    /** With the fold lock: if this member was passed, what it holds is what the new state says. */
    void reconcile() {
        if (reconciled == folded().passes()) return;
        reconciled = folded().passes();
        State state = folded().state();
        for (LocalConsumer one : consumers) one.keepOnly(mid -> isMine(state, one.queue(), mid) || isReleased(mid));
        for (var channel : state.channels()) {
            View view = channel.queue();
            if (view == null) continue;
            List<Long> unknown = new ArrayList<>();
            view.forEach(m -> {
                if (view.of(m).holder() == self && !held.containsKey(m.mid())) unknown.add(m.mid());
                return true;
            });
            if (!unknown.isEmpty()) returnUnknown(view.id(), unknown);
        }
    }

    /** False, and nobody here has it any more. */
    private boolean isReleased(long mid) {
        release(mid);
        return false;
    }

    private void returnUnknown(long queue, List<Long> mids) {
        long[] sorted = mids.stream().mapToLong(Long::longValue).sorted().toArray();
        RecordWriter writer = new RecordWriter().begin(self).giveBack(queue, 0, false, sorted);
        if (log.append(writer.end(), Reserve.SMALL, bell(queue), Duration.ZERO) == Log.REJECTED) reconciled = -1;
    }

    private boolean isMine(State state, long queue, long mid) {
        View view = state.view(queue);
        Message m = state.message(mid);
        Delivery now = view == null || m == null ? null : view.of(m);
        return now != null && now.holder() == self;
    }

    /** With the fold lock, after the TAKE was folded; null: somebody else was first. */
    Taken taken(LocalConsumer consumer, long mid) {
        while (true) {
            State state = folded().state();
            if (!isMine(state, consumer.queue(), mid)) return null;
            Message m = state.message(mid);
            byte[] bytes = folded().read(m);
            if (bytes == null) {
                folded().toTheEnd(); // it was told again, further on
                continue;
            }
            int count = state.view(consumer.queue()).of(m).count();
            return new Taken(consumer, mid, m.priority(), m.expiry(), m.author(), count, bytes);
        }
    }

    void hold(long mid, LocalConsumer consumer) {
        held.put(mid, consumer);
    }

    void release(long mid) {
        held.remove(mid);
    }

    // ---- bells

    static int bell(long destination) {
        return 1 << (int) Long.remainderUnsigned(destination, BELLS);
    }

    int bells() {
        int bells = REGISTRY_BELL;
        for (LocalConsumer one : consumers) bells |= bell(one.queue());
        return bells;
    }

    // ---- consumers

    /**
     * Attached from now on, and hungry when it says so.
     *
     * @throws IllegalArgumentException if another queue has this name's id
     */
    public LocalConsumer consume(long queue, String queueName, Selector selector, Signal signal, int prefetch) {
        String known = withState(state -> state.registry().name(queue));
        if (known != null && !known.equals(queueName))
            throw new IllegalArgumentException("Queue '" + queueName + "' has the same number as '" + known
                    + "', which the domain '" + name + "' has already; it can have one of them. Choose another name.");
        LocalConsumer consumer = new LocalConsumer(this, queue, selector, signal, prefetch);
        if (!DestinationId.isTemporary(queue)) attachFor(queue); // else one connection alone consumes
        consumers.add(consumer);
        pump.wakeLeader();
        return consumer;
    }

    private void attachFor(long queue) {
        attaching.lock();
        try {
            if (attached.merge(queue, 1, Integer::sum) == 1 && !attach(queue)) toAttach.add(queue);
        } finally {
            attaching.unlock();
        }
    }

    /**
     * False: there is no room. It consumes all the same, since a full domain must be drained:
     * attachments only say how to share, and who takes under a claim.
     */
    private boolean attach(long queue) {
        var record = new RecordWriter().begin(self).attach(queue, 0).end();
        if (log.append(record, Reserve.NORMAL, REGISTRY_BELL, Duration.ZERO) != Log.REJECTED) return true;
        keep();
        return log.append(record, Reserve.NORMAL, REGISTRY_BELL, Duration.ofMillis(1)) != Log.REJECTED;
    }

    private boolean detach(long queue) {
        var record = new RecordWriter().begin(self).detach(queue, 0).end();
        return log.append(record, Reserve.SMALL, REGISTRY_BELL, Duration.ZERO) != Log.REJECTED;
    }

    List<LocalConsumer> consumers() {
        return consumers;
    }

    /** Gives back what was not delivered; what was stays with its session. */
    public void end(LocalConsumer consumer) {
        consumers.remove(consumer);
        List<Taken> undelivered;
        fold.lock(); // no turn is filling it
        try {
            undelivered = consumer.close();
        } finally {
            fold.unlock();
        }
        giveBackLater(undelivered);
        if (!DestinationId.isTemporary(consumer.queue())) detachFor(consumer.queue());
    }

    private void detachFor(long queue) {
        attaching.lock();
        try {
            if (attached.merge(queue, -1, Integer::sum) > 0) return;
            attached.remove(queue);
            if (!toAttach.remove(queue) && !detach(queue)) toDetach.add(queue);
        } finally {
            attaching.unlock();
        }
    }

    /** Takes what is there now for those that are hungry. */
    public void takeNow() {
        turn();
    }

    /**
     * Folds what came. Whether a turn is worth it for these, which have something buffered: a
     * message of a higher priority may be there, or somebody else waits for what was folded now, and
     * would not be told again.
     */
    public boolean hasUrgent(List<LocalConsumer> asking) {
        fold.lock();
        try {
            refuseIfBroken();
            boolean came = folded().state().position() < log.newest();
            if (came) folded().toTheEnd();
            reconcile();
            State state = folded().state();
            for (LocalConsumer one : asking) if (one.hasAbove(state)) return true;
            if (came) for (LocalConsumer one : consumers) if (one.isHungry() && !asking.contains(one)) return true;
            return false;
        } finally {
            fold.unlock();
        }
    }

    /** Until somebody raises the signal: there are messages, or its session has news. The caller has no lock. */
    public void await(Signal signal, long deadline) {
        pump.await(signal, deadline);
    }

    public void raise(Signal signal) {
        pump.raise(signal);
    }

    public void lower(Signal signal) {
        signal.lower();
    }

    // ---- what ends or changes what is held

    /** One record: these are done, and these are sent. All or nothing. */
    public void commit(Collection<Taken> done, List<Sent> sends, Duration timeout) {
        refuseIfBroken();
        sender.commit(done, sends, timeout);
        for (Taken one : done) held.remove(one.mid());
    }

    /** As commit, for a message that was delivered too often. */
    public void moveToDeadLetters(Taken taken, String deadLetterQueue, Duration timeout) {
        sender.deadLetter(taken, deadLetterQueue, timeout);
        held.remove(taken.mid());
    }

    /** These were delivered once more, and stay held. */
    public void count(Collection<Taken> delivered, Duration timeout) {
        if (delivered.isEmpty()) return;
        RecordWriter writer = new RecordWriter().begin(self);
        byQueue(delivered).forEach(writer::count);
        sender.append(writer.end(), Reserve.SMALL, 0, timeout);
        delivered.forEach(Taken::counted);
    }

    /** {@code counted}: this delivery counts. {@code notBefore}: of the clock, or 0. */
    public void giveBack(Collection<Taken> taken, long notBefore, boolean counted, Duration timeout) {
        if (taken.isEmpty()) return;
        int[] bells = {0};
        RecordWriter writer = new RecordWriter().begin(self);
        byQueue(taken).forEach((queue, mids) -> {
            writer.giveBack(queue, notBefore, counted, mids);
            bells[0] |= bell(queue);
        });
        sender.append(writer.end(), Reserve.SMALL, bells[0], timeout);
        for (Taken one : taken) held.remove(one.mid());
    }

    /** At once, or by the daemon: it stays held until then. */
    private void giveBackLater(Collection<Taken> taken) {
        try {
            giveBack(taken, 0, false, Duration.ZERO);
        } catch (NoRoomException full) {
            synchronized (orphans) {
                orphans.addAll(taken);
            }
        }
    }

    static Map<Long, long[]> byQueue(Collection<Taken> taken) {
        Map<Long, List<Long>> lists = new TreeMap<>();
        for (Taken one : taken)
            lists.computeIfAbsent(one.queue(), q -> new ArrayList<>()).add(one.mid());
        Map<Long, long[]> mids = new TreeMap<>();
        lists.forEach((queue, list) -> mids.put(
                queue, list.stream().mapToLong(Long::longValue).sorted().toArray()));
        return mids;
    }

    // ---- browsing

    /** The messages of a queue as of now; none is taken. */
    public Browsing browse(long queue, Selector selector) {
        return new Browsing(this, queue, selector);
    }

    /** In this JVM, and neither acknowledged nor given back. */
    boolean isDelivered(Message m) {
        LocalConsumer consumer = held.get(m.mid());
        return consumer != null && !consumer.hasBuffered(m.mid());
    }

    /** With the fold lock: the operation MESSAGE; null: it is gone. */
    byte[] bytes(long mid) {
        while (true) {
            Message m = folded().state().message(mid);
            byte[] bytes = m == null ? null : folded().read(m);
            if (m == null || bytes != null) return bytes;
            folded().toTheEnd(); // it was told again, further on
        }
    }

    // ---- temporary queues

    /** The name of a new one, which this member owns until it is deleted. */
    public String createTemporaryQueue(Duration timeout) {
        while (true) {
            String queueName = "temporary-" + shortId + '-' + Long.toHexString(self) + '-' + serials.incrementAndGet();
            long queue = temporaryQueueId(queueName);
            var record =
                    new RecordWriter().begin(self).define(queue, 0, queueName).end();
            Outcome outcome = ask(record, registry -> registry.owner(queue) == self, timeout);
            if (outcome == Outcome.DONE) return queueName; // else another name has this number
        }
    }

    /** Of this member; it is gone with its messages, at once or, for want of room, a little later. */
    public void deleteTemporaryQueue(long queue) {
        attaching.lock();
        try {
            if (!delete(queue)) toDelete.add(queue);
        } finally {
            attaching.unlock();
        }
    }

    private boolean delete(long queue) {
        var record = new RecordWriter().begin(self).delete(queue).end();
        return log.append(record, Reserve.SMALL, REGISTRY_BELL, Duration.ZERO) != Log.REJECTED;
    }

    /** A member that only sends folds for this: what it sends would be lost without a word. */
    public boolean isDeleted(long temporaryQueue) {
        return withState(state -> state.registry().owner(temporaryQueue) == 0);
    }

    // ---- client ids

    /** False: another living connection has it. */
    public boolean claim(String clientId, Duration timeout) {
        while (true) {
            var record =
                    new RecordWriter().begin(self).client(clientId, 0, true).end();
            Outcome outcome = ask(record, registry -> registry.client(clientId) == self, timeout);
            if (outcome == Outcome.DONE) return true;
            long owner = withState(state -> state.registry().client(clientId));
            if (owner == self || owner != 0 && log.isAlive(owner)) return false;
            if (owner != 0) leave(owner);
        }
    }

    /**
     * The outcome of a record with one operation on the registry.
     *
     * @param done whether it has happened, as the registry says to a member that was passed meanwhile
     */
    private Outcome ask(ByteBuffer record, Predicate<Registry> done, Duration timeout) {
        long deadline = Deadlines.after(timeout);
        while (true) {
            Outcome outcome = ask(record, done);
            if (outcome != null) return outcome;
            if (Deadlines.passed(deadline)) throw sender.full();
            keep();
        }
    }

    /** Null: it was refused for want of room. */
    private Outcome ask(ByteBuffer record, Predicate<Registry> done) {
        fold.lock();
        try {
            folded().toTheEnd();
            long position = log.append(record, Reserve.NORMAL, REGISTRY_BELL, Duration.ofMillis(1));
            if (position == Log.REJECTED) return null;
            List<Answer> answers = folded().upTo(position);
            if (answers != null) return answers.get(0).outcome();
            return done.test(folded().state().registry()) ? Outcome.DONE : Outcome.IN_USE;
        } finally {
            fold.unlock();
        }
    }

    public void release(String clientId) {
        var record = new RecordWriter().begin(self).client(clientId, 0, false).end();
        sender.append(record, Reserve.SMALL, REGISTRY_BELL, Duration.ZERO);
    }

    // ---- the daemon's work

    /** Runs once a slice, when nothing else does it. */
    public void whenIdle(Runnable task) {
        idle.add(task);
    }

    public void notWhenIdle(Runnable task) {
        idle.remove(task);
    }

    /** Told once when this member cannot go on. */
    public void onFailure(Consumer<RuntimeException> listener) {
        listeners.add(listener);
    }

    public void notOnFailure(Consumer<RuntimeException> listener) {
        listeners.remove(listener);
    }

    private void slices() {
        while (!closed && failure == null) {
            try {
                java.util.concurrent.locks.LockSupport.parkNanos(this, pump.slice());
                if (!closed) slice();
            } catch (NoRoomException full) {
                continue; // in the next slice
            } catch (RuntimeException e) {
                if (!closed) fail(e);
            } catch (InternalError e) {
                if (!closed) fail(LateFault.of(e));
            }
        }
    }

    private void slice() {
        for (Runnable task : idle) task.run();
        for (LocalConsumer one : consumers) giveBackLater(one.drainIfStale());
        List<Taken> again;
        synchronized (orphans) {
            again = List.copyOf(orphans);
            orphans.clear();
        }
        giveBackLater(again);
        attachAgain();
        if (!fold.tryLock()) return; // somebody else is at it
        try {
            if (folded == null) return;
            pump.turn();
            leaveDead();
        } finally {
            fold.unlock();
        }
    }

    private void attachAgain() {
        attaching.lock();
        try {
            toDetach.removeIf(queue -> attached.containsKey(queue) || detach(queue));
            toAttach.removeIf(this::attach);
            toDelete.removeIf(this::delete);
        } finally {
            attaching.unlock();
        }
    }

    private void fail(RuntimeException e) {
        failure = e;
        for (Consumer<RuntimeException> listener : listeners) listener.accept(e);
        for (LocalConsumer one : consumers) pump.raise(one.signal());
    }

    /** With the fold lock: members that died give up all. Their byte is free; no clock is asked. */
    void leaveDead() {
        Set<Long> members = new TreeSet<>(folded().state().owners());
        members.addAll(pump.holders());
        for (long member : members) if (member != self && !log.isAlive(member)) leave(member);
        pump.holders().clear();
    }

    private void leave(long member) {
        log.append(new RecordWriter().begin(self).leave(member).end(), Reserve.SMALL, -1, Duration.ZERO);
    }

    /** Makes room, if that can be. */
    void keep() {
        fold.lock();
        try {
            keeper.keep();
        } finally {
            fold.unlock();
        }
    }

    /** For the text of a full domain: the largest queues. */
    String largest() {
        return withState(state -> {
            StringBuilder text = new StringBuilder();
            state.channels().stream()
                    .filter(c -> c.size() > 0)
                    .sorted((a, b) -> Integer.compare(b.size(), a.size()))
                    .limit(3)
                    .forEach(c -> text.append(text.length() == 0 ? "" : ", ")
                            .append('\'')
                            .append(state.registry().name(c.destination()))
                            .append("' with ")
                            .append(c.size())
                            .append(" messages and ")
                            .append(state.registry().attached(c.destination()).size())
                            .append(" consuming processes"));
            return text.length() == 0 ? "no destination" : text.toString();
        });
    }

    /** What this member owns is free, and what it holds goes back. */
    public void close() {
        if (closed) return;
        closed = true;
        java.util.concurrent.locks.LockSupport.unpark(daemon);
        try {
            if (folded != null && failure == null) leave(self);
        } catch (MessageQueueException gone) {
            return; // then others find that its byte is free
        } finally {
            handle.close();
        }
    }
}
