package dev.belfry.jakarta.domain;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.jakarta.fold.Answer;
import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordWriter;
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
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The things that this member owns in the domain: attachments to queues and subscriptions, temporary destinations,
 * client ids, parts of transactions. A member that died leaves by another one's record.
 */
public final class Membership {
    private final Domain domain;
    private final Log log;
    private final long self;
    private final ReentrantLock attaching = new ReentrantLock();
    private final Map<Long, Integer> attached = new HashMap<>(); // guarded by attaching
    // What there was no room for; guarded by attaching.
    private final Set<Long> toAttach = new TreeSet<>();
    private final Set<Long> toDetach = new TreeSet<>();
    private final Set<Long> toDelete = new TreeSet<>();
    private final Set<String> toRelease = new TreeSet<>();
    private final Set<Long> toForget = new TreeSet<>();
    // With the fold lock: what no CHECKPOINT leaves out, when the log ended there.
    private long counted;
    private long countedAt;
    /** With the fold lock: there was no room for the LEAVE of one that died. */
    private boolean hasDeadToTell;

    Membership(Domain domain) {
        this.domain = domain;
        log = domain.log;
        self = domain.self;
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
     * False: there is no room, or its thread is interrupted. It consumes all the same, since a full domain must be
     * drained: attachments only say how to share, and who takes under a claim.
     */
    private boolean attach(long queue) {
        var record = new RecordWriter().begin(self).attach(queue, 0).end();
        if (!mayAdd(record.remaining(), RoomMaker.mostOfRegistry(log) / 2))
            return false; // the rest is for what is refused
        try {
            if (log.append(record, Reserve.NORMAL, Domain.REGISTRY_BELL, Duration.ZERO) != Log.REJECTED) return true;
            domain.makeRoom();
            return log.append(record, Reserve.NORMAL, Domain.REGISTRY_BELL, Duration.ofMillis(1)) != Log.REJECTED;
        } catch (InterruptedQueueException interrupted) {
            return false;
        }
    }

    private boolean detach(long queue) {
        return tell(new RecordWriter().begin(self).detach(queue, 0));
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
            toRelease.removeIf(this::releaseNow);
            toForget.removeIf(this::forgetNow);
        } finally {
            attaching.unlock();
        }
    }

    /** At once or, if that is refused, in a later slice. */
    private <T> void soon(Predicate<T> step, T of, Set<T> later) {
        attaching.lock();
        try {
            if (!step.test(of)) later.add(of);
        } finally {
            attaching.unlock();
        }
    }

    // ---- temporary destinations

    /** The name of a new one, which this member owns until it is deleted. */
    String createTemporary(int kind, Limit timeout) {
        while (true) {
            String name = "temporary-" + domain.shortId + '-' + Long.toHexString(self) + '-' + domain.nextSerial();
            long id = DestinationId.of(kind, name);
            var record = new RecordWriter().begin(self).define(id, 0, name).end();
            requireMayAdd(record.remaining());
            Outcome outcome = ask(record, Reserve.NORMAL, registry -> registry.owner(id) == self, timeout);
            if (outcome == Outcome.DONE) return name; // else another name has this number
        }
    }

    /**
     * Deletes a temporary destination of this member with its messages, at once or, for want of room, a little later.
     */
    public void deleteTemporary(long destination) {
        soon(this::delete, destination, toDelete);
    }

    private boolean delete(long destination) {
        return tell(new RecordWriter().begin(self).delete(destination));
    }

    /** False: it was refused, or interrupted, of which the thread's flag says more. */
    private boolean tell(RecordWriter writer) {
        try {
            return log.append(writer.end(), Reserve.SMALL, Domain.REGISTRY_BELL, Duration.ZERO) != Log.REJECTED;
        } catch (InterruptedQueueException interrupted) {
            return false;
        }
    }

    /**
     * Or its owner is dead, also if nobody has told that yet. A member that only sends folds for this: what it sends
     * would be lost without a word.
     */
    public boolean isDeleted(long temporary) {
        long owner = domain.withState(state -> state.registry.owner(temporary));
        return owner != self && (owner == 0 || !log.isAlive(owner));
    }

    // ---- subscriptions

    /** The view's id. */
    long subscribe(Wish wish, Limit timeout) {
        var record = new RecordWriter()
                .begin(self)
                .subscribe(wish.topic(), wish.flags(), wish.clientId(), wish.name(), wish.selector())
                .end();
        if (!domain.withState(state -> wish.isThere(state.registry))) requireMayAdd(record.remaining());
        Answer answer = whenFree(() -> subscribe(wish, record), timeout);
        return switch (answer.outcome()) {
            case CREATED, ATTACHED -> answer.view();
            default -> throw new NotSubscribedException(answer.outcome());
        };
    }

    /** Null: it was refused for want of room. One at a time: no DETACH of the same view may come between. */
    private Answer subscribe(Wish wish, ByteBuffer record) {
        attaching.lock();
        try {
            toDetach.removeIf(view -> attached.containsKey(view) || detach(view)); // or it would be in its own way
            Answer answer = domain.folding(() -> {
                domain.folded().toTheEnd();
                Subscription old = wish.find(registry());
                if (old != null && !wish.isFor(old) && old.isHeld()) return new Answer(Outcome.IN_USE, old.id());
                Reserve reserve = reserve(wish, old);
                return appended(record, reserve, position -> wish.outcome(registry(), position, self));
            });
            if (answer == null || answer.outcome() != Outcome.CREATED && answer.outcome() != Outcome.ATTACHED)
                return answer;
            if (!wish.isShared() && attached.containsKey(answer.view()))
                return new Answer(Outcome.IN_USE, answer.view());
            attached.merge(answer.view(), 1, Integer::sum);
            return answer;
        } finally {
            attaching.unlock();
        }
    }

    /** The first to join one drains it, and adds hardly more than a number: what was held there may fill the rest. */
    private Reserve reserve(Wish wish, Subscription old) {
        if (!wish.isThere(registry())) return Reserve.NORMAL;
        return old.attached().isEmpty() ? Reserve.SMALL : Reserve.JOINING;
    }

    void unsubscribe(String clientId, String name, Limit timeout) {
        var record = new RecordWriter().begin(self).unsubscribe(clientId, name).end();
        Answer answer = whenFree(() -> unsubscribe(clientId, name, record), timeout);
        if (answer.outcome() != Outcome.DONE) throw new NotSubscribedException(answer.outcome());
    }

    private Answer unsubscribe(String clientId, String name, ByteBuffer record) {
        return domain.folding(() -> {
            domain.folded().toTheEnd();
            Subscription old = registry().find(clientId, name, true);
            if (old == null) return new Answer(Outcome.INVALID, -1);
            if (old.isHeld() || !old.attached().isEmpty()) return new Answer(Outcome.IN_USE, old.id());
            return appended(record, Reserve.SMALL, position -> {
                Subscription now = registry().find(clientId, name, true);
                return new Answer(now != null ? Outcome.IN_USE : Outcome.DONE, old.id());
            });
        });
    }

    private Registry registry() {
        return domain.folded().state().registry;
    }

    /** With the fold lock: the answer to the first operation of this record; null: it was refused for want of room. */
    private Answer appended(ByteBuffer record, Reserve reserve, LongFunction<Answer> afterItWasPassed) {
        long position = log.append(record.duplicate(), reserve, Domain.REGISTRY_BELL, Duration.ofMillis(1));
        if (position == Log.REJECTED) return null;
        List<Answer> answers = domain.folded().upTo(position);
        return answers != null ? answers.get(0) : afterItWasPassed.apply(position);
    }

    /**
     * A step refused because of something in use is tried once more, after the dead have left and
     * what this member gave up is told.
     */
    private Answer whenFree(Supplier<Answer> step, Limit timeout) {
        long deadline = timeout.deadline();
        for (boolean again = false; ; ) {
            Answer answer = step.get();
            boolean isInUse =
                    answer != null && (answer.outcome() == Outcome.IN_USE || answer.outcome() == Outcome.REFUSED);
            if (answer != null && (!isInUse || again)) return answer;
            again = isInUse;
            if (answer == null) {
                if (timeout.isOver(deadline)) throw domain.sender.refused(timeout);
                domain.makeRoom();
            } else {
                attachAgain();
                domain.holdings.tellOfOrphans();
                lockAndLeaveDead();
            }
        }
    }

    // ---- client ids

    /** False: another living connection has it. */
    public boolean claim(String clientId, Limit timeout) {
        if (takeBack(clientId)) return true;
        while (true) {
            var record =
                    new RecordWriter().begin(self).client(clientId, 0, true).end();
            if (owner(clientId) == 0) requireMayAdd(record.remaining());
            Outcome outcome = ask(record, Reserve.JOINING, registry -> registry.client(clientId) == self, timeout);
            if (outcome == Outcome.DONE) return true;
            long owner = owner(clientId);
            if (owner == self || owner != 0 && log.isAlive(owner)) return false;
            if (owner != 0) leave(owner);
        }
    }

    private long owner(String clientId) {
        return domain.withState(state -> state.registry.client(clientId));
    }

    /**
     * The outcome of a record with one operation on the registry.
     *
     * @param done whether it has happened, as the registry says to a member that was passed meanwhile
     */
    private Outcome ask(ByteBuffer record, Reserve reserve, Predicate<Registry> done, Limit timeout) {
        long deadline = timeout.deadline();
        while (true) {
            Outcome outcome = ask(record, reserve, done);
            if (outcome != null) return outcome;
            if (timeout.isOver(deadline)) throw domain.sender.refused(timeout);
            domain.makeRoom();
        }
    }

    /** Null: it was refused for want of room. */
    private Outcome ask(ByteBuffer record, Reserve reserve, Predicate<Registry> done) {
        return domain.folding(() -> {
            domain.folded().toTheEnd();
            Answer answer = appended(
                    record, reserve, p -> new Answer(done.test(registry()) ? Outcome.DONE : Outcome.IN_USE, -1));
            return answer == null ? null : answer.outcome();
        });
    }

    /** At once or, for want of room, or if interrupted, a little later. */
    public void release(String clientId) {
        soon(this::releaseNow, clientId, toRelease);
    }

    private boolean releaseNow(String clientId) {
        return tell(new RecordWriter().begin(self).client(clientId, 0, false));
    }

    /** It was to be released, and is this member's still. */
    private boolean takeBack(String clientId) {
        attaching.lock();
        try {
            return toRelease.remove(clientId);
        } finally {
            attaching.unlock();
        }
    }

    // ---- transactions

    /** The parts of one that was refused: at once or, for want of room, or if interrupted, a little later. */
    void forget(long transaction) {
        soon(this::forgetNow, transaction, toForget);
    }

    private boolean forgetNow(long transaction) {
        return tell(new RecordWriter().begin(self).forget(transaction));
    }

    // ---- how long the registry is

    private void requireMayAdd(int length) {
        int most = RoomMaker.mostOfRegistry(log);
        if (mayAdd(length, most)) return;
        lockAndLeaveDead();
        if (!mayAdd(length, most)) throw registryIsFull(length, most);
    }

    /**
     * Whether a CHECKPOINT stays so short that it finds room in a full domain. The messages that it tells again are
     * longer in the log. So nothing is counted while the log is short, or has little that is new.
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
                "Registry of domain '" + domain.name + "' has "
                        + Units.number(domain.withState(Restating::owned)) + " bytes, and " + Units.number(length)
                        + " more are needed; limit is " + Units.number(most) + " (a sixteenth of maxCapacity "
                        + Units.size(log.maxRingBytes())
                        + "). Delete temporary destinations, unsubscribe, close consumers, and connections that have client ids,"
                        + " or raise maxCapacity when the domain is created.",
                Codes.REGISTRY);
    }

    // ---- leaving

    private void lockAndLeaveDead() {
        domain.folding(() -> {
            leaveDead();
            return null;
        });
    }

    /** With the fold lock: members that died give up all. Their byte is free; no clock is asked. */
    void leaveDead() {
        Set<Long> members = new TreeSet<>(domain.folded().state().owners());
        for (long holder : domain.folded().state().holders()) members.add(holder);
        hasDeadToTell = false;
        for (long member : members) if (member != self && !log.isAlive(member)) hasDeadToTell |= !leave(member);
    }

    /** With the fold lock, before messages are taken: what the dead held comes first, also where room was short. */
    void leaveDeadThatWereRefused() {
        if (!hasDeadToTell) return;
        leaveDead();
        domain.folded().toTheEnd();
    }

    /** False: it was refused, or interrupted; then it is told later. */
    boolean leave(long member) {
        try {
            var record = new RecordWriter().begin(self).leave(member).end();
            return log.append(record, Reserve.SMALL, -1, Duration.ZERO) != Log.REJECTED;
        } catch (InterruptedQueueException later) {
            return false;
        }
    }
}
