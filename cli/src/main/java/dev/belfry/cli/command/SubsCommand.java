package dev.belfry.cli.command;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Looking;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "subs",
        description =
                "The subscriptions of a queue: which processes read, how far they are, and which named ones have no process attached.",
        footer = {
            "  belfry subs prices",
            "  belfry subs prices --json | jq '.subscribers[] | select(.attached | not) | .name'"
        })
public final class SubsCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", description = "The queue.")
    String queue;

    @Mixin
    Looking looking;

    @Override
    protected int run(PrintWriter out) {
        QueueStats stats = looking.at(Queue.of(queue)).stats();
        List<SubscriberStats> all = stats.subscribers();
        if (json) out.println(Json.of(Json.object("subscribers", QueueJson.subscribers(stats))));
        else if (all.isEmpty()) err().println("No subscriptions.");
        else InfoCommand.subscriptions(stats).lines(Text.ansi(), "").forEach(out::println);
        return Exit.OK;
    }
}
