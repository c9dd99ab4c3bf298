package dev.belfry.shm;

import java.util.function.LongSupplier;

/**
 * When a reader that found nothing looks again. One that chases a busy writer pulls the cache line away that is being written, message by message, and slows both down many times;
 * if it stays away for a moment it finds a batch. But one that waits for a single message, an answer say, must look all the time, and one that follows a writer who is not busy gains
 * nothing by being late.
 *
 * <p>Which it is only staying away can tell. So now and then it does: if the log then grows faster than while it was chased, it stays away again, longer if there was little to read;
 * else it tries again, ever more rarely. And after many stays it chases for a moment, to compare anew. One reading thread's own.
 */
final class Pace {
    private static final long SHORTEST_NANOS = 4_000;
    private static final long LONGEST_NANOS = 32_000;
    private static final long ENOUGH_BYTES = 16 << 10;
    private static final double GAIN = 1.25;

    private static final int PAUSES_PER_CLOCK = 4;
    private static final int FIRST_TRIAL = 16;
    private static final int LAST_TRIAL = 256;
    private static final int MOST_STAYS = 256;

    private final LongSupplier clock;
    private long last;
    private long since;

    // While it chases: from where, until when, and how often it will have tried in vain.
    private long chaseFrom = -1;
    private int trialIn = FIRST_TRIAL;
    private int interval = FIRST_TRIAL;

    // While it stays away: for how long, how often already, and how fast the log grew before, in bytes a nanosecond.
    private long staying;
    private int stays;
    private double chased;

    Pace() {
        this(System::nanoTime);
    }

    Pace(LongSupplier clock) {
        this.clock = clock;
        since = clock.getAsLong();
    }

    /** Nothing was found at this offset. True: we stayed away, look again; false: do what one does when there is nothing. */
    boolean stayedAway(long cursor) {
        if (chaseFrom < 0) chaseFrom = last = cursor;
        long found = cursor - last;
        last = cursor;
        if (staying == 0) {
            if (found == 0 || --trialIn > 0) return false;
            chased = rate(cursor - chaseFrom);
            staying = SHORTEST_NANOS;
            stays = 0;
        } else {
            boolean faster = rate(found) > GAIN * chased;
            if (!faster || ++stays == MOST_STAYS) {
                staying = 0;
                interval = faster ? FIRST_TRIAL : Math.min(2 * interval, LAST_TRIAL);
                trialIn = interval;
                chaseFrom = cursor;
                since = clock.getAsLong();
                return false;
            }
            if (found < ENOUGH_BYTES) staying = Math.min(2 * staying, LONGEST_NANOS);
        }
        since = clock.getAsLong();
        while (clock.getAsLong() - since < staying) for (int i = 0; i < PAUSES_PER_CLOCK; i++) Thread.onSpinWait();
        return true;
    }

    private double rate(long bytes) {
        return (double) bytes / Math.max(1, clock.getAsLong() - since);
    }
}
