package dev.belfry.cli.command;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Looking;
import dev.belfry.cli.reading.Processes;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Table;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Ages;
import dev.belfry.judgement.Readings;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "info",
        description =
                "One queue: layout, regions, attached processes (process ids are for information only), policies, counters, history.",
        footer = {
            "  belfry info prices",
            "  belfry info prices --json | jq .stats.counters",
            "  belfry info 'kafka:orders?bootstrap=broker1:9092'   topic, offsets and groups"
        })
public final class InfoCommand extends BelfryCommand {
    /** The name is last but for a remark: it may be long, and is needed in full. */
    private static final String IN_SLOTS =
            "SLOT PID POLICY ACKNOWLEDGES POSITION ACKNOWLEDGED LAG OLDEST LOST RECEIVED SLEEPS NAME ";

    @Parameters(paramLabel = "Q", description = "The queue.")
    String queue;

    @Mixin
    Looking looking;

    @Override
    protected int run(PrintWriter out) {
        Queue named = Queue.of(queue);
        QueueReport report = looking.at(named);
        DomainTools.Contents domain = Queue.isDomain(report) ? named.contents(report, Long.MAX_VALUE) : null;
        if (json) out.println(Json.of(QueueJson.info(report, domain)));
        else print(report, domain, out);
        return Exit.OK;
    }

    private static void print(QueueReport report, DomainTools.Contents domain, PrintWriter out) {
        QueueStats stats = report.stats();
        Table made = new Table().leftAligned();
        report.properties().forEach((name, value) -> made.row(name, value == null ? "none" : plain(value)));
        table(report.uri() + "  " + stats.id(), made, out);
        heading(Queue.isDomain(report) ? "Domain: " + inIt(domain, report) + lastPublish(stats) : history(report), out);
        if (!report.regions().isEmpty()) storage(report, out);
        table("Subscriptions", subscriptions(stats), out);
        if (stats.counters().isEmpty()) return;
        Table counters = new Table();
        new TreeMap<>(stats.counters()).forEach((name, value) -> {
            if (!name.equals(QueueCounter.LAST_PUBLISH_MILLIS.key()))
                counters.row(name, Text.number(value)); // which is above
        });
        table("Counters", counters, out);
    }

    private static void storage(QueueReport report, PrintWriter out) {
        Table regions = new Table().row("#", "SIZE", "FILE OFFSET", "FIRST LOG OFFSET", "");
        for (QueueReport.Region r : report.regions())
            regions.row(
                    "" + r.number(),
                    Text.size(r.capacity()),
                    Text.number(r.place()),
                    Text.number(r.firstOffset()),
                    r.current() ? "written now" : "");
        table("Regions", regions, out);
        Table members = new Table().row("PID", "COMMAND", "SINCE", "PUBLISHERS", "SUBSCRIBERS", "LEVEL");
        for (QueueReport.Member m : report.members())
            members.row(
                    "" + m.pid(),
                    Text.brief(Text.clean(Processes.command(m.pid(), report))),
                    m.since().toString(),
                    m.publishers() + (m.exclusive() ? " exclusive" : ""),
                    "" + m.subscribers(),
                    "" + m.level());
        table("Open handles", members, out);
    }

    private static String history(QueueReport report) {
        QueueStats stats = report.stats();
        long readable = stats.newestPosition() == 0 ? 0 : stats.newestPosition() - stats.oldestPosition() + 1;
        return "History: " + Text.number(readable) + " messages can be read"
                + (readable > 0
                        ? ", " + Text.number(stats.oldestPosition()) + " to " + Text.number(stats.newestPosition())
                        : "")
                + (report.size() == 0
                        ? ""
                        : "; size " + Text.size(report.size()) + " of " + Text.most(report.maxSize()))
                + lastPublish(stats);
    }

    private static String lastPublish(QueueStats stats) {
        long ago = agesOf(stats).lastPublish();
        return ago < 0 ? "" : "; the last publish was " + Units.duration(ago) + " ago";
    }

    /** As one reading tells. */
    private static Ages agesOf(QueueStats stats) {
        return new Readings().of(stats).ages();
    }

    private static String inIt(DomainTools.Contents domain, QueueReport report) {
        String all = "'belfry jms ls " + Text.clean(report.uri().getSchemeSpecificPart()) + "' shows each";
        return domain == null
                ? all
                : "queues " + Text.number(domain.queues()) + ", messages " + Text.number(domain.messages())
                        + " (held " + Text.number(domain.held()) + ", dead letters "
                        + Text.number(domain.deadLetters()) + "), consumers " + Text.number(domain.consumers()) + "; "
                        + all;
    }

    static Table subscriptions(QueueStats stats) {
        List<SubscriberStats> all = stats.subscribers();
        boolean inSlots = all.stream().allMatch(s -> QueueCounter.SLOT.isToldBy(s));
        return inSlots ? inSlots(all, agesOf(stats)) : atBroker(all, agesOf(stats));
    }

    /** The figures that a broker knows of them. */
    private static Table atBroker(List<SubscriberStats> all, Ages ages) {
        Table table = new Table().row("PID", "ACKNOWLEDGED", "LAG", "LOST", "NAME", "");
        for (SubscriberStats s : all)
            table.row(
                    s.attached() ? "" + s.pid() : "-",
                    Text.number(s.acknowledgedPosition()),
                    Text.number(s.lag()),
                    Text.number(s.lostCount()),
                    Text.nameOf(s),
                    state(s, ages));
        return table;
    }

    private static Table inSlots(List<SubscriberStats> all, Ages ages) {
        Table table = new Table().row(IN_SLOTS.split(" ", -1));
        for (SubscriberStats s : all)
            table.row(
                    "" + QueueCounter.SLOT.of(s),
                    s.attached() ? "" + s.pid() : "-",
                    Text.policy(s.slowSubscriber()),
                    s.ackMode().toString().toLowerCase(Locale.ROOT),
                    Text.number(s.position()),
                    Text.number(s.acknowledgedPosition()),
                    Text.number(s.lag()),
                    Text.age(ages.oldest(s)),
                    Text.number(s.lostCount()),
                    Text.number(QueueCounter.RECEIVED.of(s)),
                    Text.number(QueueCounter.SLEEPS.of(s)),
                    Text.nameOf(s),
                    state(s, ages));
        return table;
    }

    private static String state(SubscriberStats s, Ages ages) {
        if (QueueCounter.ENDED.of(s) != 0) return "@|bold,red disconnected|@";
        long stopped = QueueCounter.STOPPED.of(s);
        if (stopped != 0) return "@|bold,red stopped: its listener failed at " + Text.number(stopped) + "|@";
        if (s.attached()) return "";
        String since = Ages.isAloneSinceKnown(s) ? ", for " + Units.duration(ages.alone(s)) : "";
        return "@|bold,yellow no process attached" + since + "|@";
    }

    private static String plain(Object value) {
        return value instanceof Long number ? Text.number(number) : Text.clean(value.toString());
    }

    private static void table(String heading, Table table, PrintWriter out) {
        heading(heading, out);
        table.lines(Text.ansi(), "  ").forEach(out::println);
    }

    private static void heading(String text, PrintWriter out) {
        out.println(Text.paint("@|bold " + text + "|@"));
    }
}
