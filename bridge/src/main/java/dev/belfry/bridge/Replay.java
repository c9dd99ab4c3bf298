package dev.belfry.bridge;

import dev.belfry.api.MessageView;
import dev.belfry.spi.Units;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a bridge has come in its {@link Extent}, over all its sessions: one may read again what it has counted. */
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Extent extent;
    private long end; // the last position that is carried, as far as this session knows
    private final Progress.Count carried; // messages
    private long firstMillis; // timestamp of the first message; 0 before
    private long firstNanos;

    Replay(Extent extent, Progress.Count carried) {
        this.extent = extent;
        this.carried = carried;
    }

    /**
     * Begins a session: the target has so many messages, up to this position. Messages of the one before may be lost,
     * so nothing that it knew holds.
     */
    void begins(long messages, long position) {
        end = extent.lastPosition();
        countTo(messages, position);
    }

    private void countTo(long messages, long position) {
        if (extent.hasCount()) carried.set(messages);
        if (messages >= extent.count()) endAt(position);
    }

    boolean isOver(long read) {
        return read >= end;
    }

    /** Then what was read before is all: positions between may be none of messages. */
    boolean isBeyond(MessageView message, long read) {
        boolean isLate = isLate(message);
        if (isLate && end > read)
            LOG.warn(
                    "The bridge ends before position {}, the first one whose time, {}, is not before {}. If a clock was"
                            + " ahead there, positions carry the rest",
                    Units.number(message.position()),
                    Instant.ofEpochMilli(Mark.timestamp(message)),
                    extent.before());
        boolean beyond = isLate || message.position() > end;
        if (beyond) endAt(read);
        return beyond;
    }

    private boolean isLate(MessageView message) {
        return !extent.before().equals(Instant.MAX)
                && !Mark.isAlone(message.properties())
                && !Instant.ofEpochMilli(time(message, "it ends before a time")).isBefore(extent.before());
    }

    /** A message that is published from now on is none of it. */
    boolean isPast() {
        return !Instant.now().isBefore(extent.before());
    }

    void endAt(long read) {
        end = Math.min(end, read);
    }

    /** The mark with their number, if it matters: with that of the target's newest message the next start goes on. */
    Mark counted(Mark mark, long more) {
        return extent.hasCount() ? mark.counted(carried.get() + more) : mark;
    }

    /** Before it is sent. */
    void carries(long position) {
        countTo(carried.get() + 1, position);
    }

    void awaitTurn(MessageView message, Runnable meanwhile) {
        for (long nanos; (nanos = earlyNanos(message)) > 0; ) {
            meanwhile.run();
            LockSupport.parkNanos(Math.min(nanos, SLICE_NANOS));
        }
    }

    private long earlyNanos(MessageView message) {
        if (Double.isInfinite(extent.speed())) return 0;
        long millis = time(message, "it keeps a pace");
        if (firstMillis == 0) firstNanos = System.nanoTime();
        if (firstMillis == 0) firstMillis = millis;
        return (long) ((millis - firstMillis) * 1e6 / extent.speed()) - (System.nanoTime() - firstNanos);
    }

    private static long time(MessageView message, String why) {
        long millis = Mark.timestamp(message);
        if (millis != 0) return millis;
        throw new IllegalArgumentException("The bridge ended at position " + Units.number(message.position())
                + ", where the message has no timestamp: " + why
                + ". Let publishers write timestamps, or give positions and no pace.");
    }
}
