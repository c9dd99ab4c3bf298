package dev.belfry.cli;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Remote;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "unsubscribe",
        description =
                "Ends a named subscription for good: it keeps no messages any more. Not while a process is attached to it.",
        footer = {"  belfry unsubscribe prices audit", "  belfry unsubscribe prices \"a name with spaces\""})
final class UnsubscribeCommand extends BelfryCommand {
    @Parameters(index = "0", paramLabel = "Q", description = "The queue.")
    String queue;

    @Parameters(index = "1", paramLabel = "NAME", description = "The subscription: 'belfry subs Q' lists them.")
    String name;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if opening the queue takes longer, such as 5s (1s at least).")
    String timeout;

    @Option(
            names = "--detach",
            description =
                    "Ends nothing: takes the subscription from the process that is attached, as if that had died. Its place stays. For a broker that still counts a dead process.")
    boolean detach;

    @Override
    int run(PrintWriter out) {
        Queue named = Queue.of(queue);
        require(
                !detach || !named.isOfThisMachine(),
                "--detach is for a queue on another machine: here a process that died holds nothing");
        try (MessageQueue opened = Opening.within(timeout, named, named::openExisting)) {
            if (detach) return detach(opened, out);
            if (!opened.unsubscribe(name))
                throw new Exit.Problem("'" + named + "' has no subscription '" + name + "': 'belfry subs "
                        + named.words() + "' lists them");
        }
        out.println(
                json
                        ? Json.of(Json.object("uri", named.toString(), "unsubscribed", name))
                        : "unsubscribed " + Text.clean(name));
        return Exit.OK;
    }

    private int detach(MessageQueue opened, PrintWriter out) {
        if (!opened.unwrap(Remote.class).detach(name))
            throw new Exit.Problem("no process is attached to '" + name + "'");
        out.println(
                json
                        ? Json.of(Json.object("uri", opened.uri().toString(), "detached", name))
                        : "detached " + Text.clean(name));
        return Exit.OK;
    }
}
