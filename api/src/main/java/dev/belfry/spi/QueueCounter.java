package dev.belfry.spi;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import java.util.Locale;
import java.util.Map;

/**
 * The counters that {@code QueueStats} and {@code SubscriberStats} may have, under the names that
 * {@link #key} gives. A transport tells those that it knows.
 * Constants may be added: a switch needs a default, for one that the program does not know.
 * @since 0.1
 */
public enum QueueCounter {
    // The counters of a queue.
    BYTES,
    GROWS,
    FULL_WAITS,
    FULL_WAIT_NANOS,
    LOCK_WAITS,
    LOCK_WAIT_NANOS,
    WAKE_UPS,
    REPAIRS,
    IN_USE,
    HIGH_WATER,
    SLOTS,
    /** 1: its name was removed. */
    UNLINKED,
    DURABLE_LAG,
    SYNCS,
    SYNC_NANOS,
    /** Bytes of the log in its files, as far down as they are kept. */
    HISTORY_BYTES,
    /** 1: the next file of its log was refused. */
    DISK_FULL,
    /** Subscribers whose next message is in the files alone. */
    READERS_IN_FILES,
    /** When something was published last, in milliseconds of the wall clock. */
    LAST_PUBLISH_MILLIS,
    // Those of both: of a queue they are sums.
    /** How often a subscription was disconnected as too slow; 1: this one was. */
    ENDED,
    /** How often a listener failed; of a subscription, the position of the message that it failed at. */
    STOPPED,
    // The counters of a subscription.
    SLOT,
    RECEIVED,
    SLEEPS,
    /** 1: its process is stopped, and publishers wait for it or will. */
    PROCESS_STOPPED,
    /** Since when no process has been attached, in milliseconds of the wall clock; 0: not known. */
    ALONE_SINCE_MILLIS;

    private final String key = word(this);

    /** Names it in the map of counters, such as {@code fullWaits}. */
    public String key() {
        return key;
    }

    /** 0 if it is not told. */
    public long of(QueueStats stats) {
        return of(stats.counters());
    }

    /** 0 if it is not told. */
    public long of(SubscriberStats stats) {
        return of(stats.counters());
    }

    private long of(Map<String, Long> counters) {
        return counters.getOrDefault(key, 0L);
    }

    public boolean isToldBy(QueueStats stats) {
        return stats.counters().containsKey(key);
    }

    public boolean isToldBy(SubscriberStats stats) {
        return stats.counters().containsKey(key);
    }

    /** A constant as a word of JSON: {@code FULL_WAITS} is {@code fullWaits}. */
    public static String word(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.name().toLowerCase(Locale.ROOT).split("_"))
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        return name.toString();
    }
}
