package dev.belfry.shm.inspect;

import dev.belfry.api.QueueStats;
import dev.belfry.api.Waiting;
import dev.belfry.judgement.Advice;
import dev.belfry.judgement.Judgement;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.spi.Finding;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The verdict on the figures of one queue, as a health check and {@code ls} give it too; and what to do about it. A
 * second reading, which tells who loses messages now, is taken only where something was lost before.
 */
record FiguresCheckup(QueueView view, FirstReadings first, Consumer<Finding> found) {
    /** The processes that were named because others wait for a lock of theirs. */
    Set<Long> run() {
        String queue = view.segment.queue;
        Judgement judgement = first.of(queue);
        QueueStats stats = view.snapshot.stats();
        List<Reason> reasons = judgement.of(stats);
        if (FirstReadings.mayLose(stats) && first.pause(queue)) reasons = judgement.of(view.snapshot.stats());
        new Advice(view.segment.uri, ShmInspector.report(view)).on(reasons).forEach(found);
        Set<Long> holders = new HashSet<>();
        for (Reason reason : reasons) {
            Waiting w = reason.waiting();
            if (w != null && w.kind() == Waiting.Kind.LOCK && w.cause() != null)
                holders.add(w.cause().pid());
        }
        return holders;
    }
}
