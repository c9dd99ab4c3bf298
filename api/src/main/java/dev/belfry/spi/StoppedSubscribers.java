package dev.belfry.spi;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The subscribers of a handle whose listener has failed, until the program closes them. Their subscriptions have no
 * process, or are gone, and a health check must still learn of it: so {@code stats()} of this handle shows each, with
 * the counter {@link QueueCounter#STOPPED}. Any thread.
 * @since 0.1
 */
public final class StoppedSubscribers {
    private static final int MOST = 100;

    private final Deque<SubscriberSupport> stopped = new ArrayDeque<>(); // guarded by this

    public StoppedSubscribers() {}

    /** Called when it is released. If there are very many, the latest are kept. */
    public synchronized void released(SubscriberSupport subscriber) {
        if (subscriber.stoppedAt() == 0) return;
        stopped.removeIf(SubscriberSupport::isDismissed);
        if (stopped.size() == MOST) stopped.removeFirst();
        stopped.addLast(subscriber);
    }

    /** {@code stats} of the transport, with them. If the transport has such a counter for a named one, that counts. */
    public synchronized QueueStats in(QueueStats stats) {
        stopped.removeIf(each -> each.isDismissed() || isPassed(each, stats));
        if (stopped.isEmpty()) return stats;
        List<SubscriberStats> all = new ArrayList<>(stats.subscribers());
        for (SubscriberSupport each : stopped)
            if (each.name() == null) all.add(figures(each));
            else
                all.replaceAll(s -> isOf(each, s) && !QueueCounter.STOPPED.isToldBy(s) ? with(s, each.stoppedAt()) : s);
        return new QueueFigures(
                stats.id(),
                stats.oldestPosition(),
                stats.newestPosition(),
                stats.capacity(),
                stats.maxCapacity(),
                stats.publisherCount(),
                all,
                stats.counters(),
                stats.waiting());
    }

    private static boolean isOf(SubscriberSupport one, SubscriberStats figures) {
        return one.name() != null && one.name().equals(figures.name());
    }

    /** A process goes on with its subscription, or one did that has gone since. */
    private static boolean isPassed(SubscriberSupport one, QueueStats stats) {
        return stats.subscribers().stream()
                .anyMatch(s -> isOf(one, s) && (s.attached() || s.acknowledgedPosition() > one.leftAt()));
    }

    private static SubscriberStats figures(SubscriberSupport s) {
        return new SubscriberFigures(
                null,
                0,
                s.position(),
                s.position(),
                s.lag(),
                s.lostCount(),
                s.options().ackMode(),
                s.options().slowSubscriber(),
                false,
                Map.of(QueueCounter.STOPPED.key(), s.stoppedAt()));
    }

    private static SubscriberStats with(SubscriberStats s, long stoppedAt) {
        Map<String, Long> counters = new TreeMap<>(s.counters());
        counters.put(QueueCounter.STOPPED.key(), stoppedAt);
        return new SubscriberFigures(
                s.name(),
                s.pid(),
                s.position(),
                s.acknowledgedPosition(),
                s.lag(),
                s.lostCount(),
                s.ackMode(),
                s.slowSubscriber(),
                s.attached(),
                counters);
    }
}
