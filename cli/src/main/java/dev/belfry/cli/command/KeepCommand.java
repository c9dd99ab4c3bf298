package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "keep",
        description =
                "Shows or changes what of its history a file: queue keeps that no subscription needs. By whole segments of its log, 64 MiB each; also while processes use it.",
        footer = {
            "  belfry keep ./prices",
            "  belfry keep ./prices 30d       what is younger",
            "  belfry keep ./prices 30d,5g    and no more than that",
            "  belfry keep ./prices needed    only what a subscription needs"
        })
public final class KeepCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", index = "0", description = "The queue.")
    String queue;

    @Parameters(
            paramLabel = "WHAT",
            index = "1",
            arity = "0..1",
            description = "needed, all, a duration, a size, or both with a comma.")
    String what;

    @Override
    protected int run(PrintWriter out) {
        Queue of = Queue.of(queue);
        String kept = of.inspector().keep(of.name(), what);
        say(out, Json.object("uri", of.toString(), "keep", kept), of + " keeps " + kept);
        return Exit.OK;
    }
}
