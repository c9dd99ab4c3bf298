package dev.belfry.shm.inspect;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.spi.Finding;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The subscribers of one queue that lose messages now; with the texts of QueueHealth, as ls and top. That compares two
 * readings: the second is taken only where something was lost before.
 */
final class LossCheckup {
    /** As the command takes between its two. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private LossCheckup() {}

    static void run(Segment segment, Snapshot snapshot, Consumer<Finding> found) {
        QueueStats[] now = {losers(snapshot.stats())};
        if (now[0].subscribers().isEmpty()) return;
        QueueHealth health = new QueueHealth(() -> now[0], Long.MAX_VALUE, QueueHealth.STUCK_AFTER);
        health.check();
        LockSupport.parkNanos(PAUSE_NANOS);
        now[0] = losers(snapshot.stats());
        QueueHealth.Report report = health.check();
        for (String reason : report.reasons()) {
            boolean isBad = report.status() == QueueHealth.Status.STUCK;
            String[] meant = {"QUEUE", ShellWords.queue(segment)};
            String subject = "shm:" + segment.queue;
            found.accept(
                    isBad ? Remedy.LOSES.problem(subject, reason, meant) : Remedy.LOSES.note(subject, reason, meant));
        }
    }

    private static QueueStats losers(QueueStats stats) {
        List<SubscriberStats> losers = stats.subscribers().stream()
                .filter(s -> s.attached()
                        && s.lostCount() > 0
                        && s.counters().getOrDefault("ended", 0L) == 0
                        && s.counters().getOrDefault("processStopped", 0L) == 0)
                .toList();
        return new QueueStats(stats.id(), 0, 0, 0, 0, 0, losers, Map.of(), List.of());
    }
}
