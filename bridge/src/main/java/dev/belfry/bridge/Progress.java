package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Subscriber;
import java.time.Duration;
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
    final Count counted = new Count();
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

    private static final Duration PATIENCE = Duration.ofSeconds(5); // with a disk
    private static final Duration LAST_WAIT = Duration.ofSeconds(4);

    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile long closedNanos; // of the first close
    volatile Disk disk; // that is waited for, told also while that call does not return; null: none is
    private volatile BridgeStats.State state = BridgeStats.State.CONNECTING;
    private volatile String problem;
    private volatile Subscriber source; // for its lag
    private volatile Outages outages;

    boolean isClosing() {
        return closing.getCount() == 0;
    }

    synchronized void close() {
        if (isClosing()) return;
        closedNanos = System.nanoTime();
        closing.countDown();
    }

    /** The time left for what the target has not confirmed: one for all the steps of an end. */
    Duration leftToEnd() {
        if (!isClosing()) return LAST_WAIT;
        Duration left = LAST_WAIT.minusNanos(System.nanoTime() - closedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The disk of {@code queue} has not confirmed all since then. */
    record Disk(String queue, long sinceNanos) {
        String problem() {
            Duration waited = Duration.ofNanos(System.nanoTime() - sinceNanos);
            return waited.compareTo(PATIENCE) < 0
                    ? null
                    : "The disk of '" + queue + "' has not answered for " + waited.toSeconds() + " s, so the source"
                            + " keeps what was sent. It goes on when the disk does: see whether that hangs (dmesg).";
        }
    }

    /** Less if it is to end. */
    void pause(long millis) throws InterruptedException {
        closing.await(millis, TimeUnit.MILLISECONDS);
    }

    void enter(BridgeStats.State now) {
        state = now;
    }

    void enter(BridgeStats.State now, String why) {
        problem = why;
        state = now;
    }

    /** Takes null and null when nothing is read any more. */
    void reads(Subscriber in, Outages of) {
        outages = of;
        source = in;
    }

    /** It is in the target. One that is only a mark is no message. */
    void countForwarded(MessageProperties properties, long length, long position) {
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
                counted.get(),
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
        Disk awaited = disk;
        try {
            String far = of == null ? null : of.now();
            return far != null || awaited == null ? far : awaited.problem();
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
