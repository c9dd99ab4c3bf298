package dev.belfry.jakarta.domain;

import dev.belfry.spi.Units;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records that are no records of this format, which every member skips: nobody but this log tells of them. It is
 * told by the member's daemon, as what folds may have the publish lock.
 */
final class Skipped {
    private static final Logger LOG = LoggerFactory.getLogger(Skipped.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String domain;
    // Written with the monitor.
    private volatile long records;
    private volatile long last;
    // Guarded by this.
    private long told;
    private long toldAt;

    Skipped(String domain) {
        this.domain = domain;
    }

    /** A member that was passed reads some again, and a plain subscription what the fold reads. */
    synchronized void note(long position) {
        if (position <= last) return;
        records = records + 1;
        last = position;
    }

    /** At once when there are some, and at most once a minute when there are more. */
    synchronized void tell(long nanoTime) {
        long now = records;
        if (now == told || told > 0 && nanoTime - toldAt < AGAIN_NANOS) return;
        told = now;
        toldAt = nanoTime;
        LOG.warn(
                "'{}': skipped {} damaged record{}, the last at position {}; what they said is lost."
                        + " Find the program that writes into the log besides Belfry, and run 'belfry doctor'.",
                domain,
                Units.number(now),
                now == 1 ? "" : "s",
                Units.number(last));
    }
}
