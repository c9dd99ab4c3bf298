package dev.belfry.shm.receive;

import dev.belfry.spi.Units;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the reads of the files that a disk has not answered at once, and logs for which subscriber that was: in a
 * set, one that waits is as silent as one without messages. The reading thread's own.
 */
final class LateReads {
    private static final Logger LOG = LoggerFactory.getLogger(LateReads.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long reads;
    private long last; // the position that the last of them is for
    private long toldAt;

    /** At once of the first, and at most once a minute of more. It is noted again as long as that one waits. */
    void note(String subscriber, long position) {
        if (position == last) return;
        last = position;
        reads++;
        long now = System.nanoTime();
        if (reads > 1 && now - toldAt < AGAIN_NANOS) return;
        toldAt = now;
        LOG.warn(
                "{} waits for its disk, which hangs or is slow, to read message {}: {} of its reads waited so far."
                        + " Messages of other subscribers are read meanwhile. Look at that disk.",
                subscriber,
                Units.number(position),
                Units.number(reads));
    }
}
