package dev.belfry.file;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageView;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What the pages say of one subscription: what it gets next, with which mark, and what it is told. */
final class ModelReader {
    private final Log log;
    final String name; // null: it is anonymous
    final SlowSubscriber policy;
    final AckMode mode;
    Subscriber open; // null: it is away
    boolean jumpsToNewest;
    long told; // by onOverrun

    private long position; // handed over last
    private long ahead; // so far position() is beyond it: it has jumped as it was attached, or went back
    private long before; // handed over before that
    private long acknowledged;
    private long lost;
    private long toldOf; // of those that are lost
    private long leastAccounted; // up to here, or to the other one, each was given or has counted as lost
    private long mostAccounted;
    private long mayBeMarked; // up to here
    private BitSet given = new BitSet(); // and is marked, if it comes again
    private BitSet givenNow = new BitSet(); // in this life
    private BitSet givenWhenKept = new BitSet();
    private boolean wasAttached; // in this life
    private long repeats; // its handler failed; 0: none
    private long newestSeen; // when it got one last
    private List<Place> since = new ArrayList<>(); // places since they were kept last

    /** As it may be kept: with so many lost, at least and at most. */
    record Place(long acknowledged, long lost, long mostLost) {}

    ModelReader(Log log, String name, SlowSubscriber policy, AckMode mode) {
        this.log = log;
        this.name = name;
        this.policy = policy;
        this.mode = mode;
    }

    /** The queue as it is now. */
    interface Log {
        long oldest();

        long newest();

        long bytesAfter(long position);
    }

    private static void require(boolean holds, String broken) {
        if (!holds) throw new AssertionError(broken);
    }

    boolean isOpen() {
        return open != null;
    }

    boolean holds() {
        return name != null || open != null;
    }

    long position() {
        return position;
    }

    long lost() {
        return lost;
    }

    long next() {
        return Math.max(position, acknowledged) + 1;
    }

    private boolean isPassed() {
        return next() < log.oldest();
    }

    /** It was to be disconnected, and was. */
    boolean isGone() {
        return policy == SlowSubscriber.DISCONNECT && acknowledged + 1 < log.oldest();
    }

    /** By this call. */
    boolean isTold(boolean acknowledges) {
        return isOpen() && repeats == 0 && !(acknowledges && mode != AckMode.CLIENT);
    }

    // Its steps

    void begins(Subscriber subscriber, long wanted, long first) {
        open = subscriber;
        wasAttached = true;
        position = acknowledged = first - 1;
        lost = first - wanted;
        leastAccounted = 0;
        mostAccounted = first - 1; // the javadoc: never, what lies before its first place
        newestSeen = 0;
        since.add(place());
    }

    void attaches(Subscriber subscriber) {
        open = subscriber;
        position = acknowledged;
        standsAhead();
        repeats = 0;
        wasAttached = true;
        givenWhenKept = marks();
    }

    /** It may have jumped at last. A loss that it was not told of is counted. */
    void closes(long lostAtLast, long acknowledgedAtLast) {
        long losesNow = lostAtLast - lost;
        require(told - toldOf <= losesNow, this + " was told of " + told + " of " + lostAtLast);
        if (losesNow > 0) {
            require(
                    policy == SlowSubscriber.OVERRUN && acknowledgedAtLast >= next() - 1 + losesNow,
                    this + " stands at " + acknowledgedAtLast + ", and has lost " + lostAtLast);
            acknowledged = acknowledgedAtLast;
            accounts(acknowledged);
        }
        lost = lostAtLast;
        toldOf = told;
        closes();
        mayMove(place());
    }

    private void closes() {
        given = marks();
        open = null;
        position = acknowledged;
        repeats = 0;
    }

    /** Null: nothing. */
    void gets(MessageView message) {
        if (message != null) gets(message.position(), message.redelivered());
        else gets(0, false);
    }

    void gets(long got, boolean isMarked) {
        long oldest = log.oldest();
        long newest = log.newest();
        long next = next();
        long to = got == 0 ? newest + 1 : got;
        require(to >= next, this + " got " + to + " again");
        boolean isRepeated = repeats == to;
        if (to > next) jumps(next, to, oldest, newest);
        else
            require(
                    isRepeated || to >= oldest || policy != SlowSubscriber.OVERRUN,
                    this + " got " + to + ", which is gone: " + oldest);
        newestSeen = newest;
        if (told != toldOf)
            throw new AssertionError(this + " was told of " + told + ", and has lost " + toldOf + ", at " + to);
        if (got == 0) return;
        require(isMarked || !given.get((int) got), this + " got " + got + " again, and unmarked");
        require(!isMarked || got <= mayBeMarked || isRepeated, this + " got " + got + " marked, and never before");
        if (isMarked) FileProgram.met("marked");
        before = position + ahead;
        ahead = 0;
        position = got;
        repeats = 0;
        given.set((int) got);
        givenNow.set((int) got);
        accounts(got);
    }

    private void accounts(long upTo) {
        leastAccounted = Math.max(leastAccounted, upTo);
        mostAccounted = Math.max(mostAccounted, upTo);
        mayBeMarked = Math.max(mayBeMarked, upTo);
    }

    private void jumps(long next, long to, long oldest, long newest) {
        require(policy == SlowSubscriber.OVERRUN, this + " got " + to + ", not " + next);
        require(
                jumpsToNewest ? log.bytesAfter(next - 1) > Lives.RING : next < oldest,
                this + " has jumped to " + to + ", after " + log.bytesAfter(next - 1) + " bytes; oldest " + oldest);
        require(
                jumpsToNewest ? to >= newestSeen : to == oldest,
                this + " goes on at " + to + ", the oldest is " + oldest + ", the newest " + newest);
        require(
                name == null || jumpsToNewest || log.bytesAfter(next - 1) > (Lives.SEGMENTS - 3) * Lives.SEGMENT,
                this + " was overrun after " + log.bytesAfter(next - 1) + " bytes");
        long losesNow = open.lostCount() - lost;
        require(
                losesNow >= lostBetween(next, to, mostAccounted) && losesNow <= lostBetween(next, to, leastAccounted),
                this + " has lost " + losesNow + " from " + next + " to " + to);
        FileProgram.met(jumpsToNewest ? "overrun, to the newest" : "overrun");
        lost += losesNow;
        toldOf += losesNow;
        acknowledged = to - 1;
        accounts(to - 1);
        mayMove(place());
    }

    private static long lostBetween(long next, long to, long accounted) {
        return Math.max(0, to - Math.max(next, accounted + 1));
    }

    /** Its handler has failed: it comes first again. */
    void takesBack() {
        repeats = position;
        position = before;
    }

    /** The handlers up to there have returned. */
    void isDone(long upTo) {
        if (upTo > 0 && mode != AckMode.CLIENT) acknowledged = Math.max(acknowledged, upTo);
        // A handler failed at the first after a jump: it stands right before it, or before the gap.
        if (repeats > 0 && open.position() == repeats - 1) position = repeats - 1;
        mayMove(place());
    }

    void acknowledges(long upTo) {
        if (mode != AckMode.CLIENT) return;
        acknowledged = Math.max(acknowledged, Math.min(upTo, position));
        mayMove(place());
    }

    void recovers() {
        if (mode == AckMode.CLIENT) {
            position = acknowledged;
            standsAhead();
            repeats = 0;
        }
    }

    /** The loss is checked with the next message. */
    private void standsAhead() {
        ahead = open.position() - position;
        boolean isOverrun = isPassed() || jumpsToNewest && log.bytesAfter(position) > Lives.RING;
        require(
                ahead == 0 || ahead > 0 && policy == SlowSubscriber.OVERRUN && isOverrun,
                this + " goes on after " + open.position());
    }

    void seeks(long before, long to) {
        long next = next();
        if (before > lost) { // it had jumped already: a set has looked for its next message
            require(policy == SlowSubscriber.OVERRUN, this + " has lost " + before);
            next += before - lost;
            toldOf += before - lost;
            lost = before;
            leastAccounted = Math.max(leastAccounted, next - 1);
            mostAccounted = log.newest();
        }
        long losesNow = open.lostCount() - lost;
        require(
                losesNow >= lostBetween(next, to, mostAccounted) && losesNow <= lostBetween(next, to, leastAccounted),
                this + " has lost " + losesNow + " by a seek from " + next + " to " + to);
        lost += losesNow;
        if (to > next) accounts(to - 1);
        ahead = 0;
        position = acknowledged = to - 1;
        repeats = 0;
        mayMove(place());
    }

    // Its figures

    void requireStands() {
        if (!isOpen()) return;
        require(open.position() == position + ahead, this + " says that it is at " + open.position());
        require(open.lag() == log.newest() - open.position(), this + " says that it lags by " + open.lag());
        require(open.lostCount() >= lost, this + " says that it has lost " + open.lostCount());
        if (isPassed() || isGone() || jumpsToNewest) return; // a set may have looked, and found it overrun
        require(open.lostCount() == lost, this + " says that it has lost " + open.lostCount());
        require(
                policy != SlowSubscriber.GATE_PUBLISHER || acknowledged + 1 >= log.oldest(),
                this + ": the oldest is " + log.oldest());
    }

    void requireIs(SubscriberStats stats) {
        require(stats.attached() == isOpen() && stats.slowSubscriber() == policy, this + ": " + stats);
        if (isPassed() || isGone() || jumpsToNewest) return;
        require(stats.acknowledgedPosition() == acknowledged && stats.lostCount() == lost, this + ": " + stats);
        long ahead = stats.position() - position; // 1: a set has looked at it
        require(ahead >= 0 && ahead <= 1 && stats.lag() == log.newest() - stats.position(), this + ": " + stats);
    }

    // What is kept

    private Place place() {
        return new Place(acknowledged, lost, lost);
    }

    void mayMove(Place to) {
        if (name != null) since.add(to);
    }

    /** Anywhere up to there. */
    void mayMoveFar() {
        long newest = log.newest();
        for (long to = acknowledged; to <= newest; to++) mayMove(new Place(to, lost, lost + newest));
    }

    Place acknowledgedUpTo(long upTo) {
        return new Place(Math.max(acknowledged, Math.min(upTo, position)), lost, lost);
    }

    Place afterNext() {
        return new Place(isPassed() ? log.oldest() : next(), lost, lost + log.newest());
    }

    void isKept() {
        since = new ArrayList<>(List.of(place()));
        if (open != null && policy == SlowSubscriber.OVERRUN) // it may have jumped: a set has looked
        for (long to = next(); to <= log.newest(); to++)
                mayMove(new Place(to, lost + lostBetween(next(), to + 1, mostAccounted), lost + log.newest()));
        givenWhenKept = marks();
    }

    /** One with OVERRUN that attaches keeps nothing of what earlier lives gave it: that would not count as lost. */
    private BitSet marks() {
        return (BitSet) (policy == SlowSubscriber.OVERRUN && wasAttached ? givenNow : given).clone();
    }

    void closesInOrder() {
        isKept();
        closes();
    }

    /** With its process. */
    void dies() {
        closes();
    }

    /** After the memory was lost: from a place since they were kept last, and not after the end. */
    void comesBack(SubscriberStats stats) {
        long end = log.newest();
        long at = stats.acknowledgedPosition();
        boolean isOne = false;
        for (Place each : since)
            isOne |= at == Math.min(each.acknowledged, end)
                    && stats.lostCount() >= each.lost
                    && stats.lostCount() <= each.mostLost;
        require(isOne || isPassed(), this + " goes on at " + stats + ", of " + since);
        require(stats.slowSubscriber() == policy && stats.ackMode() == mode && !stats.attached(), this + ": " + stats);
        if (at < acknowledged) FileProgram.met("goes back");
        lost = stats.lostCount();
        toldOf = told;
        position = acknowledged = at;
        leastAccounted = at;
        mostAccounted = Math.max(at, Math.min(mostAccounted, end));
        if (policy != SlowSubscriber.OVERRUN) mostAccounted = end;
        mayBeMarked = Math.max(Math.min(mayBeMarked, end), end);
        given = (BitSet) givenWhenKept.clone();
        given.clear((int) end + 1, Math.max((int) end + 1, given.length()));
        since = new ArrayList<>(List.of(place()));
        givenWhenKept = (BitSet) given.clone();
        givenNow = new BitSet();
        wasAttached = false;
        newestSeen = 0;
    }

    @Override
    public String toString() {
        return (name == null ? "an anonymous one" : name) + " (" + policy + " " + mode
                + (jumpsToNewest ? " NEWEST" : "") + ", at " + position + ", acknowledged " + acknowledged + ", lost "
                + lost + ")";
    }
}
