package dev.belfry.cli.reading;

import dev.belfry.api.QueueHealth;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.DomainHealth;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The one judgement of a queue, or of the machine: of what its figures say, which {@code ls} reads, and of what a
 * checkup finds, which {@code doctor} tells. {@code said}: the worst first; empty if all is well.
 */
public record Verdict(String uri, Level level, String word, List<Said> said) {
    public enum Level {
        OK(0, "green"),
        WARNING(1, "yellow"),
        CRITICAL(2, "bold,red"),
        /** It cannot be read here. */
        UNKNOWN(3, "yellow");

        /** The order for the worst of several: a known fault says more than a lack of knowledge. */
        private static final List<Level> FROM_GOOD_TO_BAD = List.of(OK, UNKNOWN, WARNING, CRITICAL);

        /** The exit code of {@code health} and {@code check}, as monitoring counts. */
        public final int code;

        private final String colour;

        Level(int code, String colour) {
            this.code = code;
            this.colour = colour;
        }

        /** The worst is the highest. */
        public int rank() {
            return FROM_GOOD_TO_BAD.indexOf(this);
        }

        Level worse(Level other) {
            return rank() < other.rank() ? other : this;
        }

        public static Level of(QueueHealth.Status status) {
            return switch (status) {
                case OK -> OK;
                case LAGGING -> WARNING;
                case STUCK -> CRITICAL;
            };
        }
    }

    /**
     * {@code stuck}: something does not move. {@code check}: the word that {@code doctor} prints; empty if it cannot be
     * read. {@code remedy}: a sentence with commands; empty if there is none.
     */
    public record Said(Level level, boolean stuck, String check, String what, String remedy) {}

    /** Damaged, broken in any other way, stuck, not critical. */
    public static final Comparator<Verdict> WORST_FIRST = Comparator.comparing((Verdict one) -> one.level.rank())
            .thenComparing(one -> one.word.equals("damaged") ? 2 : one.word.equals("stuck") ? 0 : 1)
            .reversed();

    private static final String DAMAGED_LOG = "damaged-log";

    private static final String DISK_FAILED = "disk-failed";

    /** The only finding of a queue where a checkup finds none. */
    private static final String NOTHING_WRONG = "queue";

    private static final String MACHINE = "machine";

    /** The findings in queues and on the machine, by subjects. */
    public record Found(Map<String, List<Finding>> bySubject) {
        /** There was no checkup, and nothing is told of figures. */
        static final Found NOTHING = new Found(Map.of());

        public static Found by(List<Finding> all) {
            return new Found(all.stream()
                    .collect(Collectors.groupingBy(Finding::subject, LinkedHashMap::new, Collectors.toList())));
        }

        private Stream<Finding> of(String uri) {
            return bySubject.getOrDefault(uri, List.of()).stream();
        }

        public Stream<Finding> all() {
            return bySubject.values().stream().flatMap(List::stream);
        }
    }

    /**
     * The verdict on a queue. {@code look}: one reading or more; null: there is no queue of that
     * name. {@code found}: of any subject.
     */
    public static Verdict of(String uri, QueueWatch.Look look, Found found) {
        List<Said> said = said(found.of(uri));
        if (look == null) return new Verdict(uri, Level.CRITICAL, "missing", said);
        if (look.report() == null) {
            boolean isTold = look.hidden() == QueueWatch.Hidden.FOREIGN && !said.isEmpty(); // whose it is counts
            boolean isUnreadable = look.hidden().isNoProblem() || look.hidden() == QueueWatch.Hidden.FAILED;
            Level level = isUnreadable ? Level.UNKNOWN : isTold ? worst(said) : Level.CRITICAL;
            if (said.isEmpty()) said = List.of(new Said(level, false, "", look.problem(), ""));
            boolean isSilent = look.hidden() == QueueWatch.Hidden.SILENT;
            return new Verdict(uri, level, isSilent ? "stuck" : Text.word(look.hidden()), said);
        }
        said = withDamage(said, look.report());
        Level figures = Level.of(look.reading().health().status());
        Level level = worst(said).worse(figures);
        List<Said> all = new ArrayList<>(said);
        QueueHealth.Report health = look.reading().health();
        for (int i = 0; i < health.reasons().size(); i++) { // the same fault has the same word
            String check = health.checks().get(i);
            String what = health.reasons().get(i);
            if (said.stream().noneMatch(one -> one.check.equals(check)))
                all.add(new Said(figures, figures == Level.CRITICAL, check, what, ""));
        }
        boolean isUnread = look.isUnknown()
                && (found == Found.NOTHING
                        || found.of(uri).anyMatch(f -> f.check().equals(DomainHealth.NOT_READ_CHECK)));
        if (isUnread && level == Level.OK) return new Verdict(uri, Level.UNKNOWN, "unknown", all);
        return new Verdict(uri, level, word(level, all), sorted(all));
    }

    /** A queue of files says itself that its disk has failed, that its log is damaged, or that it can only be read. */
    private static List<Said> withDamage(List<Said> said, QueueReport report) {
        Object failure = report.properties().get("failure");
        Object damage = failure != null ? failure : report.properties().get("damage");
        if (damage == null || said.stream().anyMatch(one -> one.level() == Level.CRITICAL)) return said;
        String check = failure != null ? DISK_FAILED : DAMAGED_LOG;
        return with(said, new Said(Level.CRITICAL, false, check, damage.toString(), ""));
    }

    private static List<Said> with(List<Said> said, Said more) {
        return sorted(Stream.concat(Stream.of(more), said.stream()).toList());
    }

    /** By its figures alone, as {@code top} has no time for more. */
    public static Verdict of(QueueWatch.Look look) {
        return of(look.uri(), look, Found.NOTHING);
    }

    /** The verdict on all that is no queue's. */
    public static Verdict ofMachine(Found found) {
        List<Said> said = said(found.all().filter(f -> !isQueues(f)));
        Level level = worst(said);
        return new Verdict(MACHINE, level, word(level, said), said);
    }

    /** The findings on the machine, once, and in these queues. */
    public static List<Finding> checkup(Scope scope, boolean deep, QueueInspector.Progress told) {
        List<Finding> all = new ArrayList<>();
        Map<String, List<String>> names = new LinkedHashMap<>();
        if (scope.isAll()) all.addAll(Transports.inspector(Queue.SCHEME).diagnoseAll(null, deep, told));
        for (Queue one : scope.queues())
            if (!scope.isAll() || !one.scheme().equals(Queue.SCHEME))
                names.computeIfAbsent(one.scheme(), none -> new ArrayList<>()).add(one.name());
        names.forEach((scheme, its) -> {
            boolean isFirst = all.isEmpty();
            for (Finding f : Transports.inspector(scheme).diagnoseAll(its, deep, told))
                if (isFirst || isQueues(f)) all.add(f);
        });
        return all;
    }

    /** These, and before those of each queue what its figures tell. */
    public static List<Finding> withFigures(List<Finding> checkup, Collection<QueueWatch.Look> looks) {
        Map<String, QueueWatch.Look> untold = new HashMap<>();
        for (QueueWatch.Look look : looks) untold.put(look.uri(), look);
        List<Finding> all = new ArrayList<>();
        for (Finding each : checkup) {
            QueueWatch.Look look = each.check().equals(DISK_FAILED) ? null : untold.remove(each.subject());
            List<Finding> figures = look == null ? List.of() : look.findings();
            all.addAll(figures);
            if (figures.isEmpty() || !each.check().equals(NOTHING_WRONG)) all.add(each);
        }
        return all;
    }

    /** The time that the disks of these queues take: for {@code doctor} alone, as files are made for it. */
    public static List<Finding> measured(Scope scope) {
        List<String> names = scope.queues().stream()
                .filter(one -> one.scheme().equals(Queue.FILES))
                .map(Queue::name)
                .toList();
        return Transports.inspector(Queue.FILES).measure(names);
    }

    /** The verdicts on the machine and these queues; one that was named and is not there is judged, too. */
    public static List<Verdict> all(List<QueueWatch.Look> looks, Scope scope) {
        Found found = Found.by(withFigures(checkup(scope, false, QueueInspector.Progress.NOBODY), looks));
        Map<String, QueueWatch.Look> byUri = new LinkedHashMap<>();
        if (!scope.isAll()) for (Queue one : scope.queues()) byUri.put(one.uri(), null);
        for (QueueWatch.Look look : looks) byUri.put(look.uri(), look);
        List<Verdict> all = new ArrayList<>(List.of(ofMachine(found)));
        byUri.forEach((uri, look) -> all.add(of(uri, look, found)));
        if (scope.isAll()) all.addAll(removed(byUri.keySet(), found));
        return all;
    }

    /** The verdicts on queues that processes use, and whose names are gone: {@code there} are all that have one. */
    public static List<Verdict> removed(Collection<String> there, Found found) {
        Set<String> judged = new HashSet<>(there);
        return found.all()
                .filter(f -> f.check().equals(Judgement.Kind.REMOVED.check) && isQueues(f) && judged.add(f.subject()))
                .map(f -> new Verdict(f.subject(), Level.OK, "", List.of()).and("removed", said(found.of(f.subject()))))
                .toList();
    }

    /** {@code word}: for what {@code more} says, where that is worse. */
    public Verdict and(String word, List<Said> more) {
        List<Said> all = Stream.concat(said.stream(), more.stream()).toList();
        Level its = worst(more);
        boolean isWorse = level.worse(its) != level;
        return new Verdict(uri, level.worse(its), isWorse ? word : this.word, sorted(all));
    }

    /** The word, in its colour. */
    public String painted() {
        return "@|" + level.colour + " " + word + "|@";
    }

    /** One line, with the worst reason and its remedy. */
    public String line() {
        String gap = " ".repeat(Math.max(1, 9 - word.length()));
        String head = painted() + gap + uri;
        if (said.isEmpty()) return head;
        Verdict.Said worst = said.get(0);
        int others = said.size() - 1;
        return head + ": " + Text.clean(worst.what())
                + (worst.remedy().isEmpty() ? "" : ". " + Text.clean(worst.remedy()))
                + (others == 0 ? "" : " And " + Text.number(others) + " more.");
    }

    public static Level worst(Stream<Level> levels) {
        return levels.reduce(Level.OK, Level::worse);
    }

    private static Level worst(List<Said> said) {
        return worst(said.stream().map(Said::level));
    }

    private static boolean isQueues(Finding finding) {
        return finding.subject().startsWith(Queue.SCHEME + ":")
                || finding.subject().startsWith(Queue.FILES + ":");
    }

    private static String word(Level level, List<Said> all) {
        return switch (level) {
            case OK -> "ok";
            case WARNING -> "lagging";
            case CRITICAL ->
                all.stream().anyMatch(one -> one.check().equals(DAMAGED_LOG))
                        ? "damaged"
                        : all.stream().anyMatch(Said::stuck) ? "stuck" : "broken";
            case UNKNOWN -> "unknown";
        };
    }

    private static List<Said> said(Stream<Finding> found) {
        return sorted(found.filter(f -> f.level().compareTo(Finding.Level.INFORMATION) > 0)
                .map(Verdict::said)
                .toList());
    }

    /** Damage that the next process mends anyway is no alarm. */
    private static Said said(Finding finding) {
        boolean isBad = finding.level().isProblem() && !finding.repairable();
        boolean isStuck = isBad && finding.level() == Finding.Level.STUCK;
        boolean isOfFile = !isQueues(finding) && !finding.subject().equals(MACHINE);
        String what = isOfFile ? finding.subject() + ": " + finding.what() : finding.what();
        return new Said(isBad ? Level.CRITICAL : Level.WARNING, isStuck, finding.check(), what, finding.remedy());
    }

    private static List<Said> sorted(List<Said> said) {
        return said.stream()
                .sorted(Comparator.comparing((Said one) -> one.level().rank()).reversed())
                .toList();
    }
}
