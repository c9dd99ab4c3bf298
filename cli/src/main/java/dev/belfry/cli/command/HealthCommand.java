package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "health",
        exitCodeOnInvalidInput = 3,
        exitCodeOnExecutionException = 3,
        description =
                "One word and one line a queue, of all or of some: what 'ls' and 'doctor' know. For cron, probes and Nagios.",
        footer = {
            "  belfry health",
            "  belfry health --quiet          for cron: no line where all is well",
            "  belfry health prices orders",
            "  belfry health /var/lib/shop    a queue of file:, or all in that directory",
            "  belfry health --json | jq '.verdicts[] | select(.code == 2)'",
            "",
            "The words: ok, lagging (works, but look at it), stuck (does not move), broken, damaged, foreign, missing,",
            "denied, version, failed, unknown (cannot be read here).",
            "Exit code 0: ok; 1: a warning; 2: critical; 3: not known, or the command itself failed.",
            "Another user's private queue, or one of another layout, counts only if it is named."
        })
public class HealthCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", arity = "0..*", description = "Only these queues, and the machine.")
    List<String> queues = List.of();

    @Option(
            names = {"-q", "--quiet"},
            description = "Only what is not ok.")
    boolean quiet;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "250ms",
            description = "Between the two readings that tell what moves (${DEFAULT-VALUE}).")
    String interval;

    @Override
    protected int run(PrintWriter out) throws Exception {
        Duration pause = interval(interval);
        Transports.requireUsable(Queue.SCHEME);
        Scope scope = Scope.of(queues);
        List<QueueWatch.Look> looks = new QueueWatch(scope).twice(pause, missing -> {}); // which is a verdict here
        List<Verdict> all = Verdict.all(looks, scope).stream()
                .map(verdict -> judged(verdict, looks))
                .filter(this::isTold)
                .toList();
        if (json) out.println(Json.of(Json.list("verdicts", all.stream().map(QueueJson::verdict))));
        else all.forEach(verdict -> out.println(Text.paint(verdict.line())));
        return Verdict.worst(all.stream()
                        .filter(verdict -> !scope.isAll() || verdict.level() != Verdict.Level.UNKNOWN)
                        .map(Verdict::level))
                .code;
    }

    /** With the limits of {@code check}. */
    Verdict judged(Verdict verdict, List<QueueWatch.Look> looks) {
        return verdict;
    }

    /** The machine only where something is wrong with it. */
    private boolean isTold(Verdict verdict) {
        boolean isQueue = verdict.uri().contains(":");
        return verdict.level() != Verdict.Level.OK || isQueue && !quiet;
    }
}
