package dev.belfry.shm.inspect;

import static dev.belfry.spi.Finding.note;
import static dev.belfry.spi.Finding.problem;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Waiting;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Finding;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The publishers of one queue that wait, and for whom; with the texts of QueueHealth, as ls and top. */
final class WaitingCheckup {
    private WaitingCheckup() {}

    static void run(Segment segment, QueueStats stats, Consumer<Finding> found) {
        String subject = "shm:" + segment.queue;
        for (Waiting w : stats.waiting()) {
            QueueStats only = new QueueStats(stats.id(), 0, 0, 0, 0, 0, List.of(), Map.of(), List.of(w));
            QueueHealth.Report health = new QueueHealth(() -> only, Long.MAX_VALUE, QueueHealth.STUCK_AFTER).check();
            for (String reason : health.reasons())
                found.accept(
                        health.status() == QueueHealth.Status.STUCK || isForEver(w.because())
                                ? problem("waiting", subject, reason, remedy(segment, w.because()))
                                : note("waiting", subject, reason, remedy(segment, w.because())));
        }
    }

    /** It will not end by itself. */
    private static boolean isForEver(Waiting.Because because) {
        return because != null && (because.stopped() || because.pid() == 0);
    }

    private static String remedy(Segment segment, Waiting.Because because) {
        String queue = segment.queue;
        if (because == null) return "'belfry top " + queue + "' shows the attached processes.";
        long pid = because.pid();
        String alsoThis = pid == 0 || because.subscription() == null
                ? ""
                : ", and then its subscription: " + SlotsCheckup.unsubscribe(segment, because.subscription());
        if (because.stopped())
            return "Let it continue ('kill -CONT " + pid + "') or end it ('kill -KILL " + pid + "')" + alsoThis + ".";
        if (pid != 0)
            return "'belfry top " + queue + "' shows whether it moves; 'kill " + pid + "' ends it" + alsoThis + ".";
        return because.subscription() == null
                ? "'belfry subs " + queue + "' shows the subscriptions."
                : "Start its subscriber, or end it: " + SlotsCheckup.unsubscribe(segment, because.subscription()) + ".";
    }
}
