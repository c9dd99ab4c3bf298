package dev.belfry.cli.reading;

import dev.belfry.spi.QueueCounter;
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
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.Ages;
import dev.belfry.judgement.DomainHealth;
import dev.belfry.spi.DomainTools;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.QueueReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;

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

    /**
     * One queue as it is now; {@code report} is null if {@code problem} hides it. {@code domain}: what is in it; null
     * if it is none, or if that is not known.
     */
    public record Look(
            String uri,
            QueueReport report,
            DomainTools.Contents domain,
            Hidden hidden,
            String problem,
            double messages,
            double bytes,
            QueueHealth.Report health,
            Ages ages) {
        public QueueStats stats() {
            return report.stats();
        }

        public boolean isDomain() {
            return report != null && Queue.isDomain(report);
        }

        public long lag() {
            return stats().subscribers().stream()
                    .mapToLong(SubscriberStats::lag)
                    .max()
                    .orElse(0);
        }

        /** Whether it is only the log whose health is known. */
        public boolean isUnknown() {
            return isDomain() && domain == null && health.status() == QueueHealth.Status.OK;
        }

        /** By all subscriptions that there are now. */
        public long lost() {
            return stats().subscribers().stream()
                    .mapToLong(SubscriberStats::lostCount)
                    .sum();
        }

        /** The age of the oldest message that a subscription has not acknowledged; 0: there is none. */
        public long oldest() {
            return most(ages::oldest);
        }

        /** For how long at most a subscription has had no process; 0: each has one. */
        public long alone() {
            return most(ages::alone);
        }

        private long most(ToLongFunction<SubscriberStats> age) {
            return stats().subscribers().stream().mapToLong(age).max().orElse(0);
        }

        /** Named subscriptions that keep messages and have no process attached. */
        public List<SubscriberStats> unattended() {
            return stats().subscribers().stream().filter(s -> !s.attached()).toList();
        }
    }

    /** The state of a queue that is kept from one reading to the next. */
    private static final class Kept {
        QueueStats stats;
        long nanos;
        final Ages ages = new Ages();
        final QueueHealth health = new QueueHealth(() -> stats, Judgement.MAX_LAG, QueueHealth.STUCK_AFTER);
        final DomainHealth domain = new DomainHealth(QueueHealth.STUCK_AFTER);
    }

    private final String scheme;
    private Map<UUID, Kept> kept = Map.of();
    private boolean isFirst = true;

    public QueueWatch(String scheme) {
        this.scheme = scheme;
    }

    /** These, also one that cannot be read; or all, if none is named. Throws if there is none of a name. */
    public List<Look> look(List<String> names) {
        Map<UUID, Kept> seen = new HashMap<>(); // a queue that is not there any more is forgotten
        List<Look> looks = names.isEmpty()
                ? all(seen)
                : names.stream()
                        .map(name -> even(Queue.at(scheme, name).uri(), name, seen))
                        .toList();
        kept = seen;
        isFirst = false;
        return looks;
    }

    private List<Look> all(Map<UUID, Kept> seen) {
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
    private Look even(String uri, String name, Map<UUID, Kept> seen) {
        try {
            return of(uri, name, seen);
        } catch (QueueNotFoundException none) {
            throw none;
        } catch (MessageQueueException problem) {
            return new Look(uri, null, null, Hidden.by(problem), problem.getMessage(), 0, 0, null, null);
        }
    }

    private Look of(String uri, String name, Map<UUID, Kept> seen) {
        QueueReport report = Transports.inspector(scheme).look(name);
        QueueStats stats = report.stats();
        long nanos = System.nanoTime();
        Kept queue = kept.getOrDefault(stats.id(), new Kept());
        seen.put(stats.id(), queue);
        boolean first = queue.stats == null;
        double seconds = (nanos - queue.nanos) / 1e9;
        double messages = first ? 0 : (stats.newestPosition() - queue.stats.newestPosition()) / seconds;
        double bytes = first ? 0 : (bytes(stats) - bytes(queue.stats)) / seconds;
        queue.stats = stats;
        queue.nanos = nanos;
        queue.ages.read(stats, nanos);
        QueueHealth.Report health = queue.health.check();
        DomainTools.Contents domain = null;
        if (Queue.isDomain(report) && !isFirst) { // the first reading is for the rates alone
            domain = new Queue(uri, scheme, name).contents(DomainTools.QUICK);
            health = queue.domain.with(health, domain);
        }
        return new Look(uri, report, domain, null, null, messages, bytes, health, queue.ages);
    }

    private static long bytes(QueueStats stats) {
        return QueueCounter.BYTES.of(stats);
    }
}
