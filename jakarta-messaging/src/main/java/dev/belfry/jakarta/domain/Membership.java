package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Answer;
import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The things that this member owns in the domain, as the registry says it to all: attachments to
 * queues, temporary queues, client ids. A member that died leaves by another one's record.
 */
final class Membership {
    private final Domain domain;
    private final Log log;
    private final long self;
    private final ReentrantLock attaching = new ReentrantLock();
    private final Map<Long, Integer> attached = new HashMap<>(); // guarded by attaching
    // What there was no room for; guarded by attaching.
    private final Set<Long> toAttach = new TreeSet<>();
    private final Set<Long> toDetach = new TreeSet<>();
    private final Set<Long> toDelete = new TreeSet<>();
    // With the fold lock: what no CHECKPOINT leaves out, when the log ended there.
    private long counted;
    private long countedAt;

    Membership(Domain domain) {
        this.domain = domain;
        log = domain.log();
        self = domain.self();
    }

    // ---- attachments

    void attachFor(long queue) {
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
        if (!mayAdd(record.remaining(), Keeper.mostOfRegistry(log) / 2))
            return false; // the rest is for what is refused
        if (log.append(record, Reserve.NORMAL, Domain.REGISTRY_BELL, Duration.ZERO) != Log.REJECTED) return true;
        domain.keep();
        return log.append(record, Reserve.NORMAL, Domain.REGISTRY_BELL, Duration.ofMillis(1)) != Log.REJECTED;
    }

    private boolean detach(long queue) {
        var record = new RecordWriter().begin(self).detach(queue, 0).end();
        return log.append(record, Reserve.SMALL, Domain.REGISTRY_BELL, Duration.ZERO) != Log.REJECTED;
    }

    void detachFor(long queue) {
        attaching.lock();
        try {
            if (attached.merge(queue, -1, Integer::sum) > 0) return;
            attached.remove(queue);
            if (!toAttach.remove(queue) && !detach(queue)) toDetach.add(queue);
        } finally {
            attaching.unlock();
        }
    }

    void attachAgain() {
        attaching.lock();
        try {
            toDetach.removeIf(queue -> attached.containsKey(queue) || detach(queue));
            for (var it = toAttach.iterator(); it.hasNext() && attach(it.next()); ) it.remove();
            toDelete.removeIf(this::delete);
        } finally {
            attaching.unlock();
        }
    }

    // ---- temporary queues

    /** The name of a new one, which this member owns until it is deleted. */
    String createTemporaryQueue(Duration timeout) {
        while (true) {
            String queueName =
                    "temporary-" + domain.shortId() + '-' + Long.toHexString(self) + '-' + domain.nextSerial();
            long queue = Domain.temporaryQueueId(queueName);
            var record =
                    new RecordWriter().begin(self).define(queue, 0, queueName).end();
            requireMayAdd(record.remaining());
            Outcome outcome = ask(record, registry -> registry.owner(queue) == self, timeout);
            if (outcome == Outcome.DONE) return queueName; // else another name has this number
        }
    }

    /** Of this member; it is gone with its messages, at once or, for want of room, a little later. */
    void deleteTemporaryQueue(long queue) {
        attaching.lock();
        try {
            if (!delete(queue)) toDelete.add(queue);
        } finally {
            attaching.unlock();
        }
    }

    private boolean delete(long queue) {
        var record = new RecordWriter().begin(self).delete(queue).end();
        return log.append(record, Reserve.SMALL, Domain.REGISTRY_BELL, Duration.ZERO) != Log.REJECTED;
    }

    /** A member that only sends folds for this: what it sends would be lost without a word. */
    boolean isDeleted(long temporaryQueue) {
        return domain.withState(state -> state.registry().owner(temporaryQueue) == 0);
    }

    // ---- client ids

    /** False: another living connection has it. */
    boolean claim(String clientId, Duration timeout) {
        while (true) {
            var record =
                    new RecordWriter().begin(self).client(clientId, 0, true).end();
            if (owner(clientId) == 0) requireMayAdd(record.remaining());
            Outcome outcome = ask(record, registry -> registry.client(clientId) == self, timeout);
            if (outcome == Outcome.DONE) return true;
            long owner = owner(clientId);
            if (owner == self || owner != 0 && log.isAlive(owner)) return false;
            if (owner != 0) leave(owner);
        }
    }

    private long owner(String clientId) {
        return domain.withState(state -> state.registry().client(clientId));
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
            if (Deadlines.passed(deadline)) throw domain.sender().noRoom();
            domain.keep();
        }
    }

    /** Null: it was refused for want of room. */
    private Outcome ask(ByteBuffer record, Predicate<Registry> done) {
        return domain.folding(() -> {
            domain.folded().toTheEnd();
            long position = log.append(record, Reserve.NORMAL, Domain.REGISTRY_BELL, Duration.ofMillis(1));
            if (position == Log.REJECTED) return null;
            List<Answer> answers = domain.folded().upTo(position);
            if (answers != null) return answers.get(0).outcome();
            return done.test(domain.folded().state().registry()) ? Outcome.DONE : Outcome.IN_USE;
        });
    }

    void release(String clientId) {
        var record = new RecordWriter().begin(self).client(clientId, 0, false).end();
        domain.sender().append(record, Reserve.SMALL, Domain.REGISTRY_BELL, Duration.ZERO);
    }

    // ---- how long the registry is

    private void requireMayAdd(int length) {
        int most = Keeper.mostOfRegistry(log);
        if (mayAdd(length, most)) return;
        domain.fold.lock();
        try {
            leaveDead();
        } finally {
            domain.fold.unlock();
        }
        if (!mayAdd(length, most)) throw registryIsFull(length, most);
    }

    /**
     * Whether a CHECKPOINT stays so short that it finds room in a full domain. What it tells again
     * is longer in the log, so that nobody counts while the log is short, or has little that is new.
     */
    private boolean mayAdd(int length, int most) {
        return log.usedBytes() + length <= most || domain.withState(state -> mayAdd(state, length, most));
    }

    private boolean mayAdd(State state, int length, int most) {
        long end = domain.folded().end();
        if (counted + end - countedAt + length > most) {
            counted = Restating.owned(state);
            countedAt = end;
        }
        return counted + end - countedAt + length <= most;
    }

    private NoRoomException registryIsFull(int length, int most) {
        return new NoRoomException(
                "Registry of domain '" + domain.name() + "' has "
                        + Units.number(domain.withState(Restating::owned)) + " bytes, and " + Units.number(length)
                        + " more are needed; limit is " + Units.number(most) + " (a sixteenth of maxCapacity "
                        + Units.size(log.maxRingBytes())
                        + "). Delete temporary queues, close consumers, and connections that have client ids,"
                        + " or raise maxCapacity when the domain is created.",
                Codes.REGISTRY);
    }

    // ---- leaving

    /** With the fold lock: members that died give up all. Their byte is free; no clock is asked. */
    void leaveDead() {
        Set<Long> members = new TreeSet<>(domain.folded().state().owners());
        for (long holder : domain.folded().state().holders()) members.add(holder);
        for (long member : members) if (member != self && !log.isAlive(member)) leave(member);
    }

    void leave(long member) {
        log.append(new RecordWriter().begin(self).leave(member).end(), Reserve.SMALL, -1, Duration.ZERO);
    }
}
