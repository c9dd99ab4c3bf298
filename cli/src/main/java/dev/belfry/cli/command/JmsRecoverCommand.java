package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.QueueReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "recover",
        description =
                "Sends what is on the disk of a domain that is gone, such as one of shm: after a reboot, to the queues of the same names in another domain. Each message is marked as redelivered, as some may have been received before. The directory stays. While a domain uses it, it is refused.",
        footer = {
            "  belfry jms recover file:/var/spool/shop/3f2a shop",
            "  belfry rm --force file:/var/spool/shop/3f2a    when all is there"
        })
final class JmsRecoverCommand extends LimitedCommand {
    /** The directory of a companion in that of its domain. */
    private static final String INSIDE = "/overflow";

    @Parameters(index = "0", paramLabel = "URI", description = "The directory of the messages, a queue of files.")
    String from;

    @Parameters(
            index = "1",
            paramLabel = "DOMAIN",
            description = "The domain that gets them, such as shop or shm:shop. It must exist.")
    String domain;

    @Override
    protected int run(PrintWriter out) {
        Queue origin = Queue.of(from);
        Transports.requireUsable(origin.scheme());
        refuseIfUsed(origin);
        Queue named = Queue.of(domain);
        Transports.requireUsable(named.scheme());
        try (MessageQueue companion = origin.openExisting();
                HowFar shown = new HowFar(err())) {
            Map<String, Long> sent = Transports.domainTools()
                    .recover(named.toString(), named.openDomain(), companion, n -> shown.carried(from, n, n));
            long all = sent.values().stream().mapToLong(Long::longValue).sum();
            say(
                    out,
                    Json.object("uri", origin.toString(), "to", named.toString(), "recovered", all),
                    "recovered " + Text.number(all) + " of " + Text.clean(origin.toString()) + " to " + named
                            + (all == 0 ? "" : ": " + counts(sent)));
            return Exit.OK;
        }
    }

    private static String counts(Map<String, Long> sent) {
        return sent.entrySet().stream()
                .map(each -> new DomainTools.Unread(Text.clean(each.getKey()), each.getValue()).text())
                .collect(Collectors.joining(", "));
    }

    private static void refuseIfUsed(Queue origin) {
        List<QueueReport.Member> members = origin.look().members();
        if (!members.isEmpty())
            throw new Exit.Problem("'" + origin + "' is open in pid "
                    + members.get(0).pid() + ": a domain uses it, whose consumers get what it has");
        if (origin.name().endsWith(INSIDE))
            refuseIfNamed(
                    origin,
                    Queue.at(
                            Queue.FILES,
                            origin.name().substring(0, origin.name().length() - INSIDE.length())));
        for (String scheme : List.of(Queue.SCHEME, Queue.FILES))
            for (String name : Transports.inspector(scheme).names()) refuseIfNamed(origin, Queue.at(scheme, name));
    }

    private static void refuseIfNamed(Queue origin, Queue domain) {
        try {
            QueueReport report = domain.look();
            if (!Queue.isDomain(report)) return;
            boolean isIn = origin.name().startsWith(domain.name() + "/"); // one that is closed tells nothing
            DomainTools.Contents contents = isIn ? null : domain.contents(report, Long.MAX_VALUE);
            if (isIn
                    || contents != null
                            && origin.toString().equals(contents.overflow().uri()))
                throw new Exit.Problem("'" + origin + "' is of the domain '" + domain
                        + "', which is there: its consumers get what it has");
        } catch (MessageQueueException unreadable) {
            return; // it is not there, or another user's
        }
    }
}
