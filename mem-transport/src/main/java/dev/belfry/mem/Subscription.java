package dev.belfry.mem;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.StoppedSubscribers;
import java.util.Map;

/** One subscription. A named one outlives its subscribers. Guarded by the queue's monitor. */
final class Subscription {
    private final QueueUri uri;
    private final MemRecords records;
    SubscriberOptions options; // of the latest attachment
    Attached attached;
    String holder; // the attached process or subscriber, for error texts
    long begins; // where it started, or where it jumped to last: only from there on can it have had everything
    long next; // to be read next
    long done; // all up to here is acknowledged, or in NONE mode read
    long given; // the highest ever handed over
    long lost;
    long stuckAt = -1; // done, when it was found to make a publisher wait
    long stuckSince;
    boolean warned; // that it is stuck there
    String ended; // why, or null
    long stopped; // where its listener failed; 0: it has not

    /** Its subscriber. */
    interface Attached {
        long position();

        /** Would a publisher that waits for it wait for its own thread? */
        boolean isHeldByCaller();

        /** So many messages were overwritten while nobody was attached. */
        void wasOverrun(long lost);
    }

    Subscription(QueueUri uri, MemRecords records, SubscriberOptions options, long start) {
        this.uri = uri;
        this.records = records;
        this.options = options;
        begins = next = start;
        done = start - 1;
    }

    /** Whether a full queue keeps its records for this subscription. */
    boolean gates(boolean canGrow) {
        SlowSubscriber slow = options.slowSubscriber();
        return ended == null && (slow == SlowSubscriber.GATE_PUBLISHER || slow == SlowSubscriber.DISCONNECT && canGrow);
    }

    boolean needs(long position) {
        return done < position && ended == null;
    }

    boolean isHeldByCaller() {
        return attached != null && attached.isHeldByCaller();
    }

    /** For awaitAcknowledged. */
    boolean hasAcknowledged(long position) {
        return options.ackMode() != AckMode.NONE && begins <= position && position <= done;
    }

    /** For awaitAcknowledged. */
    boolean isBehind(long position) {
        return options.slowSubscriber() != SlowSubscriber.OVERRUN && begins <= position && needs(position);
    }

    /** The record to hand over, or null; {@link #advance} steps over it. */
    MemRecord look() {
        if (next > records.newest()) return null;
        return records.at(next);
    }

    void advance() {
        given = Math.max(given, next);
        next++;
    }

    /** To the first one that is not acknowledged. As {@link #jumpIfPassed}. */
    long rewind() {
        next = done + 1;
        return ended == null ? jumpIfPassed(options.afterOverrun()) : 0;
    }

    /** Before {@link #look}. As {@link #jumpIfPassed}. */
    long prepare() {
        if (next <= done) next = done + 1; // acknowledged after recover went back to it
        return jumpIfPassed(options.afterOverrun());
    }

    /** Jumps over what was overwritten. Records that it was never given are lost: how many. */
    long jumpIfPassed(AfterOverrun where) {
        if (next >= records.oldest()) return 0;
        long to = where == AfterOverrun.NEWEST ? records.newest() : records.oldest();
        long lostNow = Math.max(0, to - Math.max(next, given + 1));
        lost += lostNow;
        begins = next = to;
        done = Math.max(done, next - 1);
        return lostNow;
    }

    /** As seek: all before it counts as given and done. */
    void moveTo(StartAt start) {
        long newest = records.newest();
        long to = start.equals(StartAt.NOW) ? newest + 1 : start.position().orElse(records.oldest());
        if (to > newest + 1) throw Errors.startsInFuture(uri.toString(), to, newest);
        if (to < records.oldest()) throw Errors.seeksWhatIsGone(uri.toString(), to, records.oldest());
        long accounted = Math.max(given, next - 1); // handed over, or lost
        long lostNow = Math.max(0, to - 1 - accounted);
        lost += lostNow;
        if (lostNow > 0) given = to - 1;
        begins = lostNow > 0 ? to : Math.min(begins, to);
        next = to;
        done = to - 1;
    }

    /** One that has ended loses all that it was not given. */
    long lost() {
        return ended == null ? lost : lost + records.newest() - Math.max(given, done);
    }

    /**
     * Nanoseconds for which it has made publishers wait without moving; counts across their calls.
     */
    long stuckNanos() {
        long now = System.nanoTime();
        if (stuckAt != done) {
            stuckAt = done;
            stuckSince = now;
            warned = false;
        }
        return now - stuckSince;
    }

    long position() {
        return attached == null ? done : attached.position();
    }

    SubscriberDisconnectedException disconnected() {
        return Errors.disconnected(uri.toString(), options.name(), position(), records.newest() - position(), ended);
    }

    SubscriberStats stats() {
        return new SubscriberStats(
                options.name(),
                attached == null ? 0 : ProcessHandle.current().pid(),
                position(),
                done,
                records.newest() - position(),
                lost(),
                options.ackMode(),
                options.slowSubscriber(),
                attached != null,
                Map.of(StoppedSubscribers.STOPPED, stopped));
    }
}
