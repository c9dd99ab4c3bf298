package dev.belfry.cli.command;

import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.PagesCheckup;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Finding;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "doctor",
        description = {
            "Checks the machine (kernel, size and options of /dev/shm, limits, permissions, container, JDK) and all queues, or one: dead slots, stuck locks, damage, left-overs.",
            "Explains each finding and says what to do."
        },
        footer = {
            "  belfry doctor",
            "  belfry doctor prices",
            "  belfry doctor /var/lib/shop    a queue of file:, or all in that directory",
            "  belfry doctor --deep prices    also every message",
            "  belfry doctor --fix prices     repairs what is provably safe: what the next process would do anyway",
            "",
            "Exit code 1 if there is a problem (left)."
        })
public final class DoctorCommand extends LimitedCommand {
    /** Between the two readings that tell what moves, as of {@code health}. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    @Parameters(paramLabel = "Q", arity = "0..1", description = "Only this queue, and the machine.")
    String queue;

    @Option(
            names = "--deep",
            description =
                    "Also reads every message and every word that is stored, which takes as long as reading does: a terminal"
                            + " shows how far it is.")
    boolean deep;

    @Option(names = "--fix", description = "Repairs what is provably safe.")
    boolean fix;

    /** A finding, and the result of its repair. */
    private record Treated(Finding finding, Repair repair) {
        boolean isProblem() {
            return finding.level().isProblem() && !repair.done();
        }
    }

    @Override
    protected int run(PrintWriter out) throws InterruptedException {
        String unusable = Transports.unusable(Queue.SCHEME);
        List<Treated> all = unusable == null
                ? treated(Scope.of(queue == null ? List.of() : List.of(queue)))
                : List.of(new Treated(
                        Finding.problem(
                                "transport", Queue.SCHEME + ":", unusable, "Nothing can be checked before that."),
                        Repair.NONE));
        if (json)
            out.println(Json.of(Json.list(
                    "findings",
                    all.stream()
                            .map(each -> QueueJson.finding(each.finding, each.repair.done(), each.repair.failure())))));
        else print(all, out);
        return all.stream().anyMatch(Treated::isProblem) ? Exit.PROBLEM : Exit.OK;
    }

    private List<Treated> treated(Scope scope) throws InterruptedException {
        List<Treated> all = new ArrayList<>();
        List<QueueWatch.Look> looks = new QueueWatch(scope).twice(PAUSE, missing -> {}); // which is a finding here
        List<Finding> found = Verdict.withFigures(checkup(scope), looks);
        found.addAll(PagesCheckup.of(scope, looks));
        for (Finding finding : Verdict.measured(scope)) if (!isIn(found, finding)) found.add(finding);
        for (Finding finding : found) {
            boolean mends = fix && finding.repairable();
            all.add(new Treated(finding, mends ? repair(scope, finding) : Repair.NONE));
        }
        return all;
    }

    private List<Finding> checkup(Scope scope) {
        try (HowFar shown = new HowFar(err())) {
            return Verdict.checkup(scope, deep, shown);
        }
    }

    /** A finding that another repair, or another process, has removed meanwhile is no problem any more. */
    private Repair repair(Scope scope, Finding finding) {
        Repair repair = Repair.of(Transports.inspector(Queue.SCHEME), finding);
        return repair.done() || isIn(checkup(scope), finding) ? repair : new Repair(true, null);
    }

    /** But for its figures. */
    private static boolean isIn(List<Finding> all, Finding finding) {
        return all.stream()
                .anyMatch(f -> f.check().equals(finding.check()) && f.subject().equals(finding.subject()));
    }

    /** Prints findings that are alike as one entry: their subjects are in the JSON, and in the output of {@code gc}. */
    private static void print(List<Treated> all, PrintWriter out) {
        Map<List<Object>, List<Treated>> groups = new LinkedHashMap<>();
        for (Treated each : all) {
            Finding f = each.finding;
            groups.computeIfAbsent(
                            Arrays.asList(f.check(), f.level(), f.what(), f.remedy(), each.repair),
                            same -> new ArrayList<>())
                    .add(each);
        }
        groups.values().forEach(group -> print(group.get(0), group.size() - 1, out));
    }

    private static void print(Treated treated, int others, PrintWriter out) {
        Finding finding = treated.finding;
        String level = treated.repair.done() ? "@|green fixed|@" : Text.level(finding.level());
        String gap = " ".repeat(8 - Ansi.OFF.string(level).length());
        out.println(Text.paint(level + gap + Text.clean(finding.subject())
                + (others == 0 ? "" : " and " + Text.number(others) + " more") + ": " + Text.clean(finding.what())
                + " ["
                + finding.check() + "]"));
        if (treated.repair.failure() != null)
            out.println(Text.paint("        could not be repaired: " + Text.clean(treated.repair.failure())));
        if (!finding.remedy().isEmpty() && !treated.repair.done())
            out.println("        " + Text.clean(finding.remedy())); // a subscription's name may be in it
    }
}
