package dev.belfry.spi;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Where one subscription stands: the positions of what it was given, of what it has acknowledged, and how many it has
 * lost. One object for {@link SubscriberSupport} and its transport, which alone knows where in its log a position lies.
 * Its words change by the steps below, and only by them.
 *
 * <pre>
 * handedOver    handed over last; after a move, the one before the first to come      the call inside, lazily
 * inHandAfter   the same, while the message after it is in its handler                the call inside
 * placedAfter   where the last move led: after it this pass has begun                 the call inside
 * givenFrom     all that was given before this pass lies between,                     the call inside
 * givenTo       so it says that it was                                                the call inside
 * accounted     up to here each one was given, or counts as lost, or was not wanted   the call inside; T
 * raisedBy      the last found that raised it, as long as it is not known to be given the call inside
 * finished      the last whose handler has returned; owed: that is not stored yet     the call inside
 * acceptedTo    up to here, or to handedOver, an acknowledgement is accepted          the call inside
 * acknowledged  all up to here is done with                                           U and T; with AUTO and NONE
 *                                                                                     the call inside; T
 * lost          how many                                                              the call inside; T
 * </pre>
 *
 * "The call inside" is the one that reads, so one thread at a time. U is the lock under which SubscriberSupport
 * acknowledges, T the lock that a transport needs where its publishers or other threads read the word. U is taken
 * before T. A transport makes a step of its own under T, and SubscriberSupport makes it again: that changes nothing.
 *
 * <p>After each step: {@code placedAfter <= handedOver}, {@code givenTo <= accounted}, and
 * {@code acknowledged <= max(handedOver, finished, acceptedTo)}. So a message beyond acceptedTo that comes next is
 * acknowledged by nobody before it is handed over, and one up to there may be while it is read again. Tests check it:
 * they run with assertions.
 * @since 0.1
 */
public final class Standing {
    private static final AtomicLongFieldUpdater<Standing> HANDED_OVER =
            AtomicLongFieldUpdater.newUpdater(Standing.class, "handedOver");
    private static final AtomicLongFieldUpdater<Standing> ACKNOWLEDGED =
            AtomicLongFieldUpdater.newUpdater(Standing.class, "acknowledged");

    // Lazily, so that a message costs no fence: another thread may see it a moment late.
    private volatile long handedOver;
    private volatile long acknowledged;
    private volatile long acceptedTo;
    private volatile long lost;
    private long inHandAfter;
    private long placedAfter;
    private long givenFrom = Long.MAX_VALUE;
    private long givenTo;
    private long accounted;
    private long raisedBy;
    private long finished;
    private boolean owed; // what is finished is not stored yet

    /** Nothing yet: {@link #attached} says where it begins. */
    public Standing() {}

    // The steps

    /**
     * It begins after {@code acknowledged}, one less than the first position. Up to {@code given} it may have been
     * given messages before, 0 if none.
     */
    public void attached(long acknowledged, long given) {
        this.acknowledged = acknowledged;
        acceptedTo = acknowledged;
        givenTo = given;
        givenFrom = given == 0 ? Long.MAX_VALUE : 0;
        accounted = given;
        place(acknowledged);
    }

    /** It is not known what it was given: all is marked, but what is gone after this counts as lost. */
    public void accountsFor(long upTo) {
        accounted = upTo;
    }

    /** The reader has found it, and is about to hand it over: from now on it counts as given. */
    public void found(long position) {
        if (position > accounted) accounted = raisedBy = position;
    }

    /** It was not handed over after all. */
    void notFound(long position) {
        if (accounted == position && raisedBy == position) accounted = position - 1;
    }

    /** In front of its handler. */
    void handingOver(long position) {
        inHandAfter = handedOver;
        HANDED_OVER.lazySet(this, position);
    }

    /** The same in a batch of messages whose positions have no gap: all that is stored for each of them. */
    public void handsOver(long position) {
        HANDED_OVER.lazySet(this, position);
    }

    /** One of a batch is in its handler. */
    void inHand(long position) {
        inHandAfter = position - 1;
    }

    /** Notes that its handler has thrown: the message was given. */
    void failed(long position) {
        givenTo = Math.max(givenTo, position);
        givenFrom = Math.min(givenFrom, position);
        accounted = Math.max(accounted, position);
        raisedBy = 0;
        assert holds() : this;
    }

    /** And it comes first again, even if it was acknowledged meanwhile. Under U. */
    void takenBack() {
        acceptedTo = Math.max(acceptedTo, acknowledged);
        handedOver = inHandAfter;
        assert holds() : this;
    }

    /** All handlers up to this message have returned. */
    void finished(long position) {
        finished = position;
        owed = true;
    }

    /** That is stored, or does not count. */
    void finishedIsStored() {
        owed = false;
    }

    /** Changes nothing for an earlier position: it never goes back. */
    public void acknowledged(long position) {
        if (position > acknowledged) ACKNOWLEDGED.lazySet(this, position);
        assert mayBeAcknowledged() : this;
    }

    /** The next messages were overwritten, and so many were never given: it resumes at {@code next}. */
    public void jumped(long next, long lostNow) {
        if (lostNow > 0) {
            lost += lostNow;
            accounted = Math.max(accounted, next - 1);
        }
        acceptedTo = Math.max(acceptedTo, next - 1);
        acknowledged(next - 1);
    }

    /** So many were gone before it could begin. */
    public void missed(long lostNow) {
        lost += lostNow;
    }

    /** Before a move: what this pass was given is noted, and may still be acknowledged after it. */
    public void leaves() {
        if (handedOver > placedAfter) {
            givenFrom = Math.min(givenFrom, placedAfter + 1);
            givenTo = Math.max(givenTo, handedOver);
            accounted = Math.max(accounted, handedOver);
            raisedBy = 0;
        }
        acceptedTo = Math.max(acceptedTo, handedOver);
        assert holds() : this;
    }

    /** It goes back to the first message that is not acknowledged. After {@link #leaves}. */
    void recovered() {
        place(acknowledged);
    }

    /** It goes on after {@code before}, so that this many are passed over. */
    public void sought(long before, long lostNow) {
        leaves();
        if (lostNow > 0) {
            lost += lostNow;
            accounted = Math.max(accounted, before);
        }
        acceptedTo = Math.max(acceptedTo, before);
        acknowledged = before;
        owed = false;
        place(before);
    }

    private void place(long before) {
        placedAfter = before;
        finished = before;
        handedOver = before;
        assert holds() : this;
    }

    // The words

    /** See {@link dev.belfry.api.Subscriber#position}. */
    long handedOver() {
        return handedOver;
    }

    public long acknowledged() {
        return acknowledged;
    }

    public long lost() {
        return lost;
    }

    /** The highest that was given, or counts as lost: for the transport to keep. After {@link #leaves}. */
    public long accounted() {
        return accounted;
    }

    /** Messages that come again up to here may be acknowledged by any thread while they are read. */
    public long acceptedTo() {
        return acceptedTo;
    }

    /** The last that may be acknowledged. */
    long acknowledgeable() {
        long position = handedOver; // first: a move raises the other one before it goes back
        return Math.max(position, acceptedTo);
    }

    /** Was it given before this pass? Then {@code redelivered()} is to say so. Inside only. */
    public boolean isGiven(long position) {
        return givenFrom <= position && position <= givenTo;
    }

    /** How many are lost if a reader goes on at {@code to} instead of {@code next}. */
    public long lostBefore(long to, long next) {
        return Math.max(0, to - Math.max(next, accounted + 1));
    }

    boolean isFinishedOwed() {
        return owed;
    }

    long finished() {
        return finished;
    }

    private boolean holds() {
        boolean hasPositions = handedOver >= 0;
        return (!hasPositions || placedAfter <= handedOver) && mayBeAcknowledged();
    }

    private boolean mayBeAcknowledged() {
        return acknowledged <= Math.max(finished, acknowledgeable());
    }

    @Override
    public String toString() {
        return "handed over " + handedOver + " after " + placedAfter + ", given " + givenFrom + " to " + givenTo
                + ", accounted " + accounted + ", finished " + finished + ", acknowledged " + acknowledged
                + ", accepted to " + acceptedTo + ", lost " + lost;
    }
}
