package dev.belfry.jakarta.domain;

import dev.belfry.api.Claim;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds, takes for hungry consumers, and hands to them. Messages are taken from the front: the
 * lowest numbers that match, of the highest priority. One that was delivered before is taken alone,
 * so that one that kills its process does not count its neighbours as delivered. Where members
 * compete, the choice is made under the publish lock, so that no TAKE is without effect.
 */
final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

    private static final int CLAIM = 4 << 10;
    /** In a domain that has hardly more. */
    private static final int LITTLE = 512;

    private static final int SPARE = 256;
    private static final int MOST_BYTES = 1 << 20;
    /** So much of a ring is brought to memory for a selector. */
    private static final int SEEN = 16;

    private static final int MOST_DROPPED = 256;
    /** Under the publish lock. */
    private static final int MOST_VISITED = 512;

    private static final int WORST_MID = 10;
    private static final Duration CLAIM_TIME = Duration.ofMillis(100);
    private static final long SHORT_NANOS = 100_000_000;
    private static final long LONG_NANOS = 1_000_000_000;
    /** The one that leads makes the turns for those that are parked, and hands over to one of them. */
    private static final long PARKED_NANOS = 10 * LONG_NANOS;

    private final Domain domain;
    private final LogReader reader;
    private final ReentrantLock lead = new ReentrantLock();
    private final Queue<Signal> parked = new ConcurrentLinkedQueue<>();
    private volatile Signal leader;

    // The fields of one turn; with the fold lock.
    private final RecordWriter writer = new RecordWriter();
    private final List<Pick> picks = new ArrayList<>();
    /** Picked for one of many. */
    private final Set<Taken.Key> seen = new HashSet<>();

    private boolean many;
    /** Until when to sleep at most, as the last turn has returned it. */
    long due;

    private int dropped;
    private int size;
    private int full;
    /** How many messages may be visited still. */
    private int left;
    /** It is not asked for what another one is to have, or for what is no more urgent than what it has. */
    private boolean passedOver;
    /** A consumer was not offered all that it might want. */
    private boolean more;
    /** The record up to which all were found that may be offered something. */
    private long offered;
    /** This turn has handed messages to a consumer. */
    private boolean handed;

    /** Those that were visited in this turn so far. */
    private final List<LocalConsumer> asked = new ArrayList<>();
    /** How many visits of consumers there were so far. */
    long visited;

    /** How many turns have begun, and the last one that came to its end; written with the fold lock. */
    volatile long begun;

    private volatile long ended;
    private volatile long lastTraffic = System.nanoTime();
    private long lastPosition;

    private record Pick(
            LocalConsumer consumer, View view, List<Taken> taken, List<Message> expired, List<Message> unwanted) {
        Pick(LocalConsumer consumer, View view) {
            this(consumer, view, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        boolean isEmpty() {
            return taken.isEmpty() && expired.isEmpty() && unwanted.isEmpty();
        }
    }

    Pump(Domain domain, LogReader reader) {
        this.domain = domain;
        this.reader = reader;
    }

    // ---- one turn; with the fold lock

    /** Returns until when to sleep at most: a delayed message is due then, for one that is hungry now. */
    long turn() {
        long number = ++begun;
        try {
            due = Deadlines.after(slice());
            domain.folded().toTheEnd();
            domain.holdings.reconcile();
            noteTraffic();
            handed = false;
            offer();
            domain.roomMaker.makeRoomIfWorth(!handed && isAnyHungry());
            if (isBehind()) offer(); // the room maker has folded
            noteDue(domain.visits.due());
            ended = number;
            return due;
        } finally {
            if (ended != number)
                wakeLeader(); // it sleeps until the log moves, and was offered nothing of what was folded
        }
    }

    /**
     * Until each was offered all that is folded, or is awake and makes a turn itself. The TAKE and the room maker fold
     * more, and the leader sleeps until the log moves on from there. One that was offered all has no part in the next
     * turns: hundreds may wait while a few get something.
     */
    private void offer() {
        if (isAnyHungry()) domain.membership.leaveDeadThatWereRefused();
        List<LocalConsumer> hungry = new ArrayList<>();
        try {
            do {
                visit(hungry);
                if (hungry.isEmpty()) return;
                if (!take(hungry)) hungry.clear(); // they are visited in the next turn, if they still wait
                hungry.removeIf(one -> one.signal.isRaised() || !one.behind);
            } while (isBehind() || more && !hungry.isEmpty());
        } finally {
            asked.forEach(domain.visits::again);
            asked.clear();
        }
    }

    /** Adds those that have to be visited, which begin in their turns; wakes readers that have. */
    private void visit(List<LocalConsumer> hungry) {
        State state = domain.folded().state();
        offered = state.position();
        domain.visits.note(state);
        domain.visits.note(System.currentTimeMillis());
        int before = hungry.size();
        for (Inbox<Taken> next = domain.visits.next(); next != null; next = domain.visits.next()) {
            if (next instanceof LocalConsumer one) {
                if (one.isHungry()) hungry.add(one);
            } else wake((TopicReader) next);
        }
        List<LocalConsumer> came = hungry.subList(before, hungry.size());
        Collections.rotate(came, (int) begun);
        asked.addAll(came);
    }

    /** If it may have what it waits for. */
    private void wake(TopicReader one) {
        one.behind = one.isToBeWoken(domain.folded().state());
        if (one.behind) raise(one.signal);
    }

    /** Something was folded since it was found whom that concerns. */
    private boolean isBehind() {
        return domain.folded().state().position() != offered;
    }

    /** One that began after so many had begun has come to its end: it was for all that were hungry then. */
    boolean hasMadeOneSince(long begunThen) {
        return ended > begunThen;
    }

    private void noteTraffic() {
        long position = domain.folded().state().position();
        if (position == lastPosition) return;
        lastPosition = position;
        traffic();
    }

    /** There is some. */
    void traffic() {
        lastTraffic = System.nanoTime();
    }

    /** In traffic ten times a second, else once. */
    long slice() {
        return System.nanoTime() - lastTraffic < LONG_NANOS ? SHORT_NANOS : LONG_NANOS;
    }

    private boolean isAnyHungry() {
        for (LocalConsumer one : domain.consumers) if (one.isHungry()) return true;
        return false;
    }

    /**
     * Until a consumer got something, or none can: what nobody wants is dropped, and what comes after it is asked.
     * False: there was nothing, or it was refused.
     */
    private boolean take(List<LocalConsumer> hungry) {
        boolean told;
        do {
            pick(hungry, CLAIM, Integer.MAX_VALUE);
            if (picks.isEmpty()) return false;
            told = hungry.stream().anyMatch(c -> competes(c.view))
                    ? takeUnderClaim(hungry)
                    : hand(domain.log.append(record(), Reserve.SMALL, 0, Duration.ZERO));
        } while (told && more && (picks.isEmpty() ? left == 0 : hasOnlyDropped()));
        return told && !picks.isEmpty();
    }

    private boolean hasOnlyDropped() {
        return picks.stream().allMatch(pick -> pick.taken.isEmpty());
    }

    private boolean competes(long view) {
        if (DestinationId.isTemporary(view)) return false;
        Registry registry = domain.folded().state().registry;
        return registry.attachments(view) > 1 || !registry.isAttached(view, domain.self);
    }

    /** Picks again under a claim. False: it was refused. */
    private boolean takeUnderClaim(List<LocalConsumer> hungry) {
        forget();
        long position = -1;
        try (Claim claim = claim()) {
            if (claim == null) return false;
            domain.folded().toTheEnd();
            pick(hungry, claim.length(), MOST_VISITED);
            if (picks.isEmpty()) return true;
            ByteBuffer record = record();
            int length = record.remaining();
            claim.copyFrom(0, record);
            position = claim.commit(length);
        } finally {
            if (position < 0) forget();
        }
        return hand(position);
    }

    private Claim claim() {
        Log log = domain.log;
        boolean roomy = log.usedBytes() + 2 * CLAIM < log.ringBytes() * 7 / 8;
        Claim claim = log.claim(roomy ? CLAIM : LITTLE, Reserve.SMALL, CLAIM_TIME);
        if (claim == null && !roomy) domain.roomMaker.wanted(); // else the log is held
        return claim;
    }

    /**
     * They are noted as held before their TAKE is told, in a record that is not longer than {@code most}. So many are
     * {@code visited} at most.
     */
    private void pick(List<LocalConsumer> hungry, int most, int visited) {
        picks.clear();
        seen.clear();
        many = hungry.size() > 1;
        dropped = 0;
        size = 0;
        full = most - SPARE;
        left = visited;
        more = false;
        long now = System.currentTimeMillis();
        for (LocalConsumer one : hungry) {
            Pick pick = pick(one, now);
            if (pick == null) continue;
            picks.add(pick);
            pick.taken.forEach(domain.holdings::hold);
        }
    }

    private Pick pick(LocalConsumer one, long now) {
        visited++;
        State state = domain.folded().state();
        View view = state.view(one.view);
        one.behind = view != null;
        if (view == null) return null;
        if (size > full || left == 0 || domain.holdings.isGivingBack(view.id())) {
            more = true;
            return null;
        }
        one.offered(state);
        int above = one.above();
        Page page = page(view, above);
        if (!view.channel.hasAbove(above)) {
            one.wanted(0); // it is measured now how quickly it has emptied its buffer
            one.behind = above >= 0 || page != null;
            if (page != null) waitInLine(one, view);
            return null;
        }
        boolean isInLine = page != null && !one.isSelective();
        Pick pick = new Pick(one, view);
        int[] wanted = {one.wanted(share(one, view.channel.size())), MOST_BYTES};
        passedOver = above >= 0;
        size += 48;
        Candidates candidates = one.candidates;
        candidates.of(view);
        boolean all = candidates.forEach(above, now, left, m -> {
            if (isInLine && page.isBefore(m)) return false;
            if (many && seen.contains(new Taken.Key(view.id(), m.mid()))) {
                passedOver = true; // and the TAKE may be refused
                return true;
            }
            if (m.expiry() != 0 && m.expiry() <= now) {
                if (dropped++ < MOST_DROPPED) {
                    note(view, m);
                    pick.expired.add(m);
                } else passedOver = true; // the record may end here, before others were found
                return size < full;
            }
            boolean again = view.of(m).count() > 0;
            if (again && !pick.taken.isEmpty()) return false;
            note(view, m);
            pick.taken.add(new Taken(one, m));
            wanted[0]--;
            wanted[1] -= m.length();
            return !again && wanted[0] > 0 && wanted[1] > 0 && size < full;
        });
        for (Message m : candidates.unwanted) {
            if (size >= full) break;
            pick.unwanted.add(m);
            size += WORST_MID;
        }
        left = candidates.left;
        if (pick.taken.isEmpty() && page != null) waitInLine(one, view);
        one.behind = passedOver || page != null || !pick.isEmpty() || candidates.isBehind();
        if (!all) {
            one.notOffered();
            more = true;
        }
        if (domain.visits.later(one, candidates.due()) && !lead.isHeldByCurrentThread()) wakeLeader();
        return pick.isEmpty() ? null : pick;
    }

    /** The one that has the queue's next message, if that may come before those in memory; null: there is none. */
    private Page page(View view, int above) {
        Page first = domain.folded().state().pages.first(view.id());
        return first == null || first.lot().priority() <= above ? null : first;
    }

    /** One with a selector sees memory alone: some of what is in pages comes there if that is little. */
    private void waitInLine(LocalConsumer one, View view) {
        if (seesMore(one, view, domain.log)) domain.inLine.wanted(view.id());
        if (!one.isBlindForLong()) return;
        String queue = domain.folded().state().registry.name(view.id());
        LOG.warn(
                "A consumer of queue '{}' in domain '{}' has waited for 10 s: its selector sees messages in memory only,"
                        + " and others of that queue are on the disk. Consume those that come before them.",
                queue,
                domain.name);
    }

    /** A selector that matches nothing must not fill the ring with what it reads. */
    private static boolean seesMore(LocalConsumer one, View view, Log log) {
        return !one.isSelective() || view.channel.bytes() < Math.min(MOST_BYTES, log.maxRingBytes() / SEEN);
    }

    /** Whether messages of its queue come back from the disk for it, while it is hungry. */
    static boolean comesBack(LocalConsumer one, State state, Log log) {
        View view = state.view(one.view);
        return view != null && state.pages.first(view.id()) != null && seesMore(one, view, log);
    }

    private void note(View view, Message m) {
        if (many) seen.add(new Taken.Key(view.id(), m.mid()));
        size += WORST_MID;
    }

    /** So that members and consumers that are attached get a part each. */
    private int share(LocalConsumer one, int available) {
        int members = domain.folded().state().registry.attachments(one.view);
        return available / Math.max(1, members + one.alike.get() - 1);
    }

    private void noteDue(long time) {
        long millis = Math.max(0, time - System.currentTimeMillis());
        due = Math.min(due, Deadlines.after(TimeUnit.MILLISECONDS.toNanos(millis)));
    }

    private ByteBuffer record() {
        writer.begin(domain.self);
        for (Pick pick : picks) {
            if (!pick.taken.isEmpty()) writer.take(pick.view.id(), mids(pick.taken, one -> one.mid));
            if (!pick.expired.isEmpty()) writer.drop(pick.view.id(), Domain.EXPIRED, mids(pick.expired, Message::mid));
            if (!pick.unwanted.isEmpty())
                writer.drop(pick.view.id(), Domain.UNWANTED, mids(pick.unwanted, Message::mid));
        }
        return writer.end();
    }

    private static <T> long[] mids(List<T> messages, ToLongFunction<T> mid) {
        long[] mids = new long[messages.size()];
        for (int i = 0; i < mids.length; i++) mids[i] = mid.applyAsLong(messages.get(i));
        Arrays.sort(mids);
        return mids;
    }

    /** Folds the TAKE: what is ours then is delivered. False: it was refused. */
    private boolean hand(long position) {
        if (position < 0) {
            forget();
            domain.roomMaker.wanted();
            return false;
        }
        domain.folded().toTheEnd();
        offered++; // the TAKE itself
        for (Pick pick : picks)
            for (Taken one : pick.taken) {
                if (domain.holdings.has(one)) pick.consumer.fill(one);
                else domain.holdings.release(one);
            }
        for (Pick pick : picks)
            if (!pick.taken.isEmpty()) {
                handed = true;
                raise(pick.consumer.signal);
            }
        return true;
    }

    /** Forgets all messages of the fold. */
    void forgetAll() {
        picks.clear();
        seen.clear();
    }

    private void forget() {
        for (Pick pick : picks) {
            pick.consumer.notOffered();
            pick.taken.forEach(domain.holdings::release);
        }
        picks.clear();
    }

    // ---- waiting; without locks

    /** Until the signal is raised, or the deadline. The signal's consumers are hungry. */
    void await(Signal me, long deadline) {
        me.begin();
        try {
            while (!me.isRaised() && !Deadlines.passed(deadline)) {
                if (lead.tryLock()) {
                    try {
                        lead(me, deadline);
                    } finally {
                        leader = null;
                        lead.unlock();
                        handOver();
                    }
                } else {
                    domain.turn();
                    parked.add(me);
                    try {
                        long until = Math.min(deadline, Deadlines.after(PARKED_NANOS));
                        if (lead.isLocked() && !me.isRaised()) me.park(until, domain.name);
                    } finally {
                        parked.remove(me);
                    }
                }
            }
        } finally {
            me.end();
            if (!lead.isLocked()) handOver();
        }
    }

    private void lead(Signal me, long deadline) {
        leader = me;
        while (true) {
            long until = Math.min(deadline, domain.turn());
            if (me.isRaised() || Deadlines.passed(deadline)) return;
            reader.await(domain.bells(), until);
        }
    }

    /** A thread waits for the log, and makes a turn once a slice. */
    boolean isLed() {
        return leader != null;
    }

    /** One that is parked leads next. */
    private void handOver() {
        Signal next = parked.peek();
        if (next != null) next.unpark();
    }

    void raise(Signal signal) {
        signal.raise();
        if (signal == leader && !lead.isHeldByCurrentThread()) reader.wake(); // it asks itself after its turn
    }

    /** The leader is to listen to other bells, or to fold. */
    void wakeLeader() {
        if (leader != null) reader.wake();
    }
}
