package dev.belfry.cli.reading;

import dev.belfry.api.QueueHealth;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
     * {@code check}: the word that {@code doctor} prints; empty if it cannot be read. {@code remedy}: a sentence with
     * commands; empty if there is none.
     */
    public record Said(Level level, String check, String what, String remedy) {
        /** But for times and figures, which go on between two readings. Many that are unattended are told together. */
        boolean isAlso(Said other) {
            return check.equals(other.check)
                    && (check.equals(Judgement.Kind.UNATTENDED.check)
                            || figureless(what).equals(figureless(other.what)));
        }
    }

    /** The findings that mean that something does not move; any other problem means that something is broken. */
    private static final Set<String> STUCK = Set.of(
            "waiting",
            "losing",
            "still",
            "full-domain",
            "stopped-consumer",
            "stopped-listener",
            "stopped-subscriber",
            "stuck-lock",
            "opening");

    /** Good to know, and nobody must do anything. */
    private static final Set<String> INFORMATION = Set.of(
            "owner",
            "mode",
            "container",
            "logind",
            "domain",
            "log",
            "mount",
            "limits",
            "shm-size",
            "orphan-semaphores",
            "left-over-queue",
            "live-part",
            "cut",
            "growth",
            "temporary-file",
            "file-system");

    /** Damaged, broken in any other way, stuck, not critical. */
    public static final Comparator<Verdict> WORST_FIRST = Comparator.comparing((Verdict one) -> one.level.rank())
            .thenComparing(one -> one.word.equals("damaged") ? 2 : one.word.equals("stuck") ? 0 : 1)
            .reversed();

    private static final String SAME_ID = "same-id";

    private static final String MACHINE = "machine";

    /** Its group is a figure; the other alternatives are names, which may have digits. */
    private static final Pattern FIGURE =
            Pattern.compile("'[^']*'|\\b(?:pid|slot) \\d+|([0-9][0-9,.]*(?: (?:ms|s|min|h|d)\\b)?)");

    /** A queue whose file was removed is in no list: doctor finds it by the processes that have it open. */
    private static final String REMOVED = "removed-name";

    /** The findings of a checkup, by their subjects. */
    public record Found(Map<String, List<Finding>> bySubject) {
        /** There was no checkup. */
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
            Level level = isUnreadable(look.hidden()) ? Level.UNKNOWN : isTold ? worst(said) : Level.CRITICAL;
            if (said.isEmpty()) said = List.of(new Said(level, "", look.problem(), ""));
            boolean isSilent = look.hidden() == QueueWatch.Hidden.SILENT;
            return new Verdict(uri, level, isSilent ? "stuck" : Text.word(look.hidden()), said);
        }
        said = withTwin(withDamage(said, look.report()), uri, look.twin());
        Level figures = Level.of(look.reading().health().status());
        Level level = worst(said).worse(figures);
        List<Said> all = new ArrayList<>(said);
        QueueHealth.Report health = look.reading().health();
        for (int i = 0; i < health.reasons().size(); i++) {
            Said its =
                    new Said(figures, health.checks().get(i), health.reasons().get(i), "");
            if (said.stream().noneMatch(its::isAlso)) all.add(its);
        }
        boolean isUnread =
                look.isUnknown() && (found == Found.NOTHING || found.of(uri).anyMatch(Verdict::isUnread));
        if (isUnread && level == Level.OK) return new Verdict(uri, Level.UNKNOWN, "unknown", all);
        return new Verdict(uri, level, word(level, all), sorted(all));
    }

    /** A queue of files says itself that its disk has failed, that its log is damaged, or that it can only be read. */
    private static List<Said> withDamage(List<Said> said, QueueReport report) {
        Object failure = report.properties().get("failure");
        Object damage = failure != null ? failure : report.properties().get("damage");
        if (damage == null || said.stream().anyMatch(one -> one.level() == Level.CRITICAL)) return said;
        String check = failure != null ? "disk-failed" : "damaged-log";
        List<Said> all = new ArrayList<>(List.of(new Said(Level.CRITICAL, check, damage.toString(), "")));
        all.addAll(said);
        return all;
    }

    /** As {@code doctor} tells it, for tools that do not ask for its findings. */
    private static List<Said> withTwin(List<Said> said, String uri, String twin) {
        if (twin == null || said.stream().anyMatch(one -> one.check().equals(SAME_ID))) return said;
        List<Said> all = new ArrayList<>(said);
        String what = "its id is also that of " + twin + ": one is a copy of the other";
        String remedy = "Keep the one that your programs open, and remove the other: 'belfry rm " + uri
                + "' or 'belfry rm " + twin + "'.";
        all.add(new Said(Level.WARNING, SAME_ID, what, remedy));
        return all;
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
        Found found = Found.by(checkup(scope, false, QueueInspector.Progress.NOBODY));
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
                .filter(f -> f.check().equals(REMOVED) && isQueues(f) && judged.add(f.subject()))
                .map(f -> removed(f.subject(), found))
                .toList();
    }

    private static Verdict removed(String uri, Found found) {
        List<Said> said = said(found.of(uri));
        return new Verdict(uri, worst(said), "removed", said);
    }

    /** {@code word}: for what {@code more} says, where that is worse. */
    public Verdict and(String word, List<Said> more) {
        List<Said> all = new ArrayList<>(said);
        all.addAll(more);
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

    private static boolean isUnreadable(QueueWatch.Hidden hidden) {
        return hidden.isNoProblem() || hidden == QueueWatch.Hidden.FAILED;
    }

    private static boolean isUnread(Finding finding) {
        return finding.check().equals("domain");
    }

    private static String word(Level level, List<Said> all) {
        return switch (level) {
            case OK -> "ok";
            case WARNING -> "lagging";
            case CRITICAL -> all.stream().anyMatch(Verdict::isStuck) ? "stuck" : "broken";
            case UNKNOWN -> "unknown";
        };
    }

    private static boolean isStuck(Said one) {
        return one.level() == Level.CRITICAL && (one.check().isEmpty() || STUCK.contains(one.check()));
    }

    private static List<Said> said(Stream<Finding> found) {
        return sorted(found.filter(f -> f.level() != Finding.Level.OK)
                .map(Verdict::said)
                .filter(Objects::nonNull)
                .toList());
    }

    /** Damage that the next process mends anyway is no alarm. */
    private static Said said(Finding finding) {
        boolean isBad = finding.level() == Finding.Level.PROBLEM && !finding.repairable();
        if (!isBad && INFORMATION.contains(finding.check())) return null;
        boolean isOfFile = !isQueues(finding) && !finding.subject().equals(MACHINE);
        String what = isOfFile ? finding.subject() + ": " + finding.what() : finding.what();
        return new Said(isBad ? Level.CRITICAL : Level.WARNING, finding.check(), what, finding.remedy());
    }

    private static List<Said> sorted(List<Said> said) {
        return said.stream()
                .sorted(Comparator.comparing((Said one) -> one.level().rank()).reversed())
                .toList();
    }

    /** A number within a name is no figure. */
    private static String figureless(String text) {
        return FIGURE.matcher(text)
                .replaceAll(found -> found.group(1) == null ? Matcher.quoteReplacement(found.group()) : "#")
                .replaceAll("#( #)+", "#");
    }
}
