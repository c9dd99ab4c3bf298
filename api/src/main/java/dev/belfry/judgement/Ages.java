package dev.belfry.judgement;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.QueueCounter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * For how long something has been so in one queue, in nanoseconds. Transports tell moments that they
 * store, as counters; else it is what the readings saw that were given to this object. No
 * message has a time of its own, so the age of one is always "at least". Any thread.
 */
public final class Ages {
    private static final int MOST = 256;

    private record Newest(long position, long nanos) {}

    // All guarded by this.
    private final List<Newest> readings = new ArrayList<>(); // from the oldest message that is not acknowledged on
    private final Map<String, Long> aloneFrom = new HashMap<>(); // the reading that saw it first
    private long distance; // of two readings that are kept, at least
    private UUID id;
    private long newest;
    private long lastPublish;
    private long now;

    public Ages() {}

    /** Takes a reading, which was made at {@code nanoTime}. */
    public synchronized void read(QueueStats stats, long nanoTime) {
        if (id != null && !id.equals(stats.id()) || stats.newestPosition() < newest) {
            readings.clear();
            aloneFrom.clear();
        }
        id = stats.id();
        newest = stats.newestPosition();
        lastPublish = QueueCounter.LAST_PUBLISH_MILLIS.of(stats);
        now = nanoTime;
        Map<String, Long> alone = new HashMap<>();
        long acknowledged = newest; // by all
        for (SubscriberStats s : stats.subscribers()) {
            acknowledged = Math.min(acknowledged, s.acknowledgedPosition());
            if (s.name() != null && !s.attached()) alone.put(s.name(), aloneFrom.getOrDefault(s.name(), now));
        }
        aloneFrom.clear();
        aloneFrom.putAll(alone);
        long needed = acknowledged + 1;
        readings.removeIf(reading -> reading.position < needed);
        if (newest >= needed) keep(new Newest(newest, now));
    }

    /** As many as there may be of all the time that counts, at equal distances. */
    private void keep(Newest reading) {
        if (readings.isEmpty()) distance = 0;
        else if (last().position == reading.position || reading.nanos - last().nanos < distance) return;
        readings.add(reading);
        if (readings.size() < MOST) return;
        distance = 2 * (reading.nanos - readings.get(0).nanos) / MOST;
        for (int i = MOST - 1; i > 0; i -= 2) readings.remove(i);
    }

    private Newest last() {
        return readings.get(readings.size() - 1);
    }

    /** Since the last publish; -1: not known. */
    public synchronized long lastPublish() {
        return lastPublish == 0 ? -1 : since(lastPublish);
    }

    /** Is it known since when no process has been attached to it? Else only that it was so in all readings. */
    public static boolean isAloneSinceKnown(SubscriberStats subscription) {
        return QueueCounter.ALONE_SINCE_MILLIS.of(subscription) != 0;
    }

    /** Tells for how long no process has been attached; 0: one is. */
    public synchronized long alone(SubscriberStats subscription) {
        if (subscription.attached()) return 0;
        long since = QueueCounter.ALONE_SINCE_MILLIS.of(subscription);
        if (since != 0) return since(since);
        return subscription.name() == null ? 0 : now - aloneFrom.getOrDefault(subscription.name(), now);
    }

    /** How old at least its oldest message is that it has not acknowledged; 0: it has none. */
    public synchronized long oldest(SubscriberStats subscription) {
        long acknowledged = subscription.acknowledgedPosition();
        if (acknowledged >= newest) return 0;
        long least = Math.max(0, lastPublish()); // it is not newer than the newest
        for (Newest reading : readings)
            if (reading.position > acknowledged) return Math.max(least, now - reading.nanos);
        return least;
    }

    /** From a moment of the wall clock on, which may have been set. */
    public static long since(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(0, System.currentTimeMillis() - millis));
    }
}
