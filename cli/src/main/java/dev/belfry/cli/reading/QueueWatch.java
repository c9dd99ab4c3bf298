package dev.belfry.cli.reading;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.judgement.Advice;
import dev.belfry.judgement.Reading;
import dev.belfry.judgement.Readings;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Finding;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.QueueReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads the state of all queues again and again; two reads give the rates. Joins no queue. */
public final class QueueWatch {
    /** Why a queue cannot be read. */
    public enum Hidden {
        /** Another user's, and private. */
        DENIED,
        /** It belongs to a newer or older library. */
        VERSION,
        /** A file of another program. */
        FOREIGN,
        DAMAGED,
        /** Its disk does not answer. */
        SILENT,
        /** This process or machine lacks something. */
        FAILED;

        static Hidden by(MessageQueueException problem) {
            if (problem instanceof QueueAccessDeniedException) return DENIED;
            if (problem instanceof IncompatibleVersionException) return VERSION;
            if (problem instanceof IncompatibleQueueException) return FOREIGN;
            if (problem instanceof NoAnswerException) return SILENT;
            return problem instanceof QueueCorruptedException ? DAMAGED : FAILED;
        }

        /** Such a queue may be in order, and its owner or its version can tell. */
        public boolean isNoProblem() {
            return this == DENIED || this == VERSION;
        }
    }

    /** One queue; {@code report} and {@code reading} are null if {@code problem} hides it. */
    public record Look(String uri, QueueReport report, Reading reading, Hidden hidden, String problem) {
        public boolean isDomain() {
            return report != null && Queue.isDomain(report);
        }

        /** The findings of its figures; its checkup has those of one that no process has open. */
        List<Finding> findings() {
            return report == null || Queue.isClosed(report) ? List.of() : new Advice(uri, report).on(reading.reasons());
        }

        /** Whether it is only the log whose health is known. */
        public boolean isUnknown() {
            return isDomain() && reading.domain() == null && reading.health().status() == QueueHealth.Status.OK;
        }
    }

    private final Scope scope;
    private Map<String, Readings> kept = Map.of(); // by URI and id
    private boolean isFirst = true;

    public QueueWatch(Scope scope) {
        this.scope = scope;
    }

    /** Those of its scope, also one that cannot be read. {@code missing}: is told of one that is not there. */
    public List<Look> look(Consumer<QueueNotFoundException> missing) {
        Map<String, Readings> seen = new HashMap<>(); // a queue that is not there any more is forgotten
        List<Look> looks = new ArrayList<>();
        for (Queue queue : scope.queues()) {
            try {
                looks.add(even(queue, seen));
            } catch (QueueNotFoundException none) {
                missing.accept(none);
            }
        }
        kept = seen;
        isFirst = false;
        return looks;
    }

    /** The second of two readings, which tells what moves. */
    public List<Look> twice(Duration pause, Consumer<QueueNotFoundException> missing) throws InterruptedException {
        if (!look(missing).isEmpty()) Thread.sleep(pause.toMillis());
        return look(missing);
    }

    /** Throws if one that was named is not there. */
    public List<Look> look() {
        return look(this::refuse);
    }

    public void refuse(QueueNotFoundException none) {
        if (!scope.isAll()) throw none;
    }

    /** Even if it cannot be read. */
    private Look even(Queue queue, Map<String, Readings> seen) {
        try {
            return of(queue, seen);
        } catch (QueueNotFoundException none) {
            throw none;
        } catch (MessageQueueException problem) {
            return new Look(queue.uri(), null, null, Hidden.by(problem), problem.getMessage());
        }
    }

    private Look of(Queue queue, Map<String, Readings> seen) {
        QueueReport report = queue.inspector().look(queue.name());
        QueueStats stats = report.stats();
        String key = queue.uri() + ' ' + stats.id();
        Readings readings = kept.getOrDefault(key, new Readings());
        seen.put(key, readings);
        boolean isOpenDomain = Queue.isDomain(report) && !Queue.isClosed(report);
        Reading reading = isOpenDomain && !isFirst // the first reading is for the rates alone
                ? readings.of(stats, queue.contents(report, DomainTools.QUICK))
                : readings.of(report);
        return new Look(queue.uri(), report, reading, null, null);
    }
}
