package dev.belfry.cli.command;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.ShellWords;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "sub",
        description =
                "A real subscriber: publishers of a full queue wait for it, unless --policy says otherwise. Creates the queue if need be.",
        footer = {
            "  belfry sub prices",
            "  belfry sub --name audit --policy disconnect prices",
            "  belfry sub --from oldest --count 100 --format lines prices > first-hundred"
        })
public final class SubCommand extends BelfryCommand {
    /** How a subscriber that is too slow is treated. */
    public enum Policy {
        GATE(SlowSubscriber.GATE_PUBLISHER),
        OVERRUN(SlowSubscriber.OVERRUN),
        DISCONNECT(SlowSubscriber.DISCONNECT);

        final SlowSubscriber means;

        Policy(SlowSubscriber means) {
            this.means = means;
        }
    }

    @Parameters(paramLabel = "Q", description = "The queue.")
    String queue;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "A named subscription: keeps its place, and messages, when this ends. See 'belfry unsubscribe'.")
    String name;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            defaultValue = "gate",
            description =
                    "When it is too slow: gate (publishers wait; the default), overrun (it misses some), disconnect.")
    Policy policy;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            defaultValue = "now",
            description = "oldest, now (the default), a position or a time, as for tail; of a named one that is new.")
    String from;

    @Mixin
    Opening opening;

    @Mixin
    MessagePrinter printer;

    @Override
    protected int run(PrintWriter out) {
        SubscriberOptions options = SubscriberOptions.builder()
                .name(name)
                .startAt(Times.startAt(from))
                .slowSubscriber(policy.means)
                .ackMode(AckMode.CLIENT) // what is lost on the way out comes again
                .build();
        Queue named = Queue.of(queue);
        require(
                !ShellWords.OVERFLOW.equals(name),
                "--name must not be '" + name
                        + "', which is the place of a domain's messages: 'belfry tail' reads them");
        try (MessageQueue opened = opening.openToRead(named, printer.timeout, err());
                Subscriber in = opened.createSubscriber(options)) {
            printer.print(in, Long.MAX_VALUE, named.isOfThisMachine(), json, stdout());
            if (in.lostCount() > 0) err().println("belfry: missed " + Text.number(in.lostCount()) + " message(s)");
        }
        return Exit.OK;
    }
}
