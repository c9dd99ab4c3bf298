package dev.belfry.cli.command;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Table;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ls",
        description = "Every queue of this machine, or some, without joining any: damaged and foreign ones, too.",
        footer = {
            "  belfry ls",
            "  belfry ls prices orders",
            "  belfry ls --long",
            "  belfry ls /var/lib/shop             a queue of file:, or all in that directory",
            "  belfry ls --json | jq '.queues[] | select(.unattended != [])'",
            "",
            "Of a domain of Jakarta Messaging, MESSAGES are those that nobody has acknowledged, and SUBS its consumers;",
            "'?': too many records to read them here. 'belfry jms ls DOMAIN' reads them all.",
            "",
            "Another user's private queue is 'denied', one of another layout is 'version': neither is a problem, and no",
            "file of another user that is no queue is one.",
            "Exit code 1 if one of them is damaged, foreign or broken, or stuck: a publisher has waited for 30 s."
        })
public final class LsCommand extends LimitedCommand {
    /** The most notes of one queue: the worst come first. */
    private static final int MOST_NOTES = 5;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "250ms",
            description = "Between the two readings that give the rates (${DEFAULT-VALUE}).")
    String interval;

    @Option(
            names = {"-l", "--long"},
            description =
                    "Also ages: of the oldest message that is not acknowledged, since when a subscription has no process, and of the last publish.")
    boolean isLong;

    @Parameters(paramLabel = "Q", arity = "0..*", description = "Only these queues.")
    List<String> queues = List.of();

    @Override
    protected int run(PrintWriter out) throws Exception {
        Duration pause = interval(interval);
        Transports.requireUsable(Queue.SCHEME);
        Scope scope = Scope.of(queues);
        QueueWatch watch = new QueueWatch(scope);
        List<QueueWatch.Look> all = watch.twice(pause, watch::refuse);
        Map<String, Verdict> verdicts =
                Verdict.all(all, scope).stream().collect(Collectors.toMap(Verdict::uri, verdict -> verdict));
        Function<QueueWatch.Look, Verdict> its = look -> verdicts.get(look.uri());
        if (json)
            out.println(Json.of(Json.list("queues", all.stream().map(look -> QueueJson.queue(look, its.apply(look))))));
        else if (all.isEmpty()) err().println("No queues in /dev/shm.");
        else {
            table(all, its, isLong).lines(Text.ansi(), "").forEach(out::println);
            for (QueueWatch.Look look : all)
                notes(look, its.apply(look)).forEach(note -> out.println(Text.paint(note)));
        }
        if (!json) {
            Set<String> told = all.stream().map(QueueWatch.Look::uri).collect(Collectors.toSet());
            verdicts.values().stream()
                    .filter(v -> told.add(v.uri()))
                    .flatMap(LsCommand::notes)
                    .forEach(out::println);
        }
        return code(all, its);
    }

    static int code(List<QueueWatch.Look> all, Function<QueueWatch.Look, Verdict> its) {
        boolean isBad = all.stream()
                .anyMatch(look -> its.apply(look).level() == Verdict.Level.CRITICAL
                        || look.hidden() == QueueWatch.Hidden.FAILED); // for others the verdict tells
        return isBad ? Exit.PROBLEM : Exit.OK;
    }

    /** With columns for what was lost, and for domains, only where there are any: a terminal may have 80 columns. */
    static Table table(List<QueueWatch.Look> all, Function<QueueWatch.Look, Verdict> its, boolean isLong) {
        Columns columns = new Columns(
                all.stream()
                        .anyMatch(
                                look -> look.report() != null && look.reading().lost() > 0),
                all.stream().anyMatch(QueueWatch.Look::isDomain),
                isLong);
        Table table = new Table();
        table.row(columns.row(
                "LOST",
                List.of("KIND", "QUEUES"),
                List.of("OLDEST", "ALONE", "PUBLISHED"),
                List.of("QUEUE", "MESSAGES", "SIZE", "MAX", "PUBS", "SUBS", "MSG/S", "BYTES/S", "LAG", "HEALTH")));
        for (QueueWatch.Look look : all)
            table.row(
                    look.report() == null
                            ? unread(columns, look, its.apply(look))
                            : row(columns, look, its.apply(look)));
        return table;
    }

    private static String[] unread(Columns columns, QueueWatch.Look look, Verdict verdict) {
        List<String> cells = new ArrayList<>(List.of(Text.brief(look.uri())));
        cells.addAll(Collections.nCopies(8, "-"));
        cells.add(verdict.painted());
        return columns.row("-", List.of("-", "-"), List.of("-", "-", "-"), cells);
    }

    private static String[] row(Columns columns, QueueWatch.Look look, Verdict verdict) {
        boolean isDomain = look.isDomain();
        QueueStats stats = look.reading().stats();
        return columns.row(
                Text.number(look.reading().lost()),
                isDomain ? List.of("domain", inIt(look, DomainTools.Contents::queues)) : List.of("queue", "-"),
                ages(look),
                List.of(
                        Text.brief(look.uri()),
                        isDomain ? inIt(look, DomainTools.Contents::messages) : Text.number(stats.newestPosition()),
                        Text.size(look.report().size()),
                        Text.most(look.report().maxSize()),
                        Text.number(stats.publisherCount()),
                        isDomain
                                ? inIt(look, DomainTools.Contents::consumers)
                                : Text.number(stats.subscribers().stream()
                                        .filter(SubscriberStats::attached)
                                        .count()),
                        isDomain ? "-" : Text.rate(look.reading().messages()), // its records are no messages
                        Text.size(look.reading().bytes()),
                        isDomain ? "-" : Text.number(look.reading().lag()),
                        look.isUnknown() && verdict.level() == Verdict.Level.UNKNOWN ? "?" : verdict.painted()));
    }

    /** The longest of all its subscriptions; those of a domain are in 'jms ls'. */
    private static List<String> ages(QueueWatch.Look look) {
        long published = look.reading().ages().lastPublish();
        return List.of(
                look.isDomain() ? "-" : Text.age(look.reading().oldest()),
                look.isDomain() ? "-" : Text.age(look.reading().alone()),
                published < 0 ? "-" : Units.duration(published));
    }

    private static String inIt(QueueWatch.Look look, ToLongFunction<DomainTools.Contents> figure) {
        return look.reading().domain() == null
                ? "?"
                : Text.number(figure.applyAsLong(look.reading().domain()));
    }

    /** The columns that a table has only sometimes. */
    private record Columns(boolean lost, boolean domains, boolean ages) {
        /** {@code lost} and {@code old}: before the last of {@code cells}; {@code domain}: after the first. */
        String[] row(String lost, List<String> domain, List<String> old, List<String> cells) {
            List<String> all = new ArrayList<>(cells);
            if (this.lost) all.add(all.size() - 1, lost);
            if (ages) all.addAll(all.size() - 1, old);
            if (domains) all.addAll(1, domain);
            return all.toArray(new String[0]);
        }
    }

    /** The notes on the machine, and on queues that are not in the table: their names were removed. */
    private static Stream<String> notes(Verdict verdict) {
        return verdict.said().stream()
                .map(said -> Text.paint("@|yellow ! " + verdict.uri() + ": " + Text.clean(said.what()) + "|@"));
    }

    /** The notes on a queue that needs attention. */
    static List<String> notes(QueueWatch.Look look, Verdict verdict) {
        if (look.report() == null)
            return List.of("@|" + (look.hidden().isNoProblem() ? "yellow" : "red") + " ! " + look.uri() + ": "
                    + Text.clean(look.problem()) + "|@");
        List<String> reasons = verdict.said().stream().map(Verdict.Said::what).toList();
        List<String> notes = new ArrayList<>();
        for (String reason : reasons.subList(0, Math.min(MOST_NOTES, reasons.size())))
            notes.add("@|yellow ! " + look.uri() + ": " + Text.clean(reason) + "|@");
        if (reasons.size() > MOST_NOTES)
            notes.add("@|yellow ! " + look.uri() + ": and " + Text.number(reasons.size() - MOST_NOTES)
                    + " more: 'belfry " + (look.isDomain() ? "doctor " : "subs ")
                    + Text.clean(Text.brief(look.uri())) + "' shows "
                    + (look.isDomain() ? "them" : "the subscriptions") + "|@");
        return notes;
    }
}
