package dev.belfry.cli.command;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.QueueReport;
import java.io.PrintWriter;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "tail",
        description =
                "Messages, as an observer: no publisher waits for it, no subscriber notices it. If it is too slow, it misses messages.",
        footer = {
            "  belfry tail prices                       the last ten",
            "  belfry tail -f prices                    and what is published from now on",
            "  belfry tail --from oldest --format hex prices",
            "  belfry tail --from 09:00 --until 09:05 prices     by the timestamps that publishers write",
            "  belfry tail -f --json prices | jq .body",
            "  belfry tail --grep 'EUR [0-9]+' --where venue=XETRA --since 5m prices"
        })
public final class TailCommand extends BelfryCommand {
    private static final int LAST = 10;

    @Parameters(paramLabel = "Q", description = "The queue.")
    String queue;

    @Option(
            names = {"-f", "--follow"},
            description = "Continues with what is published from now on.")
    boolean follow;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description = "oldest, now, a position, or " + Times.FORMS + ". Default: the last ten messages.")
    String from;

    @Option(
            names = "--until",
            paramLabel = "WHERE",
            description = "Ends after this position, or before the first message of this time, as for --from.")
    String until;

    @Option(names = "--grep", paramLabel = "REGEX", description = "Only messages whose text has this in it.")
    Pattern grep;

    @Option(
            names = "--where",
            paramLabel = "NAME=VALUE",
            description = "Only messages with this property; may be given again.")
    Map<String, String> where = Map.of();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only those of the last 5m, or so; of publishers that write timestamps.")
    String since;

    @Mixin
    MessagePrinter printer;

    @Override
    protected int run(PrintWriter out) {
        Queue named = Queue.of(queue);
        StartAt start = start();
        printer.until = Until.parse("--until", until, from);
        long oldest =
                since == null ? 0 : System.currentTimeMillis() - time(since).toMillis();
        printer.wanted = message -> isWanted(message, oldest);
        if (named.isOfThisMachine()) refuseIfOpeningDeletes(named);
        try (MessageQueue opened = Opening.within(printer.timeout, named, named::openExisting)) {
            QueueStats stats = opened.stats(); // not the report's: the name may belong to another queue by now
            long newest = stats.newestPosition();
            if (start == null) start = lastOnes(stats);
            MessagePrinter.tellIfBeforeOldest(opened, start, err());
            try (Subscriber in = opened.createSubscriber(SubscriberOptions.observer(start))) {
                printer.print(in, follow ? Long.MAX_VALUE : newest, named.isOfThisMachine(), json, stdout());
                if (in.lostCount() > 0)
                    err().println("belfry: missed " + Text.number(in.lostCount())
                            + " message(s): overwritten before they were read");
            }
        }
        return Exit.OK;
    }

    /** Null: the last ones. */
    private StartAt start() {
        if (from != null) return Times.startAt(from);
        boolean seeks = until != null || grep != null || !where.isEmpty() || since != null;
        return seeks ? StartAt.OLDEST_RETAINED : null;
    }

    private boolean isWanted(Message message, long oldest) {
        if (since != null && message.timestampMillis() == 0)
            throw new Exit.Problem("message " + message.position()
                    + " has no timestamp, which --since needs: its publisher writes none");
        return message.timestampMillis() >= oldest
                && where.entrySet().stream()
                        .allMatch(one -> one.getValue().equals(String.valueOf(value(message, one.getKey()))))
                && (grep == null || grep.matcher(message.text()).find());
    }

    private static Object value(Message message, String property) {
        return message.properties().names().contains(property)
                ? message.properties().get(property)
                : null;
    }

    private static void refuseIfOpeningDeletes(Queue named) {
        QueueReport report = named.look();
        if (report.members().isEmpty()
                && Boolean.TRUE.equals(report.properties().get("deleteOnLastClose")))
            throw new Exit.Problem(
                    "'" + named
                            + "' was created with deleteOnLastClose and no process has it open: opening it now would delete it");
    }

    private static StartAt lastOnes(QueueStats stats) {
        return stats.newestPosition() == 0
                ? StartAt.OLDEST_RETAINED
                : StartAt.at(Math.max(stats.oldestPosition(), stats.newestPosition() - LAST + 1));
    }
}
