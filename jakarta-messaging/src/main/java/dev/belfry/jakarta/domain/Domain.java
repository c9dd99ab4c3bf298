package dev.belfry.jakarta.domain;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.overflow.CompanionException;
import dev.belfry.jakarta.overflow.Member;
import dev.belfry.jakarta.overflow.Pager;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a domain: this JVM, as the others see it. It folds when a consumer is here,
 * claims a client id, or must make room. Any thread, but for what says that it needs the fold lock.
 */
public final class Domain {
    private static final Logger LOG = LoggerFactory.getLogger(Domain.class);

    /** A reason of DROP. */
    static final int EXPIRED = 1;

    static final int UNWANTED = 2;

    static final String MARK = "jakarta";
    static final int REGISTRY_BELL = 1 << 31;
    /** Each is one of the 128 slots of a domain, for all its members, and the one that leads has one, too. */
    private static final int MOST_SLEEPERS = 1;

    private static final Duration CLAIM_TIME = Duration.ofMillis(100);

    public final String name;
    public final MessageQueue handle;
    final Log log;
    final Mark mark;
    private final LogReader reader;
    public final long self; // this member
    public final String shortId; // for message ids
    private final AtomicLong serials = new AtomicLong();
    public final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger sleepers = new AtomicInteger();
    final Sender sender;
    final Pump pump;
    final RoomMaker roomMaker;
    final Holdings holdings;
    public final Membership membership;
    private final Pager pager;
    /** Asks threads of its own, and waits for none. */
    volatile InLine inLine;

    private final Daemon daemon;
    private final Skipped skipped;
    final ReentrantLock foldLock = new ReentrantLock();
    private Folded folded;

    final List<LocalConsumer> consumers = new CopyOnWriteArrayList<>();
    final List<TopicReader> readers = new CopyOnWriteArrayList<>(); // of plain subscriptions
    final Visits visits = new Visits();
    private final List<Consumer<RuntimeException>> listeners = new CopyOnWriteArrayList<>();
    private volatile RuntimeException failure;
    /** Went through what is folded, which is half of something then: this member is to end. */
    private volatile Error spoiledBy;

    private volatile boolean endsIfDeleted;
    private volatile boolean closed;

    /** {@code handle}: on a queue that is a log; closed with this. */
    public Domain(String name, MessageQueue handle) {
        this.name = name;
        skipped = new Skipped(name);
        this.handle = handle;
        log = handle.unwrap(Log.class);
        mark = log.mark(MARK); // before the first record
        reader = log.reader();
        self = log.self();
        shortId = log.id().toString().substring(0, 8);
        roomMaker = new RoomMaker(this);
        pump = new Pump(this, reader);
        sender = new Sender(this);
        holdings = new Holdings(this);
        membership = new Membership(this);
        daemon = new Daemon(this);
        pager = new Pager(new Paging(), name);
        inLine = pager::want;
        daemon.thread.start();
    }

    /**
     * Pages out to that place from now on what the ring cannot hold.
     *
     * @throws IncompatibleQueueException if the domain has another place for it
     */
    public void overflow(String setting) {
        String other = pager.agree(setting);
        if (other != null)
            throw new IncompatibleQueueException("Domain '" + name + "' has overflow=" + other + ", not overflow="
                    + setting + ". Give the same one, or none.");
    }

    /** Whether what is in it outlives the machine. */
    public boolean isOnDisk() {
        return handle.capabilities().contains(Capability.PERSISTENT);
    }

    /** Whether these bytes, which may be anything, are one message as the log has it. */
    public static boolean isMessage(byte[] operation) {
        return RecordReader.isMessage(operation);
    }

    /** The number of the queue with this name, as messages say it. */
    public static long queueId(String queueName) {
        return DestinationId.of(DestinationId.QUEUE, queueName);
    }

    public static long temporaryQueueId(String queueName) {
        return DestinationId.of(DestinationId.TEMPORARY_QUEUE, queueName);
    }

    public static long topicId(String topicName) {
        return DestinationId.of(DestinationId.TOPIC, topicName);
    }

    public static long temporaryTopicId(String topicName) {
        return DestinationId.of(DestinationId.TEMPORARY_TOPIC, topicName);
    }

    public long nextSerial() {
        return serials.incrementAndGet();
    }

    // ---- folding

    /**
     * With the fold lock. First of all those leave that died: a program that asks for what is there now, and ends,
     * would never see what they held.
     */
    Folded folded() {
        if (spoiledBy != null) throw spoiled();
        if (folded == null) {
            folded = new Folded(name, reader, mark, skipped);
            membership.leaveDead();
        }
        return folded;
    }

    /** With the fold lock: a thread here had a reason to fold. */
    boolean hasFolded() {
        return folded != null;
    }

    /**
     * Folds, takes, hands out; returns until when to sleep at most. One turn is enough for all that wait for the lock:
     * each was hungry before it asked.
     */
    public long turn() {
        long begun = pump.begun;
        foldLock.lock();
        try {
            refuseIfBroken();
            return pump.hasMadeOneSince(begun) ? pump.due : pump.turn();
        } catch (Error e) {
            spoil(e);
            throw e;
        } finally {
            foldLock.unlock();
        }
    }

    /**
     * An Error went through what this member knows, as for want of memory: that is thrown away
     * first, for which hardly any is needed. The daemon tells all, without a lock. The messages it
     * holds go to others when the connections are closed.
     */
    void spoil(Error e) {
        if (LateFault.is(e)) return;
        if (spoiledBy == null) spoiledBy = e;
        daemon.wake();
        if (!foldLock.isHeldByCurrentThread()) return;
        folded = null;
        pump.forgetAll();
        for (LocalConsumer one : consumers) one.candidates.of(null);
    }

    /** Null: it goes on. */
    private RuntimeException spoiled() {
        Error by = spoiledBy;
        if (by instanceof AssertionError)
            return new QueueCorruptedException(
                    "Domain '" + name + "' is damaged, or Belfry has a fault: " + by.getMessage()
                            + ". This process is no member of it any more. Run 'belfry doctor', then delete the domain.",
                    by);
        return by == null
                ? null
                : new InsufficientResourcesException(
                        "This process is no member of domain '" + name + "' any more, as it met " + by
                                + " while it read that. What it held goes to others when its connections are closed."
                                + " Close them and create others; a backlog in the domain takes heap in each process"
                                + " that consumes there (-Xmx).",
                        by);
    }

    /** By the daemon. */
    void tellOfSpoiled() {
        fail(spoiled());
    }

    /** It fails from now on: damage, or a record that it cannot read. */
    boolean isBroken() {
        try {
            log.newest();
            return failure != null || spoiledBy != null;
        } catch (MessageQueueException gone) {
            return true;
        }
    }

    /** It was deleted: who opens its name now meets another one, or none. */
    boolean isUnlinked() {
        return QueueCounter.UNLINKED.of(handle.stats()) != 0;
    }

    /**
     * Ends this member with all its parts if the domain is deleted: messages sent there reach no
     * program that opens its name.
     */
    public void endIfDeleted() {
        endsIfDeleted = true;
    }

    /** By the daemon. */
    void failIfDeleted() {
        if (!endsIfDeleted || !isUnlinked()) return;
        fail(
                new QueueClosedException(
                        "Domain '" + name
                                + "' was deleted, and this process has ended its part in it. Close the connections, and create others,"
                                + " which meet the domain that has its name then. With endIfDeleted=false they would stay in the old one."));
    }

    private void refuseIfBroken() {
        RuntimeException broken = failure == null ? spoiled() : failure;
        if (broken != null) throw new IllegalStateException(broken.getMessage(), broken);
    }

    /** Asks the state as of the log's end. */
    <T> T withState(Function<State, T> question) {
        return folding(() -> {
            folded().toTheEnd();
            return question.apply(folded().state());
        });
    }

    /** With the fold lock, in a thread that makes no turn after it. */
    <T> T folding(Supplier<T> step) {
        foldLock.lock();
        long before = folded == null ? 0 : folded.state().position();
        try {
            T answer = step.get();
            if (folded != null) visits.note(folded.state());
            return answer;
        } catch (Error e) {
            spoil(e);
            throw e;
        } finally {
            boolean moved = folded != null && folded.state().position() != before;
            foldLock.unlock();
            if (moved) pump.wakeLeader(); // which sleeps until the log moves, and was not told of what we folded
        }
    }

    // ---- bells

    static int bell(long destination) {
        return Visits.bell(destination);
    }

    int bells() {
        return REGISTRY_BELL | visits.bells();
    }

    // ---- consumers

    /**
     * Attached from now on, and hungry when it says so.
     *
     * @throws IllegalArgumentException if another queue has this name's id
     */
    public LocalConsumer consume(long queue, String queueName, Selector selector, Signal signal, int prefetch) {
        return consume(queue, queueName, new Filter(selector, null), signal, prefetch);
    }

    /** Attaches a consumer of the messages that this filter wants, in the same way. */
    public LocalConsumer consume(long queue, String queueName, Filter filter, Signal signal, int prefetch) {
        checkName(queue, "Queue", queueName);
        if (!DestinationId.isTemporary(queue)) membership.attachFor(queue); // else one connection alone consumes
        return add(new LocalConsumer(this, queue, queue, filter, signal, prefetch));
    }

    private void checkName(long destination, String kind, String given) {
        String known = withState(state -> state.registry.name(destination));
        if (known != null && !known.equals(given))
            throw new IllegalArgumentException(kind + " '" + given + "' has the same number as '" + known
                    + "', which the domain '" + name + "' has already; it can have one of them. Choose another name.");
    }

    private LocalConsumer add(LocalConsumer consumer) {
        synchronized (consumers) {
            for (LocalConsumer other : consumers) if (other.view == consumer.view) consumer.alike = other.alike;
            consumers.add(consumer);
            consumer.alike.incrementAndGet();
        }
        visits.add(consumer);
        pump.wakeLeader();
        return consumer;
    }

    /**
     * Attached to a subscription from now on, which is made if there is none. It gets what is sent to the topic after
     * this.
     *
     * @throws IllegalArgumentException if another topic has this name's id
     * @throws NotSubscribedException if that subscription cannot be had
     */
    public Inbox<Taken> subscribe(Wish wish, Filter filter, Signal signal, int prefetch, Limit timeout) {
        checkName(wish.topic(), "Topic", wish.topicName());
        long view = membership.subscribe(wish, timeout);
        if (wish.isDurable()) log.awaitDurable(log.newest()); // what is published from now on is for it, for good
        if (!wish.isExclusive()) return add(new LocalConsumer(this, view, wish.topic(), filter, signal, prefetch));
        TopicReader reader = new TopicReader(new Home(), shortId, view, wish.topic(), filter, signal);
        readers.add(reader);
        visits.add(reader);
        pump.wakeLeader();
        return reader;
    }

    /** For a durable subscription, as it is; null: there is none. */
    public Wish wishFor(String clientId, String subscription) {
        return withState(state -> Wish.of(state.registry, clientId, subscription));
    }

    /** @throws NotSubscribedException if there is none, or it is in use */
    public void unsubscribe(String clientId, String subscription, Limit timeout) {
        membership.unsubscribe(clientId, subscription, timeout);
        log.awaitDurable(log.newest());
    }

    private final class Home implements TopicReader.Home {
        @Override
        public Log log() {
            return log;
        }

        @Override
        public void refuseIfBroken() {
            Domain.this.refuseIfBroken();
        }

        @Override
        public <T> T folding(Function<Folded, T> step) {
            return Domain.this.folding(() -> step.apply(folded()));
        }

        @Override
        public void makeRoomIfShort() {
            if (!roomMaker.mayBeShort() || !foldLock.tryLock()) return; // else another thread is at it
            try {
                if (hasFolded() && roomMaker.isShort()) pump.turn();
            } catch (Error e) {
                spoil(e);
                throw e;
            } finally {
                foldLock.unlock();
            }
        }

        @Override
        public void spoil(Error e) {
            Domain.this.spoil(e);
        }

        @Override
        public void skipped(long position) {
            skipped.note(position);
        }

        @Override
        public IncompatibleVersionException newer(long position) {
            return Folded.newer(name, position);
        }

        @Override
        public void traffic() {
            pump.traffic();
        }

        @Override
        public long slice() {
            return pump.slice();
        }

        @Override
        public boolean takeSleeperPermit() {
            if (sleepers.incrementAndGet() <= MOST_SLEEPERS) return true;
            sleepers.decrementAndGet();
            return false;
        }

        @Override
        public void giveSleeperPermitBack() {
            sleepers.decrementAndGet();
        }
    }

    private final class Paging implements Member {
        @Override
        public Log log() {
            return log;
        }

        @Override
        public LogReader reader() {
            return reader;
        }

        @Override
        public <T> T ask(Function<State, T> question) {
            return withState(question);
        }

        @Override
        public long append(int most, Reserve reserve, Function<State, ByteBuffer> decision) {
            return folding(() -> {
                folded().toTheEnd(); // or much might be left to be folded while all are stopped
                long position = claimed(most, reserve, decision);
                folded().toTheEnd();
                return position;
            });
        }

        private long claimed(int most, Reserve reserve, Function<State, ByteBuffer> decision) {
            try (Claim claim = log.claim(most, reserve, CLAIM_TIME)) {
                if (claim == null) return Log.REJECTED;
                folded().toTheEnd();
                ByteBuffer record = decision.apply(folded().state());
                if (record == null) return NOTHING;
                int length = record.remaining();
                claim.copyFrom(0, record);
                return claim.commit(length);
            }
        }

        @Override
        public String unawareOfPages() {
            if (log.raise(Log.PAGES)) return "";
            String unaware = log.unawareOf(Log.PAGES);
            return unaware.isEmpty() ? "a process that has ended just now" : unaware;
        }

        @Override
        public void makeRoom() {
            folding(() -> {
                roomMaker.makeRoom();
                return null;
            });
        }

        @Override
        public boolean isHeard(long queue) {
            boolean heard = false;
            for (LocalConsumer one : consumers) {
                if (one.view != queue) continue;
                heard = true;
                raise(one.signal);
            }
            return heard;
        }

        @Override
        public boolean hasFailed() {
            return Domain.this.hasFailed();
        }

        @Override
        public int bell(long queue) {
            return Domain.bell(queue);
        }
    }

    /** Gives back what was not delivered; what was stays with its session. Twice is nothing. */
    public void end(Inbox<Taken> inbox) {
        if (inbox instanceof TopicReader reader) end(reader);
        else end((LocalConsumer) inbox);
    }

    /** Messages that were not acknowledged end with it. */
    private void end(TopicReader reader) {
        if (!readers.remove(reader)) return;
        visits.remove(reader);
        reader.close();
        membership.detachFor(reader.view);
    }

    private void end(LocalConsumer consumer) {
        synchronized (consumers) {
            if (!consumers.remove(consumer)) return; // or another consumer's attachment would end
            consumer.alike.decrementAndGet();
        }
        visits.remove(consumer);
        foldLock.lock(); // no turn is filling it, or takes what comes after these for another one
        try {
            visits.later(consumer, Long.MAX_VALUE);
            List<Taken> undelivered = consumer.close();
            holdings.giveBack(undelivered, 0, false);
        } finally {
            foldLock.unlock();
        }
        if (!DestinationId.isTemporary(consumer.view)) membership.detachFor(consumer.view);
    }

    /**
     * By the daemon. No turn comes between, or it would take later messages, which would be delivered first; what is
     * refused stays in the buffer.
     */
    void giveBackIfStale(LocalConsumer one) {
        if (one.isEmpty() || !foldLock.tryLock()) return; // another thread is at it
        try {
            List<Taken> stale = one.drainIfStale();
            if (stale.isEmpty() || holdings.isGivenBack(stale)) return;
            stale.forEach(one::putBack);
            raise(one.signal); // it may have found the buffer empty
        } finally {
            foldLock.unlock();
        }
    }

    /** Takes what is there now for this one, which is hungry, if anything may come before what it has. */
    public void takeNow(Inbox<Taken> inbox) {
        if (!(inbox instanceof LocalConsumer one)) return;
        if (one.isEmpty() || hasUrgent(List.of(one))) turn();
        CompanionException why = unreadable(one);
        if (why != null) throw unreadable(why);
    }

    /** Tells why the page with the next message for this one, which has none, cannot be read; null: it may. */
    public CompanionException unreadable(LocalConsumer one) {
        return one.isEmpty() ? pager.failure(one.destination) : null;
    }

    public static RuntimeException unreadable(CompanionException why) {
        return new IllegalStateException(why.getMessage(), why);
    }

    /** Whether messages come back for it from the disk, while it is hungry. */
    public boolean comesBack(LocalConsumer one) {
        return withState(state -> Pump.comesBack(one, state, log));
    }

    /** Ends all messages of a queue that are on the disk, and reads none. Returns how many. */
    public long purgeDisk(long queue) {
        return pager.purge(queue);
    }

    /** Ends those of them that come next and cannot be read, or only tells how many they are. Waits for the disk. */
    public long purgeDamaged(long queue, boolean isOnlyAsked) {
        return pager.purgeDamaged(queue, isOnlyAsked);
    }

    /** Sends what the companion of a domain has that is gone. Returns how many messages, by queues. */
    public Map<String, Long> recover(MessageQueue from, LongConsumer shown) {
        return pager.recover(from, this::nextSerial, shown);
    }

    /**
     * Folds what came. Whether a turn is worth it for these, which have something buffered: a
     * message of a higher priority may be there, or another thread waits for what was folded now, and
     * would not be told again. Asked for each message: so without iterators.
     */
    public boolean hasUrgent(List<LocalConsumer> asking) {
        foldLock.lock();
        try {
            refuseIfBroken();
            boolean came = folded().state().position() < log.newest();
            if (came) folded().toTheEnd();
            holdings.reconcile();
            State state = folded().state();
            visits.note(state);
            for (int i = 0; i < asking.size(); i++) if (asking.get(i).hasAbove(state)) return true;
            return came && visits.any(one -> isToBeVisited(one, state) && !asking.contains(one));
        } catch (Error e) {
            spoil(e);
            throw e;
        } finally {
            foldLock.unlock();
        }
    }

    private static boolean isToBeVisited(Inbox<Taken> one, State state) {
        return one instanceof TopicReader reader ? reader.isToBeWoken(state) : one.isWaitedFor();
    }

    /** Without a lock: what it gives is next. If it buffers, nothing came since that was checked. */
    public boolean isReady(Inbox<Taken> inbox) {
        if (!(inbox instanceof LocalConsumer one)) return true; // it checks itself
        return !one.isEmpty() && failure == null && one.isCalmUpTo(log.newest());
    }

    /**
     * Until there may be messages for these, which are the signal's and had none, or its session has news. The caller
     * has no lock.
     */
    public void await(Collection<? extends Inbox<Taken>> asked, Signal signal, long deadline) {
        long due = deadline;
        int bells = 0;
        TopicReader first = null; // what comes, comes after what it has read
        boolean alone = true;
        for (Inbox<Taken> one : asked) {
            bells |= bell(one.destination);
            if (one instanceof TopicReader reader) {
                due = reader.due(due);
                if (first == null || reader.position() < first.position()) first = reader;
            } else alone = false;
        }
        if (first == null || !alone || !first.await(signal, bells, due)) pump.await(signal, due);
    }

    public void raise(Signal signal) {
        pump.raise(signal);
    }

    public void lower(Signal signal) {
        signal.lower();
    }

    // ---- what ends or changes what is held

    /**
     * One record: these are done, and these are sent. All or nothing. For {@link #awaitDurable}: its position, or one
     * after it; 0: there was nothing to do.
     */
    public long commit(Collection<Taken> done, List<Sent> sends, Limit timeout) {
        refuseIfBroken();
        long position = sender.commit(sends.isEmpty() ? held(done) : done, sends, timeout);
        for (Taken one : done)
            if (one.consumer instanceof TopicReader reader) reader.done(one, !sends.isEmpty());
            else holdings.release(one);
        return position;
    }

    /** Until all up to this record is on the disk, if the log promises that. Without a lock that others need. */
    public void awaitDurable(long position) {
        log.awaitDurable(position);
    }

    /** As a commit of this alone. */
    public void acknowledge(Taken done, Limit timeout) {
        refuseIfBroken();
        if (isRead(done)) return;
        long position = sender.acknowledge(done, timeout);
        holdings.release(done);
        ((LocalConsumer) done.consumer).calmAfter(position);
    }

    /** Soon, by the daemon. They are no session's any more. */
    public void acknowledgeLater(Collection<Taken> done) {
        for (Taken one : done) isRead(one);
        holdings.acknowledgeLater(held(done));
    }

    /** As a commit of this alone. */
    public void send(Sent message, Limit timeout) {
        refuseIfBroken();
        sender.send(message, timeout);
    }

    /**
     * These were delivered once more, and stay held. False: for want of room, or if interrupted, they are given back,
     * counted, at once or soon, and are no session's any more.
     */
    public boolean count(Collection<Taken> delivered) {
        List<Taken> held = held(delivered);
        List<Taken> read = read(delivered);
        read.forEach(Taken::counted);
        if (holdings.count(held)) return true;
        giveBack(read, 0, false);
        return false;
    }

    /**
     * At once or, for want of room, or if interrupted, soon; they are no session's any more. {@code counted}: this
     * delivery counts. {@code notBefore}: of the clock, or 0.
     */
    public void giveBack(Collection<Taken> taken, long notBefore, boolean counted) {
        for (Taken one : read(taken)) {
            if (counted) one.counted();
            ((TopicReader) one.consumer).putBackLater(one, notBefore);
        }
        holdings.giveBack(held(taken), notBefore, counted);
    }

    /**
     * This member cannot read it: it is given back, undelivered, to members that can, and no consumer here takes it
     * again. A plain subscription has it alone, until {@code notBefore}.
     */
    public void leaveNewer(Taken one, long notBefore) {
        withState(state -> {
            Message known = state.message(one.mid);
            if (known != null) known.foundNewer();
            return known;
        });
        giveBack(List.of(one), one.consumer instanceof TopicReader ? notBefore : 0, false);
    }

    /** It is of a plain subscription, and is done: that alone is told seldom. */
    private static boolean isRead(Taken done) {
        if (!(done.consumer instanceof TopicReader reader)) return false;
        reader.done(done, false);
        return true;
    }

    private static List<Taken> read(Collection<Taken> all) {
        return all.stream().filter(one -> one.consumer instanceof TopicReader).toList();
    }

    private static List<Taken> held(Collection<Taken> all) {
        return all.stream()
                .filter(one -> !(one.consumer instanceof TopicReader))
                .toList();
    }

    // ---- browsing

    /** The messages of a queue as of now; none is taken. */
    public Browsing browse(long queue, Selector selector) {
        return new Browsing(this, queue, selector);
    }

    // ---- temporary destinations

    /** The name of a new one, which this member owns until it is deleted. */
    public String createTemporaryQueue(Limit timeout) {
        return membership.createTemporary(DestinationId.TEMPORARY_QUEUE, timeout);
    }

    public String createTemporaryTopic(Limit timeout) {
        return membership.createTemporary(DestinationId.TEMPORARY_TOPIC, timeout);
    }

    // ---- the daemon's work

    /** Runs once a slice, when nothing else does it. */
    public void whenIdle(Runnable task) {
        daemon.idle.add(task);
    }

    public void notWhenIdle(Runnable task) {
        daemon.idle.remove(task);
    }

    /** Told once that this member cannot go on: then, or now. */
    public void onFailure(Consumer<RuntimeException> listener) {
        RuntimeException before;
        synchronized (listeners) {
            listeners.add(listener);
            before = failure;
        }
        if (before != null) listener.accept(before);
    }

    public void notOnFailure(Consumer<RuntimeException> listener) {
        listeners.remove(listener);
    }

    /** All connections and readers of this member were told, or will be soon. */
    public boolean hasFailed() {
        return failure != null || spoiledBy != null;
    }

    boolean hasToldOfFailure() {
        return failure != null;
    }

    /** Tells all connections and readers of this member, once: a later failure is not told. */
    public void fail(RuntimeException e) {
        List<Consumer<RuntimeException>> told;
        synchronized (listeners) {
            if (failure != null) return;
            told = List.copyOf(listeners);
            failure = e;
        }
        Throwable thrown = null;
        for (LocalConsumer one : consumers) thrown = tell(() -> pump.raise(one.signal), thrown);
        for (TopicReader one : readers) thrown = tell(() -> pump.raise(one.signal), thrown);
        for (Consumer<RuntimeException> listener : told) thrown = tell(() -> listener.accept(e), thrown);
        if (thrown != null) LOG.warn("Not all in domain '{}' were told that this member has failed", name, thrown);
    }

    /** Returns its exception, as for want of memory, or {@code before}: the others are to hear of the failure, too. */
    private static Throwable tell(Runnable one, Throwable before) {
        try {
            one.run();
            return before;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    /** Logs that damaged records of the log were skipped. */
    void tellSkipped() {
        skipped.tell(System.nanoTime());
    }

    /** Frees what the dead held and owned, also if no process needed that yet. */
    public void freeOfTheDead() {
        folding(() -> {
            folded().toTheEnd();
            membership.leaveDead();
            return null;
        });
    }

    /** Makes room, if that can be. */
    void makeRoom() {
        pager.wake();
        readers.forEach(TopicReader::tell);
        folding(() -> {
            roomMaker.makeRoom();
            return null;
        });
    }

    /** Tells why this process sends nothing to the disk; empty: it has not failed. */
    String refusal() {
        return pager.refusal();
    }

    /** For the text of a full domain: the largest queues, and what consumes them. */
    String largest() {
        String refused = pager.refusal();
        return withState(state -> Largest.of(state, self, log::describe))
                + (refused.isEmpty() ? "" : ". Nothing goes to the disk: " + refused);
    }

    /**
     * Frees what this member owns and gives back the messages it holds. Those that were handled are
     * told before, as soon as that is possible in this time.
     */
    public void close(Duration timeout) {
        if (closed) return;
        closed = true;
        daemon.end();
        pager.close();
        tellSkipped();
        try {
            if (folded == null || hasFailed()) return;
            holdings.tellOfDone(timeout); // else it would come again
            membership.leave(self);
        } catch (MessageQueueException gone) {
            return; // then others find that its byte is free
        } finally {
            handle.close();
        }
    }
}
