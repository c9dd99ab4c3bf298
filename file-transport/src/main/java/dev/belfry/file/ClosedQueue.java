package dev.belfry.file;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.SubscriberFigures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A queue that no process has open, by its files alone: nothing is opened, recovered or written. If its log is short,
 * it is proven as an opening would prove it; of a longer one, only what came after the last flush is read.
 */
final class ClosedQueue {
    private static final long SHORT = 64 << 20;
    private static final int PIECE = 1 << 16;
    private static final int MOST_TRIES = 3;

    /** The end of a log of which this was known; {@code damage}: why it ends there, or null. */
    private record Proven(String path, long life, Places places, At end, String damage) {
        boolean isOf(Life life, Places places) {
            return this.life == life.number() && this.places.equals(places);
        }
    }

    /** The log of one {@code queue}: one that is made after it was removed may have its inode. */
    private record Key(UUID logId, long device, long inode) {}

    /** The logs that are still there: a tool that asks each second reads each once. */
    private static final Map<Key, Proven> KNOWN = new ConcurrentHashMap<>();

    private final LogDirectory files;
    private final Runnable moves;
    private final Life life; // null: nothing was ever published
    private final Places places;
    private final Proven log;

    /** {@code moves}: is called after each read of the log. */
    ClosedQueue(LogDirectory files, Runnable moves) {
        this.files = files;
        this.moves = moves;
        this.life = files.life();
        Proven known = life == null ? new Proven("", 0, Restored.NOTHING, Restored.NOTHING.bound(), null) : proven(0);
        this.log = known;
        this.places = known.places;
    }

    private Proven proven(int tries) {
        FileStatus status = files.status();
        Key key = new Key(files.origin.logId(), status.device(), status.inode());
        Places now = files.placesNow();
        Proven known = KNOWN.get(key);
        if (known != null && known.isOf(life, now)) return known;
        boolean isShort = now.bound().offset() - now.kept().offset() <= SHORT;
        Places from = isShort ? now : new Places(now.bound(), now.bound(), now.named());
        Proven found;
        try {
            found = new Proven(
                    files.path(),
                    life.number(),
                    now,
                    new Recovery(files, from, 0, PIECE)
                            .observing(bytes -> moves.run())
                            .scan(),
                    null);
        } catch (DamagedLogException damaged) {
            boolean isWritten = !files.placesNow().equals(now); // a process opens it at this moment
            if (isWritten && tries < MOST_TRIES) return proven(tries + 1);
            found = new Proven(files.path(), life.number(), now, damaged.soundUpTo, damaged.getMessage());
        }
        KNOWN.put(key, found);
        KNOWN.entrySet().removeIf(one -> {
            String path = one.getValue().path;
            boolean isOfThisDisk = one.getKey().device == key.device; // others may not answer
            return path.equals(files.path()) ? !one.getKey().equals(key) : isOfThisDisk && !isThere(path, one.getKey());
        });
        return found;
    }

    private boolean isThere(String path, Key key) {
        FileStatus status = Directory.status(files.c, path + "/" + LogDirectory.QUEUE);
        return status != null && status.device() == key.device && status.inode() == key.inode;
    }

    /** How many logs are remembered. */
    static int known() {
        return KNOWN.size();
    }

    /** Why its log ends before what once was on the disk; null: it does not, as far as it was read. */
    String damage() {
        return log.damage;
    }

    QueueReport report(QueueUri uri) {
        FileStatus status = files.status();
        Origin origin = files.origin;
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("directory", files.path());
        all.put("open", false);
        if (files.isReadOnly || log.damage != null) all.put("readOnly", true);
        if (log.damage != null) all.put("damage", log.damage);
        all.put("mode", String.format("%04o", status.mode()));
        all.put("uid", Integer.toUnsignedLong(status.uid()));
        all.put("gid", (long) status.gid());
        all.put("kind", origin.domain() ? "domain" : "queue");
        all.put("slots", (long) origin.slots());
        all.put("initialCapacity", origin.capacity());
        all.put("allowGating", origin.allowGating());
        all.putAll(files.historyProperties());
        return new QueueReport(uri.toUri(), uri.toString(), stats(), all, List.of(), List.of());
    }

    private QueueStats stats() {
        long newest = log.end.position() - 1;
        long kept = places.kept().position();
        List<SubscriberStats> named = files.origin.domain()
                ? List.of() // its marks: none has a lag
                : places.named().stream().map(each -> stats(each, newest)).toList();
        long end = log.end.offset();
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put(QueueCounter.BYTES.key(), end);
        counters.put(QueueCounter.IN_USE.key(), end - needed(end));
        counters.put(QueueCounter.SLOTS.key(), (long) files.origin.slots());
        counters.put(QueueCounter.DURABLE_LAG.key(), 0L);
        if (files.origin.hasHistory())
            counters.put(QueueCounter.HISTORY_BYTES.key(), end - places.kept().offset());
        return new QueueFigures(
                life == null ? files.origin.logId() : life.queueId(),
                newest == 0 ? 0 : kept,
                newest,
                files.origin.capacity(),
                files.origin.maxCapacity(),
                0,
                named,
                counters,
                List.of());
    }

    /** By a subscription that gates, or by a member of a domain: from this offset on. */
    private long needed(long end) {
        long kept = places.kept().offset();
        if (files.origin.domain()) return kept;
        return places.named().stream()
                .filter(each -> each.slowSubscriber() != SlowSubscriber.OVERRUN && !each.hasEnded(kept))
                .mapToLong(each -> Math.max(kept, each.acknowledged().offset()))
                .reduce(end, Math::min);
    }

    private SubscriberStats stats(Named each, long newest) {
        long acknowledged = Math.min(each.acknowledged().position() - 1, newest);
        At kept = places.kept();
        boolean isToJump = each.isBelowFloor(kept.offset()) && !each.hasEnded(kept.offset()); // when it attaches
        return new SubscriberFigures(
                each.name(),
                0,
                acknowledged,
                acknowledged,
                newest - acknowledged,
                each.lost() + (isToJump ? kept.position() - each.acknowledged().position() : 0),
                each.mode(),
                each.slowSubscriber(),
                false,
                each.hasEnded(kept.offset()) ? Map.of(QueueCounter.ENDED.key(), 1L) : Map.of());
    }
}
