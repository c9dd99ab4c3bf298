package dev.belfry.jakarta.domain;

import dev.belfry.spi.Units;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that this member waits for room in a full domain: after a second, again each minute, and the end. Waits that
 * time out one after the other are one. Any thread, without a lock: its log may block.
 */
final class RoomWaits {
    private static final Logger LOG = LoggerFactory.getLogger(RoomWaits.class);
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String domain;
    private final Supplier<String> why;
    private final LongSupplier nanoTime;
    /** Something waits, or did when its time-out had passed, and nothing has found room since. */
    private volatile boolean isFull;
    // Guarded by this.
    private long since;
    private long last;
    private boolean told;
    private long toldAt;

    RoomWaits(String domain, Supplier<String> why) {
        this(domain, why, System::nanoTime);
    }

    RoomWaits(String domain, Supplier<String> why, LongSupplier nanoTime) {
        this.domain = domain;
        this.why = why;
        this.nanoTime = nanoTime;
    }

    /** The call is about to wait. */
    synchronized void begin() {
        long now = nanoTime.getAsLong();
        if (!isFull || now - last > AGAIN_NANOS) {
            since = now;
            told = false;
        }
        isFull = true;
        last = now;
    }

    /** The call still waits; here perhaps since now, as what it leaves may change meanwhile. */
    void goOn() {
        long waited = toBeTold();
        if (waited > 0) LOG.warn("{} A call has waited for room for {}.", why.get(), Units.duration(waited));
    }

    /** At once, or after a wait. */
    void foundRoom() {
        long waited = isFull ? ended() : 0;
        if (waited > 0) LOG.warn("'{}': the wait for room is over, after {}", domain, Units.duration(waited));
    }

    /** 0: not now. */
    private synchronized long toBeTold() {
        if (!isFull) begin();
        long now = last = nanoTime.getAsLong();
        if (now - since < FIRST_NANOS || told && now - toldAt < AGAIN_NANOS) return 0;
        told = true;
        toldAt = now;
        return now - since;
    }

    /** 0: nothing was logged. */
    private synchronized long ended() {
        long waited = isFull && told ? nanoTime.getAsLong() - since : 0;
        isFull = told = false;
        return waited;
    }
}
