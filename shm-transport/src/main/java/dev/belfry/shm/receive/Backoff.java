package dev.belfry.shm.receive;

import java.util.function.LongSupplier;

/**
 * Decides when a reader that has read all there is reads again. A reader that chases a busy writer
 * pulls away the cache line that is being written, which may slow both down. If it stays away for a
 * moment, it finds a batch. Where that does not help, it must check all the time.
 *
 * <p>A trial tells which it is; a stream of less than a cache line each microsecond gets none. The
 * reader chases for a while, then stays away some times, longer if there was little to read. If the
 * log grows a tenth faster by it, it continues so; else it chases again, each time longer. After
 * many stays it compares again. Each reading thread has its own.
 *
 * <p>The first stays of a trial do not count: the writer's next lines are still with the reader.
 * But if they find next to nothing, the writer waits for the reader, and the trial ends at once.
 */
final class Backoff {
    private static final long SHORTEST_NANOS = 4_000;
    private static final long LONGEST_NANOS = 32_000;
    private static final long ENOUGH_BYTES = 16 << 10;
    private static final int PAUSES_PER_CLOCK = 4;

    private static final long CHASE_NANOS = 100_000;
    private static final int FINDS_PER_CLOCK = 16;
    private static final long MOST_NANOS_OF_FINDS = 1_000_000; // more is no chase: it began before a pause
    private static final int LEAST_PATIENCE = 8;
    private static final int MOST_PATIENCE = 256;

    private static final int STAYS_BEFORE_TRIAL = 2;
    private static final int STAYS_OF_A_TRIAL = 6;
    private static final long MOST_NANOS_OF_A_TRIAL = STAYS_OF_A_TRIAL * LONGEST_NANOS;
    private static final int STAYS_PER_CHECK = 8;
    private static final int MOST_STAYS = 256;
    private static final int MOST_SLOW_CHECKS = 2;
    private static final double GAIN = 1.1;
    private static final double LEAST_BYTES_PER_NANO = 0.064; // 64 a microsecond
    private static final double HOPELESS = 0.5;

    private final LongSupplier clock;
    private long last = -1;

    // Where and when the present stretch began: a chase, or some stays.
    private long from;
    private long since;

    // While it chases: for how long, and how many times as long as the trial that found nothing.
    private long chaseNanos = CHASE_NANOS;
    private int patience = LEAST_PATIENCE;
    private int finds = FINDS_PER_CLOCK;
    private long clockedAt;

    // While it stays away: for how long, how often already, since when, and how fast the log grew before, in bytes a
    // nanosecond.
    private long staying;
    private int stays;
    private long triedAt;
    private int slowChecks;
    private double chased;

    private long due; // the end of the stay
    boolean owed; // by the next call that may wait

    Backoff() {
        this(System::nanoTime);
    }

    Backoff(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * A call has handed over some messages, all up to this offset, and returns. The next one that may wait begins with
     * {@link #comeBack}. It would not come to {@link #stayedAway}: by then a busy writer has always written something.
     */
    void readAll(long cursor) {
        owed = staysAway(cursor);
    }

    /**
     * The next call begins, and may wait so long: how long it may still wait afterwards. The time
     * between both calls is a part of the stay. The call before has stored what it acknowledges, if it
     * could: no publisher waits longer for that.
     */
    long comeBack(long nanos) {
        if (!owed) return nanos;
        owed = false;
        long began = clock.getAsLong();
        if (due - began <= 0 || due - began > nanos) return nanos;
        stay();
        return Math.max(0, nanos - (clock.getAsLong() - began));
    }

    /**
     * Nothing was found at this offset. True: we stayed away, check again; false: go on as when
     * there is nothing. Never past the deadline.
     */
    boolean stayedAway(long cursor, long deadlineNanos) {
        owed = false;
        if (!staysAway(cursor) || deadlineNanos - due < 0) return false;
        stay();
        return true;
    }

    private void stay() {
        while (clock.getAsLong() - due < 0) for (int i = 0; i < PAUSES_PER_CLOCK; i++) Thread.onSpinWait();
    }

    private boolean staysAway(long cursor) {
        if (last < 0) {
            begin(last = cursor, clock.getAsLong());
            clockedAt = since;
        }
        long found = cursor - last;
        last = cursor;
        return staying == 0 ? isTimeToTry(cursor, found) : isWorthIt(cursor, found);
    }

    private boolean isTimeToTry(long cursor, long found) {
        if (found == 0 || --finds > 0) return false;
        finds = FINDS_PER_CLOCK;
        long now = clock.getAsLong();
        if (now - clockedAt > MOST_NANOS_OF_FINDS) begin(cursor, now);
        clockedAt = now;
        if (now - since < chaseNanos) return false;
        chased = rate(cursor, now);
        begin(cursor, now);
        if (chased < LEAST_BYTES_PER_NANO) return false;
        triedAt = now;
        staying = SHORTEST_NANOS;
        stays = 0;
        slowChecks = 0;
        due = now + staying;
        return true;
    }

    private boolean isWorthIt(long cursor, long found) {
        long now = clock.getAsLong();
        double gain = rate(cursor, now) / chased;
        stays++;
        if (stays <= STAYS_OF_A_TRIAL) {
            if (gain < (stays < STAYS_OF_A_TRIAL ? HOPELESS : GAIN)) return inVain(cursor, now);
            if (stays == STAYS_BEFORE_TRIAL) begin(cursor, now);
        } else if (found == 0) {
            return chase(cursor, now, CHASE_NANOS);
        } else if (stays % STAYS_PER_CHECK == 0) {
            slowChecks = gain < GAIN ? slowChecks + 1 : 0;
            if (slowChecks == MOST_SLOW_CHECKS) return inVain(cursor, now);
            begin(cursor, now);
            if (stays == MOST_STAYS) {
                if (gain >= GAIN) patience = LEAST_PATIENCE;
                return chase(cursor, now, CHASE_NANOS);
            }
        }
        if (found < ENOUGH_BYTES) staying = Math.min(2 * staying, LONGEST_NANOS);
        due = now + staying;
        return true;
    }

    private boolean inVain(long cursor, long now) {
        patience = Math.min(2 * patience, MOST_PATIENCE);
        return chase(cursor, now, Math.max(CHASE_NANOS, patience * Math.min(now - triedAt, MOST_NANOS_OF_A_TRIAL)));
    }

    /** False: it does not stay away. */
    private boolean chase(long cursor, long now, long nanos) {
        begin(cursor, now);
        clockedAt = now;
        staying = 0;
        chaseNanos = nanos;
        finds = FINDS_PER_CLOCK;
        return false;
    }

    private void begin(long cursor, long now) {
        from = cursor;
        since = now;
    }

    private double rate(long cursor, long now) {
        return (double) (cursor - from) / Math.max(1, now - since);
    }
}
