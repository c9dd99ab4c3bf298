package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.spi.ShellWords;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Option(
            names = "--force",
            description = "Also of a queue in which a domain has messages, which opens it no more then.")
    boolean force;

    @Override
    protected int run(PrintWriter out) {
        Queue of = Queue.of(queue);
        if (what != null && !force) refuseIfOfPages(of);
        String kept = of.inspector().keep(of.name(), what);
        say(out, Json.object("uri", of.toString(), "keep", kept), of + " keeps " + kept);
        return Exit.OK;
    }

    private static void refuseIfOfPages(Queue of) {
        if (of.scheme().equals(Queue.FILES)
                && of.look().stats().subscribers().stream().anyMatch(s -> ShellWords.OVERFLOW.equals(s.name())))
            throw new Exit.Problem("nothing was changed in '" + of + "': it has messages of a domain of Jakarta"
                    + " Messaging, which opens it only while it keeps what it keeps now; --force changes that anyway");
    }
}
