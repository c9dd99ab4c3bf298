package dev.belfry.mem;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Standing;
import dev.belfry.spi.SubscriberFigures;
import java.util.Map;

/**
 * One subscription. A named one outlives its subscribers. Guarded by the queue's monitor: the lock T of its
 * {@link Standing}.
 */
final class Subscription {
    private final QueueUri uri;
    private final MemRecords records;
    SubscriberOptions options; // of the latest attachment
    Attached attached;
    String holder; // the attached process or subscriber, for error texts
    long begins; // where it started, or where it jumped to last: only from there on can it have had everything
    long next; // to be read next
    Standing standing = new Standing(); // of the subscriber that is or was attached last
    long stuckAt = -1; // acknowledged, when it was found to make a publisher wait
    long stuckSince;
    boolean warned; // that it is stuck there
    String ended; // why, or null
    long stopped; // where its listener failed; 0: it has not

    /** Its subscriber. */
    interface Attached {
        long position();

        Standing place();

        /** Would a publisher that waits for it wait for its own thread? */
        boolean isHeldByCaller();

        /** So many messages were overwritten while nobody was attached. */
        void noteOverrun(long lost);
    }

    Subscription(QueueUri uri, MemRecords records, SubscriberOptions options, long start) {
        this.uri = uri;
        this.records = records;
        this.options = options;
        begins = next = start;
        standing.attached(start - 1, 0);
    }

    /** Whether a full queue keeps its records for this subscription. */
    boolean gates(boolean canGrow) {
        SlowSubscriber slow = options.slowSubscriber();
        return ended == null && (slow == SlowSubscriber.GATE_PUBLISHER || slow == SlowSubscriber.DISCONNECT && canGrow);
    }

    boolean needs(long position) {
        return standing.acknowledged() < position && ended == null;
    }

    boolean isHeldByCaller() {
        return attached != null && attached.isHeldByCaller();
    }

    /** For awaitAcknowledged. */
    boolean hasAcknowledged(long position) {
        return options.ackMode() != AckMode.NONE && begins <= position && position <= standing.acknowledged();
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

    /** Whether {@link #look} finds one after {@link #prepare}. */
    boolean hasNext() {
        return Math.max(next, standing.acknowledged() + 1) <= records.newest();
    }

    void advance() {
        standing.found(next);
        next++;
    }

    /** To the first one that is not acknowledged. As {@link #jumpIfPassed}. */
    long rewind() {
        next = standing.acknowledged() + 1;
        return ended == null ? jumpIfPassed(options.afterOverrun()) : 0;
    }

    /** Before {@link #look}. As {@link #jumpIfPassed}. */
    long prepare() {
        next = Math.max(next, standing.acknowledged() + 1); // acknowledged after recover went back to it
        return jumpIfPassed(options.afterOverrun());
    }

    /** Jumps over what was overwritten. Records that it was never given are lost: how many. */
    long jumpIfPassed(AfterOverrun where) {
        if (next >= records.oldest()) return 0;
        long to = where == AfterOverrun.NEWEST ? Math.max(records.newest(), records.oldest()) : records.oldest();
        long lostNow = standing.lostBefore(to, next);
        begins = next = to;
        standing.jumped(to, lostNow);
        return lostNow;
    }

    /** As seek: all before it counts as given and done. */
    void moveTo(StartAt start) {
        long to = records.first(start, uri.toString());
        if (to < records.oldest()) throw Errors.seeksWhatIsGone(uri.toString(), to, records.oldest());
        long lostNow = standing.lostBefore(to, next);
        begins = lostNow > 0 ? to : Math.min(begins, to);
        next = to;
        standing.sought(to - 1, lostNow);
    }

    /** One that has ended loses all that it was not given. */
    long lost() {
        if (ended == null) return standing.lost();
        return standing.lost() + records.newest() - Math.max(standing.accounted(), standing.acknowledged());
    }

    /** Nanoseconds for which it has made publishers wait without moving; counts across their calls. */
    long stuckNanos() {
        long now = System.nanoTime();
        if (stuckAt != standing.acknowledged()) {
            stuckAt = standing.acknowledged();
            stuckSince = now;
            warned = false;
        }
        return now - stuckSince;
    }

    long position() {
        return attached == null ? standing.acknowledged() : attached.position();
    }

    /** How many its program received and has to acknowledge by itself. */
    long owed() {
        return options.ackMode() == AckMode.CLIENT ? position() - standing.acknowledged() : 0;
    }

    SubscriberDisconnectedException disconnected() {
        return Errors.disconnected(uri.toString(), options.name(), position(), records.newest() - position(), ended);
    }

    SubscriberStats stats() {
        return new SubscriberFigures(
                options.name(),
                attached == null ? 0 : ProcessHandle.current().pid(),
                position(),
                standing.acknowledged(),
                records.newest() - position(),
                lost(),
                options.ackMode(),
                options.slowSubscriber(),
                attached != null,
                Map.of(QueueCounter.STOPPED.key(), stopped));
    }
}
