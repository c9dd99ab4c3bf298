package dev.belfry.kafka;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.PropertiesCodec;
import dev.belfry.spi.SubscriberFigures;
import dev.belfry.spi.SubscriberSupport;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins {@link SubscriberSupport} to a consumer of the engine: one without a group if anonymous,
 * the one static member of a group if named.
 *
 * <p>The consumer is for one thread at a time: {@link #lock}. The one that reads waits in it, and
 * is woken for the others, which store places. A named one stores messages as given before it hands
 * them over, a batch at a time. So a message that comes without the mark was given to nobody.
 */
final class KafkaSubscriber extends SubscriberSupport {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSubscriber.class);
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long ATTACH_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int MOST_COMMITS = 100;
    private static final Duration STEP = Duration.ofMillis(20);
    private static final Duration LEAVE = Duration.ofSeconds(5);

    private final Topic topic;
    private final TopicPartition partition;
    private final byte[] key;
    private final String client; // its name at the brokers
    private volatile Consumer<byte[], byte[]> consumer; // replaced with the lock held
    private final java.util.function.Consumer<AutoCloseable> released;
    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile boolean woken;

    // Fields of the thread that reads

    private List<ConsumerRecord<byte[], byte[]>> batch = List.of();
    private int taken; // of the batch
    private long next; // the position to be handed over next
    private volatile MessageQueueException failure; // for good
    private boolean hasLeftOut; // headers

    // Guarded by lock

    private long begins;
    private long given; // by a named one: stored as given
    private Place stored; // or soon will be, by commits that nobody waits for; null without a name
    private int commits; // that nobody waits for
    private boolean refused; // one of them
    private boolean assigned;
    private boolean assignedAnew;

    private KafkaSubscriber(
            Topic topic,
            SubscriberOptions options,
            String client,
            Consumer<byte[], byte[]> consumer,
            java.util.function.Consumer<AutoCloseable> released) {
        super(topic.uri.name(), topic.uri.toString(), options);
        this.topic = topic;
        this.partition = topic.partition();
        this.key = Records.key(topic.id);
        this.client = client;
        this.consumer = consumer;
        this.released = released;
    }

    static KafkaSubscriber anonymous(
            Topic topic, SubscriberOptions options, java.util.function.Consumer<AutoCloseable> released) {
        KafkaSubscriber subscriber = new KafkaSubscriber(topic, options, null, topic.cluster.reader(), released);
        return subscriber.orClose(() -> {
            subscriber.consumer.assign(List.of(subscriber.partition));
            subscriber.begin();
            subscriber.consumer.seek(subscriber.partition, subscriber.next - 1);
        });
    }

    static KafkaSubscriber named(
            Topic topic, SubscriberOptions options, java.util.function.Consumer<AutoCloseable> released) {
        String client = Cluster.newClient();
        long deadline = Deadlines.after(ATTACH_NANOS);
        while (true) {
            KafkaSubscriber subscriber = new KafkaSubscriber(
                    topic, options, client, topic.cluster.member(topic.group(options.name()), client), released);
            try {
                return subscriber.orClose(() -> subscriber.attach(deadline));
            } catch (InUseException e) {
                // The answer that it had joined may be lost; the broker takes who asks again for another.
                if (!topic.isHeldBy(client, options.name())) throw e;
                topic.detach(options.name());
            }
        }
    }

    private KafkaSubscriber orClose(Runnable body) {
        try {
            Quiet.run(body);
            return this;
        } catch (Throwable e) {
            leaveCluster(Duration.ZERO);
            throw e;
        }
    }

    /** A new one, at its start. */
    private void begin() {
        StartAt start = options().startAt();
        long before;
        if (start.equals(StartAt.NOW)) before = topic.newest();
        else if (start.timeMillis().isPresent())
            before = topic.beforeTime(start.timeMillis().getAsLong());
        else {
            before = topic.beforeOldest();
            if (start.position().isPresent()) {
                long wanted = start.position().getAsLong() - 1;
                long newest = topic.newest();
                if (wanted > newest) throw Errors.startsInFuture(topic.uri.toString(), wanted + 1, newest);
                standing().missed(Math.max(0, before - wanted));
                before = Math.max(before, wanted);
            }
        }
        standing().attached(before, 0);
        standing().found(before); // what came before is not wanted
        given = before;
        begins = next = before + 1;
    }

    /** Becomes the group's one member, and goes on where the group stands. */
    private void attach(long deadline) {
        consumer.subscribe(List.of(topic.name()), new Assignment());
        while (!assigned) {
            if (Deadlines.passed(deadline))
                throw topic.cluster.unreachable(
                        "Subscription '" + name() + "' of '" + topic.uri + "'", ATTACH_NANOS, null);
            try {
                consumer.poll(STEP);
            } catch (UnreleasedInstanceIdException anothers) {
                throw topic.inUse(name());
            } catch (AuthenticationException | AuthorizationException e) {
                throw topic.cluster.denied(describe(), e);
            }
        }
        assignedAnew = false;
        Place place = committed();
        if (place == null) begin();
        else {
            begins = place.begins();
            given = place.given();
            standing().attached(place.done(), given);
            standing().missed(place.lost());
            next = place.done() + 1;
        }
        store(false);
        consumer.seek(partition, next - 1);
        consumer.resume(List.of(partition));
    }

    /** Called by poll, with the lock held. */
    private final class Assignment implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (!partitions.contains(partition)) return;
            consumer.seek(partition, Math.max(0, next - 1 + batch.size() - taken));
            if (stored == null) consumer.pause(partitions); // attach says where
            assigned = assignedAnew = true;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            assigned = false;
        }
    }

    // ---- reading

    @Override
    protected MessageView next(long deadline) {
        try {
            return read(deadline);
        } catch (QueueClosedException | IncompatibleQueueException over) {
            throw ended(over);
        }
    }

    private MessageView read(long deadline) {
        while (true) {
            requireUsable();
            tellOverrun();
            if (woken) {
                woken = false;
                return null;
            }
            if (taken < batch.size()) {
                MessageView view = take();
                if (view != null) return view;
            } else if (Deadlines.passed(deadline)) {
                if (deadline != Deadlines.PAST || topic.newestIfKnown() < next) return null;
                Quiet.run(() -> fetch(STEP));
            } else if (Thread.currentThread().isInterrupted()) {
                if (topic.newestIfKnown() < next) throw Errors.interrupted("a message of '" + topic.uri + "'");
                Quiet.run(() -> fetch(STEP));
            } else {
                fetch(Duration.ofNanos(Math.min(CHECK_NANOS, Deadlines.remaining(deadline))));
            }
        }
    }

    /** The next of the batch, or null if that is not to come. */
    private MessageView take() {
        ConsumerRecord<byte[], byte[]> record = batch.get(taken);
        long position = record.offset() + 1;
        if (position <= standing().acknowledged() || isStray(record)) {
            taken++;
            next = Math.max(next, position + 1);
            return null;
        }
        if (name() != null) mark();
        next = position; // a gap is the mark of a transaction: what is gone is an InvalidOffsetException
        MessageView view = Records.message(record, standing().isGiven(position), what -> logLeftOut(what, position));
        taken++; // last: what fails before has read nothing
        standing().found(position);
        next = position + 1;
        return view;
    }

    /** Another program's; once, as others of it are alike. */
    private void logLeftOut(String header, long position) {
        if (hasLeftOut) return;
        hasLeftOut = true;
        LOG.warn(
                "{}: {} stays away at position {}, as properties have at most {} bytes. What stays away later is"
                        + " not logged.",
                describe(),
                header,
                position,
                Units.number(PropertiesCodec.MAX_ENCODED_LENGTH));
    }

    /** It was meant for a deleted queue of this name; or this one is deleted, and it is the next one's. */
    private boolean isStray(ConsumerRecord<byte[], byte[]> record) {
        if (!Records.isOfAnother(record.key(), key)) return false;
        topic.requireThere();
        return true;
    }

    private void fetch(Duration most) {
        topic.requireNotEnded();
        lock.lock();
        try {
            requireUsable();
            List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(most).records(partition);
            if (records.isEmpty()) return;
            taken = 0;
            batch = records;
        } catch (WakeupException woken) {
            return;
        } catch (InterruptException e) {
            throw Errors.interrupted("a message of '" + topic.uri + "'");
        } catch (InvalidOffsetException e) {
            passed();
        } catch (UnreleasedInstanceIdException | FencedInstanceIdException e) {
            joinAgain(e);
        } catch (AuthenticationException | AuthorizationException e) {
            throw topic.cluster.denied(describe(), e);
        } catch (KafkaException e) {
            throw new ConnectionLostException(describe() + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Before the first of a batch is handed over: stored is that they may have been given. If the
     * broker has given the group away and back, nobody may have read meanwhile.
     */
    private void mark() {
        long last = batch.get(batch.size() - 1).offset() + 1;
        if (last <= given && !assignedAnew) return;
        withConsumer(() -> {
            if (assignedAnew && isPassed(committed())) throw fenced(null);
            assignedAnew = false;
            given = Math.max(given, last);
            store(false);
        });
    }

    /** Tells whether another one has read meanwhile. */
    private boolean isPassed(Place place) {
        return place == null || place.done() > standing().acknowledged() || place.given() > given;
    }

    /** Asks for the stored place; null if there is none yet. */
    private Place committed() {
        while (true) {
            try {
                var found = consumer.committed(Set.of(partition)).get(partition);
                return Place.of(topic.id, topic.group(name()), found);
            } catch (WakeupException forAnother) {
                continue;
            } catch (KafkaException e) {
                topic.note(e);
                throw new ConnectionLostException(describe() + ": its place cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /**
     * It was taken for dead, has joined again, and the answer was lost: then the broker takes it for another, as in
     * {@link #named}. Its client never asks again. If another one has read meanwhile, mark finds out.
     */
    private void joinAgain(KafkaException refused) {
        if (!topic.isHeldBy(client, name())) throw fenced(refused);
        LOG.info("{} joins its group again: the broker took it for another", describe());
        topic.detach(name());
        Consumer<byte[], byte[]> old = consumer;
        consumer = topic.cluster.member(topic.group(name()), client);
        Quiet.run(() -> old.close(CloseOptions.timeout(Duration.ZERO)));
        assigned = false;
        this.refused = true; // what was not waited for may not be there
        consumer.subscribe(List.of(topic.name()), new Assignment());
    }

    private MessageQueueException fenced(Throwable cause) {
        return ended(new SubscriberDisconnectedException(
                describe() + " ended at position " + Units.number(position())
                        + ": the broker had heard nothing of it for the session time-out, and another has attached since."
                        + " What was not acknowledged comes to that one. Attach again when it has left.",
                cause));
    }

    /** Ends it for good. It leaves its group now: until then nobody else could attach. */
    private MessageQueueException ended(MessageQueueException why) {
        if (failure == null) {
            failure = why;
            leaveCluster();
        }
        return failure;
    }

    /** With the lock held before each use of the consumer, which is closed after a failure. */
    private void requireUsable() {
        if (failure != null) throw failure;
    }

    /** The next message is not there any more: retention, or another topic of the same name. */
    private void passed() {
        topic.requireThere();
        long before = topic.beforeOldest();
        if (before < next - 1) // nothing is beyond the end unless the broker has lost it
        throw ended(Errors.corrupted(
                topic.uri.name(),
                "the broker has nothing at position " + next + ", which it had; its newest is " + topic.newest(),
                null));
        jump(afterOverrun(before));
        consumer.seek(partition, next - 1);
    }

    private long afterOverrun(long beforeOldest) {
        boolean newest = options().afterOverrun() == AfterOverrun.NEWEST;
        return newest ? Math.max(beforeOldest + 1, topic.newest()) : beforeOldest + 1;
    }

    /** Goes on at this position: those before it are lost that were not given before. */
    private synchronized void jump(long position) {
        long lostNow = standing().lostBefore(position, next);
        standing().jumped(position, lostNow);
        begins = next = position;
        overran(lostNow);
    }

    // ---- acknowledging

    @Override
    protected void acknowledged(long position) {
        if (options().ackMode() == AckMode.NONE) return;
        requireUsable();
        synchronized (this) { // the one that reads may jump
            standing().acknowledged(position);
        }
        if (name() == null) return;
        withConsumer(() -> {
            if (stored.done() < standing().acknowledged() || refused)
                store(options().ackMode() == AckMode.AUTO);
        });
    }

    /** With the lock held, by a named one. {@code soon}: it need not be there when this returns. */
    private void store(boolean soon) {
        long done = standing().acknowledged();
        long lost = standing().lost();
        var slow = options().slowSubscriber();
        Place place = new Place(topic.id, begins, done, Math.max(done, given), lost, slow);
        if (place.equals(stored) && !refused) return;
        try {
            if (soon && commits < MOST_COMMITS && !refused) Quiet.run(() -> commitSoon(place));
            else Quiet.run(() -> commit(place));
        } catch (FencedInstanceIdException e) {
            throw fenced(e);
        } catch (CommitFailedException e) {
            throw new ConnectionLostException(
                    describe() + " is not attached at the moment: its place is not stored. It tries again.", e);
        } catch (KafkaException e) {
            topic.note(e);
            throw new ConnectionLostException(describe() + ": its place may not be stored: " + e.getMessage(), e);
        }
        stored = place;
    }

    /** A later call of the consumer tells how it ended. If it failed, the next commit is waited for. */
    private void commitSoon(Place place) {
        commits++;
        boolean begun = false;
        try {
            consumer.commitAsync(Map.of(partition, place.stored()), (offsets, failure) -> {
                commits--;
                refused |= failure != null;
            });
            begun = true;
        } finally {
            if (!begun) commits--;
        }
    }

    private void commit(Place place) {
        while (true) {
            try {
                consumer.commitSync(Map.of(partition, place.stored()));
                refused = false;
                return;
            } catch (WakeupException forAnother) {
                continue; // to store it twice changes nothing
            }
        }
    }

    /** Runs it, perhaps in another thread than the one that reads: that one makes way. */
    private void withConsumer(Runnable body) {
        if (!lock.tryLock()) {
            consumer.wakeup();
            lock.lock();
        }
        try {
            requireUsable();
            Quiet.run(body);
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void rewind() {
        requireUsable();
        long before = topic.beforeOldest();
        withConsumer(() -> {
            batch = List.of();
            taken = 0;
            if (before > standing().acknowledged()) jump(afterOverrun(before));
            else next = standing().acknowledged() + 1;
            consumer.seek(partition, next - 1);
        });
    }

    @Override
    protected long moveTo(StartAt start) {
        requireUsable();
        long before = topic.beforeOldest();
        long newest = topic.newest();
        long to = start.equals(StartAt.NOW) ? newest + 1 : start.position().orElse(before + 1);
        if (to > newest + 1) throw Errors.startsInFuture(topic.uri.toString(), to, newest);
        if (to <= before) throw Errors.seeksWhatIsGone(topic.uri.toString(), to, before + 1);
        return moveTo(to);
    }

    @Override
    protected long moveToTime(StartAt start) {
        requireUsable();
        return moveTo(topic.beforeTime(start.timeMillis().getAsLong()) + 1);
    }

    private long moveTo(long to) {
        withConsumer(() -> {
            long lostNow = standing().lostBefore(to, next);
            begins = lostNow > 0 ? to : Math.min(begins, to);
            given = Math.max(given, to - 1);
            batch = List.of();
            taken = 0;
            next = to;
            synchronized (this) {
                standing().sought(to - 1, lostNow);
            }
            standing().found(to - 1);
            consumer.seek(partition, to - 1);
            try {
                if (name() != null) store(false);
            } catch (ConnectionLostException later) {
                refused = true; // the next acknowledgement stores it
            }
        });
        return to - 1;
    }

    // ---- ending

    @Override
    protected void wake() {
        woken = true;
        consumer.wakeup();
    }

    @Override
    protected void release() {
        try {
            if (name() != null && failure == null && !isAway()) withConsumer(this::storeExactly);
        } catch (MessageQueueException notStored) { // as if its process had died
            failure = notStored;
        } finally {
            leaveCluster();
            released.accept(this);
        }
    }

    /** Nobody would hear where it stands, nor that it leaves. It asks, as an outage may be long over. */
    private boolean isAway() {
        try {
            topic.requireNoOutage();
            return false;
        } catch (ConnectionLostException away) {
            return true;
        } catch (QueueClosedException | IncompatibleQueueException over) {
            return false;
        }
    }

    /** Stores as given exactly the messages that were given. */
    private void storeExactly() {
        given = Math.max(standing().acknowledged(), standing().accounted());
        refused |= commits > 0; // to be sure of them
        store(false);
    }

    private void leaveCluster() {
        leaveCluster(name() == null || isAway() ? Duration.ZERO : LEAVE);
    }

    private void leaveCluster(Duration most) {
        lock.lock();
        try {
            Quiet.run(() -> consumer.close(CloseOptions.timeout(most)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)));
        } catch (KafkaException closedAllTheSame) {
            return;
        } finally {
            lock.unlock();
        }
    }

    // ---- figures

    @Override
    public long lag() {
        return topic.newestSoon() - position();
    }

    @Override
    public long lostCount() {
        return standing().lost();
    }

    boolean isAttached() {
        return failure == null;
    }

    SubscriberStats figures(long newest) {
        return new SubscriberFigures(
                name(),
                ProcessHandle.current().pid(),
                position(),
                standing().acknowledged(),
                newest - position(),
                standing().lost(),
                options().ackMode(),
                options().slowSubscriber(),
                true,
                Map.of());
    }
}
