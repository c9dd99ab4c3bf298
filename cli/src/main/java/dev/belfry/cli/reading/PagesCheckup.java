package dev.belfry.cli.reading;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Paged;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares what domains have in pages with the queues of files that have these pages, and tells of such queues that no
 * domain knows. It changes nothing, and opens no domain that no process has open.
 */
public final class PagesCheckup {
    private static final String CHECK = "pages";
    private static final String RANDOM = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private final DomainTools tools;
    private final long mostRecords;
    private final List<Finding> found = new ArrayList<>();

    private PagesCheckup(DomainTools tools, long mostRecords) {
        this.tools = tools;
        this.mostRecords = mostRecords;
    }

    /** Compares each domain among the queues of that scope, which {@code looks} are of. */
    public static List<Finding> of(Scope scope, Collection<QueueWatch.Look> looks) {
        if (DomainTools.find().isEmpty()) return List.of();
        long mostRecords = scope.isAll() ? DomainTools.QUICK : Long.MAX_VALUE;
        return new PagesCheckup(DomainTools.find().get(), mostRecords).run(looks);
    }

    private List<Finding> run(Collection<QueueWatch.Look> looks) {
        Set<String> companions = new LinkedHashSet<>();
        for (QueueWatch.Look look : looks) {
            Queue queue = Queue.of(look.uri());
            if (look.report() == null) continue;
            if (look.isDomain()) domain(queue, look.report(), companions);
            else if (queue.scheme().equals(Queue.FILES) && place(look.report()) != null) companions.add(queue.name());
        }
        earlierLives(companions);
        return found;
    }

    private void domain(Queue domain, QueueReport report, Set<String> companions) {
        Paged told = overflow(domain, report);
        if (told == null) return;
        Finding bad = compared(domain, told);
        if (bad != null) { // what is needed may have moved between the two reads
            told = overflow(domain, report);
            bad = told == null ? null : compared(domain, told);
        }
        if (bad != null) found.add(bad);
        if (told != null && domain.scheme().equals(Queue.SCHEME))
            companions.addAll(siblings(Path.of(Queue.of(told.queue()).name())));
    }

    /** Returns null if it has none, or that is not known. */
    private Paged overflow(Queue domain, QueueReport report) {
        if (Queue.isClosed(report)) return null;
        try {
            return domain.inspector().observe(domain.name(), log -> tools.paged(domain.toString(), log, mostRecords));
        } catch (MessageQueueException | UnsupportedOperationException notToBeRead) {
            return null; // its own checkup tells
        }
    }

    /** Returns what is wrong; null: nothing is. */
    private Finding compared(Queue domain, Paged told) {
        if (told.needed() == 0) return null;
        String subject = domain.toString();
        long messages =
                told.messages().stream().mapToLong(DomainTools.Unread::messages).sum();
        String what = Units.number(messages) + " of its messages are in " + told.queue();
        try {
            return compared(subject, what, told, Queue.of(told.queue()).look());
        } catch (QueueNotFoundException missing) {
            return Finding.problem(
                    CHECK,
                    subject,
                    what + ", which is not there: a consumer that comes to them gets an exception",
                    "Mount its disk, or put the directory back.");
        } catch (MessageQueueException refused) {
            return Finding.problem(CHECK, subject, what + ", which cannot be read: " + refused.getMessage(), "");
        }
    }

    private Finding compared(String subject, String what, Paged told, QueueReport report) {
        long oldest = report.stats().oldestPosition();
        long newest = report.stats().newestPosition();
        if (oldest > told.needed() || newest < told.last())
            return Finding.problem(
                    CHECK,
                    subject,
                    what + ", from position " + told.needed() + " to " + told.last() + " at least, and that has "
                            + oldest + " to " + newest + ": it was put back from a copy, made again, or emptied",
                    "Put back the right directory.");
        SubscriberStats place = place(report);
        String mayGo =
                what + ", from position " + told.needed() + " on, and files that are needed may go: its place is ";
        if (place == null)
            return Finding.problem(
                    CHECK,
                    subject,
                    mayGo + "gone",
                    "Close the domain in all processes, and open it again: the first one makes it again.");
        if (place.acknowledgedPosition() >= told.needed())
            return Finding.problem(
                    CHECK,
                    subject,
                    mayGo + (place.acknowledgedPosition() + 1),
                    "'belfry reset --force "
                            + ShellWords.of(Queue.of(told.queue()).name()) + " " + ShellWords.OVERFLOW + " --to "
                            + told.needed() + "' moves it back.");
        found.add(Finding.ok(CHECK, subject, what + holder(place)));
        return null;
    }

    private static String holder(SubscriberStats place) {
        return place.attached() ? ", whose place " + Judgement.process(place.pid(), null) + " has" : "";
    }

    private static SubscriberStats place(QueueReport report) {
        return report.stats().subscribers().stream()
                .filter(s -> ShellWords.OVERFLOW.equals(s.name()))
                .findFirst()
                .orElse(null);
    }

    /** The queues beside that one, which have a random name, too. */
    private static List<String> siblings(Path companion) {
        if (companion.getParent() == null) return List.of();
        return Transports.inspector(Queue.FILES).namesIn(companion.getParent().toString()).stream()
                .filter(each -> Path.of(each).getFileName().toString().matches(RANDOM))
                .toList();
    }

    /** The lives of domains in memory that have ended, as far as each domain here can be asked. */
    private void earlierLives(Set<String> companions) {
        companions.removeIf(each -> !Path.of(each).getFileName().toString().matches(RANDOM));
        if (companions.isEmpty()) return;
        for (String name : Transports.inspector(Queue.SCHEME).names()) {
            Queue queue = Queue.at(Queue.SCHEME, name);
            try {
                QueueReport report = queue.look();
                if (!Queue.isDomain(report)) continue;
                Paged told = queue.inspector().observe(name, log -> tools.paged(queue.toString(), log, Long.MAX_VALUE));
                if (told != null) companions.remove(Queue.of(told.queue()).name());
            } catch (QueueNotFoundException gone) {
                continue;
            } catch (MessageQueueException | UnsupportedOperationException unknown) {
                return; // one of them may be its own
            }
        }
        for (String each : companions) earlierLife(Queue.at(Queue.FILES, each));
    }

    private void earlierLife(Queue companion) {
        try {
            QueueReport report = companion.look();
            SubscriberStats place = place(report);
            boolean isInUse = !Queue.isClosed(report) || report.properties().containsKey("problem");
            if (place == null || isInUse) return;
            found.add(Finding.note(
                    CHECK,
                    companion.toString(),
                    "it has messages of a domain in memory that is gone, by a reboot or 'belfry rm' (lag "
                            + Units.number(place.lag()) + "), or of one that has another /dev/shm",
                    "'belfry jms recover --help' tells how to send them to another domain. If no container has that domain,"
                            + " and nobody needs them: 'belfry rm --force "
                            + ShellWords.of(companion.name()) + "'."));
        } catch (MessageQueueException notToBeRead) {
            return; // its own checkup tells, where it is asked for
        }
    }
}
