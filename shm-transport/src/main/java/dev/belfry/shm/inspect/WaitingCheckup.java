package dev.belfry.shm.inspect;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Waiting;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The publishers of one queue that wait, and for whom; with the texts of QueueHealth, as ls and top. */
final class WaitingCheckup {
    private WaitingCheckup() {}

    static void run(Segment segment, QueueStats stats, Consumer<Finding> found) {
        for (Waiting w : stats.waiting()) {
            QueueStats only = new QueueStats(stats.id(), 0, 0, 0, 0, 0, List.of(), Map.of(), List.of(w));
            QueueHealth.Report health = new QueueHealth(() -> only, Long.MAX_VALUE, QueueHealth.STUCK_AFTER).check();
            for (String reason : health.reasons()) {
                boolean isBad = health.status() == QueueHealth.Status.STUCK || isForEver(w.because());
                found.accept(finding(segment, w.because(), isBad, reason));
            }
        }
    }

    /** It will not end by itself. */
    private static boolean isForEver(Waiting.Because because) {
        return because != null && (because.stopped() || because.pid() == 0);
    }

    private static Finding finding(Segment segment, Waiting.Because because, boolean isBad, String reason) {
        Remedy remedy = because == null && segment.creation.isDomain() ? Remedy.WAITING_IN_DOMAIN : remedy(because);
        List<String> words = new ArrayList<>(List.of("QUEUE", ShellWords.queue(segment)));
        if (because != null) words.addAll(List.of("PID", Processes.numberHere((int) because.pid(), segment)));
        if (because != null && because.subscription() != null)
            words.addAll(List.of("NAME", ShellWords.of(because.subscription())));
        String[] meant = words.toArray(new String[0]);
        String subject = "shm:" + segment.queue;
        return isBad ? remedy.problem(subject, reason, meant) : remedy.note(subject, reason, meant);
    }

    private static Remedy remedy(Waiting.Because because) {
        if (because == null) return Remedy.WAITING;
        boolean named = because.subscription() != null;
        if (because.stopped()) return named ? Remedy.WAITING_FOR_STOPPED_NAMED : Remedy.WAITING_FOR_STOPPED;
        if (because.pid() != 0) return named ? Remedy.WAITING_FOR_NAMED : Remedy.WAITING_FOR_PROCESS;
        return named ? Remedy.WAITING_FOR_UNATTENDED : Remedy.WAITING_FOR_SUBSCRIPTION;
    }
}
