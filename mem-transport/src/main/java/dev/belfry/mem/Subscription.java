package dev.belfry.mem;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
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
    }

    Subscription(QueueUri uri, MemRecords records, SubscriberOptions options, long start) {
        this.uri = uri;
        this.records = records;
        this.options = options;
        begins = next = start;
        done = given = start - 1;
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
        if (next <= done) next = done + 1; // acknowledged after recover went back to it
        jumpIfPassed();
        if (next > records.newest()) return null;
        return records.at(next);
    }

    void advance() {
        given = Math.max(given, next);
        next++;
    }

    /** Jumps to the oldest record; records that it was never given are lost. */
    void jumpIfPassed() {
        if (next >= records.oldest()) return;
        lost += Math.max(0, records.oldest() - Math.max(next, given + 1));
        begins = next = records.oldest();
        done = Math.max(done, next - 1);
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
                lost,
                options.ackMode(),
                options.slowSubscriber(),
                attached != null,
                Map.of(StoppedSubscribers.STOPPED, stopped));
    }
}
