package dev.belfry.shm;

import dev.belfry.spi.Deadlines;
import java.util.function.LongSupplier;

/**
 * Decides when a reader that found nothing reads again. A reader that chases a busy writer pulls
 * away the cache line that is being written, for each message, and may slow both down many times.
 * If it stays away for a moment, it finds a batch. But a reader that waits for a single message,
 * such as an answer, must check all the time; and one that follows a slow writer gains nothing by
 * being late.
 *
 * <p>Only a trial tells which it is, and only a long one: the first checks after a stay tell little
 * about a chase, and one stay tells little about the next. So a chase lasts a while. Then the reader
 * stays away some times, longer if there was little to read. It continues so for as long as the log
 * grows faster by it; else it chases again, each time longer. After many stays it chases for a
 * while, to compare again. Each reading thread has its own.
 */
final class Pace {
    private static final long SHORTEST_NANOS = 4_000;
    private static final long LONGEST_NANOS = 32_000;
    private static final long ENOUGH_BYTES = 16 << 10;
    private static final int PAUSES_PER_CLOCK = 4;

    private static final long CHASE_NANOS = 100_000;
    private static final int FINDS_PER_CLOCK = 16;
    private static final int LEAST_PATIENCE = 8;
    private static final int MOST_PATIENCE = 256;

    private static final int STAYS_OF_A_TRIAL = 3;
    private static final int STAYS_PER_LOOK = 8;
    private static final int MOST_STAYS = 256;
    private static final double GAIN = 1.1;
    private static final double HOPELESS = 0.8;

    private final LongSupplier clock;
    private long last = -1;

    // Where and when the present stretch began: a chase, or some stays.
    private long from;
    private long since;

    // While it chases: for how long, and how many times as long as the trial that was in vain.
    private long chaseNanos = CHASE_NANOS;
    private int patience = LEAST_PATIENCE;
    private int finds = FINDS_PER_CLOCK;

    // While it stays away: for how long, how often already, and how fast the log grew before, in bytes a nanosecond.
    private long staying;
    private int stays;
    private double chased;

    Pace() {
        this(System::nanoTime);
    }

    Pace(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Nothing was found at this offset. True: we stayed away, check again; false: go on as when
     * there is nothing. Never past the deadline: a caller that may not wait may have handled a
     * message whose acknowledgement a publisher waits for.
     */
    boolean stayedAway(long cursor, long deadlineNanos) {
        if (deadlineNanos == Deadlines.PAST) return false; // it says nothing about a chase either
        if (last < 0) begin(last = cursor, clock.getAsLong());
        long found = cursor - last;
        last = cursor;
        if (staying == 0 ? !isTimeToTry(cursor, found) : !isWorthIt(cursor, found)) return false;
        long began = clock.getAsLong();
        if (deadlineNanos - began < staying) return false;
        while (clock.getAsLong() - began < staying) for (int i = 0; i < PAUSES_PER_CLOCK; i++) Thread.onSpinWait();
        return true;
    }

    private boolean isTimeToTry(long cursor, long found) {
        if (found == 0 || --finds > 0) return false;
        finds = FINDS_PER_CLOCK;
        long now = clock.getAsLong();
        if (now - since < chaseNanos) return false;
        chased = rate(cursor, now);
        begin(cursor, now);
        staying = SHORTEST_NANOS;
        stays = 0;
        return true;
    }

    private boolean isWorthIt(long cursor, long found) {
        long now = clock.getAsLong();
        stays++;
        boolean judged = stays <= STAYS_OF_A_TRIAL || stays % STAYS_PER_LOOK == 0;
        if (judged && rate(cursor, now) < chased * (stays < STAYS_OF_A_TRIAL ? HOPELESS : GAIN)) {
            patience = Math.min(2 * patience, MOST_PATIENCE);
            chase(cursor, now, Math.max(CHASE_NANOS, patience * (now - since)));
            return false;
        }
        if (stays == MOST_STAYS) {
            patience = LEAST_PATIENCE;
            chase(cursor, now, CHASE_NANOS);
            return false;
        }
        if (stays % STAYS_PER_LOOK == 0) begin(cursor, now);
        if (found < ENOUGH_BYTES) staying = Math.min(2 * staying, LONGEST_NANOS);
        return true;
    }

    private void chase(long cursor, long now, long nanos) {
        begin(cursor, now);
        staying = 0;
        chaseNanos = nanos;
        finds = FINDS_PER_CLOCK;
    }

    private void begin(long cursor, long now) {
        from = cursor;
        since = now;
    }

    private double rate(long cursor, long now) {
        return (double) (cursor - from) / Math.max(1, now - since);
    }
}
