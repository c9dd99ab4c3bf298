package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Subscriber;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The figures by which the thread of a bridge tells others how far it is, and their one request to
 * it: to end. Only that thread counts.
 */
final class Progress {
    /** Counted by one thread, read by any: no read-modify-write. */
    static final class Count {
        private final AtomicLong value = new AtomicLong();

        void add(long n) {
            value.lazySet(value.getPlain() + n);
        }

        void set(long n) {
            value.lazySet(n);
        }

        long get() {
            return value.get();
        }
    }

    final Count forwarded = new Count();
    final Count bytes = new Count();
    final Count duplicates = new Count();
    final Count echoes = new Count();
    final Count alreadyThere = new Count();
    final Count filtered = new Count();
    final Count mapped = new Count();
    final Count tooLong = new Count();
    final Count lost = new Count();
    final Count retries = new Count();
    final Count roomWaits = new Count();
    final Count roomWaitNanos = new Count();
    final Count sourcePosition = new Count();
    final Count targetPosition = new Count();
    final Count inFlight = new Count();

    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile BridgeStats.State state = BridgeStats.State.CONNECTING;
    private volatile String problem;
    private volatile Subscriber source; // for its lag
    private volatile Outages outages;

    boolean isClosing() {
        return closing.getCount() == 0;
    }

    void close() {
        closing.countDown();
    }

    /** Less if it is to end. */
    void pause(long millis) throws InterruptedException {
        closing.await(millis, TimeUnit.MILLISECONDS);
    }

    void is(BridgeStats.State now) {
        state = now;
    }

    void is(BridgeStats.State now, String why) {
        problem = why;
        state = now;
    }

    /** Null, null: no more. */
    void reads(Subscriber in, Outages of) {
        outages = of;
        source = in;
    }

    /** It is in the target. One that is only a mark is no message. */
    void hasForwarded(MessageProperties properties, long length, long position) {
        targetPosition.set(position);
        if (Mark.isAlone(properties)) return;
        forwarded.add(1);
        bytes.add(length);
    }

    BridgeStats snapshot() {
        String outage = outage();
        return new BridgeStats(
                outage == null ? state : BridgeStats.State.WAITING_TO_RETRY,
                outage == null ? problem : outage,
                forwarded.get(),
                bytes.get(),
                duplicates.get(),
                echoes.get(),
                alreadyThere.get(),
                filtered.get(),
                mapped.get(),
                tooLong.get(),
                lost.get(),
                retries.get(),
                roomWaits.get(),
                roomWaitNanos.get(),
                sourcePosition.get(),
                targetPosition.get(),
                outage == null ? lag() : -1,
                inFlight.get());
    }

    private String outage() {
        Outages of = outages;
        try {
            return of == null ? null : of.now();
        } catch (MessageQueueException deleted) {
            return deleted.getMessage(); // a call that waits for it may take half a minute to end
        }
    }

    private long lag() {
        Subscriber in = source;
        if (in == null) return -1;
        try {
            return in.lag();
        } catch (MessageQueueException closedOrLost) {
            return -1;
        }
    }
}
