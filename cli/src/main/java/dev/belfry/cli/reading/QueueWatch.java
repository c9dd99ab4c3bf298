package dev.belfry.cli.reading;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.judgement.Reading;
import dev.belfry.judgement.Readings;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.QueueReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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
        /** This process or machine lacks something. */
        FAILED;

        static Hidden by(MessageQueueException problem) {
            if (problem instanceof QueueAccessDeniedException) return DENIED;
            if (problem instanceof IncompatibleVersionException) return VERSION;
            if (problem instanceof IncompatibleQueueException) return FOREIGN;
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

        /** Whether it is only the log whose health is known. */
        public boolean isUnknown() {
            return isDomain() && reading.domain() == null && reading.health().status() == QueueHealth.Status.OK;
        }
    }

    private final String scheme;
    private Map<UUID, Readings> kept = Map.of();
    private boolean isFirst = true;

    public QueueWatch(String scheme) {
        this.scheme = scheme;
    }

    /** These, also one that cannot be read; or all, if none is named. Throws if there is none of a name. */
    public List<Look> look(List<String> names) {
        Map<UUID, Readings> seen = new HashMap<>(); // a queue that is not there any more is forgotten
        List<Look> looks = names.isEmpty()
                ? all(seen)
                : names.stream()
                        .map(name -> even(Queue.at(scheme, name).uri(), name, seen))
                        .toList();
        kept = seen;
        isFirst = false;
        return looks;
    }

    private List<Look> all(Map<UUID, Readings> seen) {
        List<Look> looks = new ArrayList<>();
        for (QueueInfo info : MessageQueues.list(scheme)) {
            try {
                looks.add(even(info.uri().toString(), info.uri().getSchemeSpecificPart(), seen));
            } catch (QueueNotFoundException wentMeanwhile) {
                continue;
            }
        }
        return looks;
    }

    /** Even if it cannot be read. */
    private Look even(String uri, String name, Map<UUID, Readings> seen) {
        try {
            return of(uri, name, seen);
        } catch (QueueNotFoundException none) {
            throw none;
        } catch (MessageQueueException problem) {
            return new Look(uri, null, null, Hidden.by(problem), problem.getMessage());
        }
    }

    private Look of(String uri, String name, Map<UUID, Readings> seen) {
        QueueReport report = Transports.inspector(scheme).look(name);
        QueueStats stats = report.stats();
        Readings readings = kept.getOrDefault(stats.id(), new Readings());
        seen.put(stats.id(), readings);
        boolean isDomain = Queue.isDomain(report) && !isFirst; // the first reading is for the rates alone
        Reading reading = isDomain
                ? readings.of(stats, new Queue(uri, scheme, name).contents(DomainTools.QUICK))
                : readings.of(stats);
        return new Look(uri, report, reading, null, null);
    }
}
