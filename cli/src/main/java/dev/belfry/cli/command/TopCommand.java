package dev.belfry.cli.command;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.Processes;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Table;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Reading;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "top",
        description = {
            "All queues, a line each, live; or one, with its subscriptions, and processor and memory of its processes.",
            "On a terminal, without --count, it is a screen with keys: q ends it, s sorts, / filters, arrows choose.",
            "Judges by its readings alone: what 'health' calls stuck at once may be lagging here for 30 s."
        },
        footer = {
            "  belfry top",
            "  belfry top prices --interval 200ms",
            "  belfry top --json --count 10       a line of JSON each second, ten times"
        })
public final class TopCommand extends LimitedCommand {
    @Parameters(paramLabel = "Q", arity = "0..1", description = "Only this queue.")
    String queue;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "Between two readings, such as 200ms (${DEFAULT-VALUE}).")
    String interval;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many readings.")
    Long count;

    private final Processes processes = new Processes();

    @Override
    protected boolean isEndless() {
        return true;
    }

    @Override
    protected int run(PrintWriter out) throws Exception {
        Duration pause = interval(interval);
        require(count == null || count > 0, "--count must be > 0, was " + count);
        Transports.requireUsable(Queue.SCHEME);
        QueueWatch watch = new QueueWatch(Scope.of(queue == null ? List.of() : List.of(queue)));
        look(watch); // for the first rates
        Thread.sleep(Math.min(pause.toMillis(), 250));
        if (!json && count == null)
            try (TopScreen screen = TopScreen.open()) {
                if (screen != null) {
                    screen.run(() -> frame(look(watch)), pause);
                    return Exit.OK;
                }
            }
        for (long shown = 1; ; shown++) {
            List<QueueWatch.Look> all = look(watch);
            if (json) out.println(Json.of(json(all)));
            else show(all, out);
            if (out.checkError() || count != null && shown >= count) return LsCommand.code(all, Verdict::of);
            Thread.sleep(pause.toMillis());
        }
    }

    private List<QueueWatch.Look> look(QueueWatch watch) {
        List<QueueWatch.Look> all = inTime(watch::look);
        processes.look(all.stream()
                .filter(look -> look.report() != null)
                .flatMap(look -> look.report().members().stream())
                .map(QueueReport.Member::pid)
                .collect(Collectors.toSet()));
        return all;
    }

    private Map<String, Object> json(List<QueueWatch.Look> all) {
        List<Object> queues = new ArrayList<>();
        for (QueueWatch.Look look : all) {
            Map<String, Object> one = QueueJson.queue(look);
            if (look.report() != null) one.put("processes", participants(look));
            queues.add(one);
        }
        return Json.object("queues", queues);
    }

    private List<Map<String, Object>> participants(QueueWatch.Look look) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (QueueReport.Member m : look.report().members()) {
            Map<String, Object> one = QueueJson.member(m);
            one.put("command", Processes.command(m.pid(), look.report()));
            one.put("cpuPercent", Math.round(10 * processes.cpu(m.pid())) / 10.0);
            one.put("residentBytes", Processes.memory(m.pid()));
            all.add(one);
        }
        return all;
    }

    private TopScreen.Frame frame(List<QueueWatch.Look> all) {
        List<String> table = LsCommand.table(all, Verdict::of, false).lines(Text.ansi(), "");
        List<TopScreen.Entry> entries = new ArrayList<>();
        for (QueueWatch.Look look : all) {
            Reading its = look.reading();
            double messages = its == null ? 0 : its.messages();
            long lag = its == null ? 0 : its.lag();
            double bytes = its == null ? 0 : look.report().size();
            String row = table.get(entries.size() + 1);
            entries.add(new TopScreen.Entry(look.uri(), messages, lag, bytes, row, () -> details(look)));
        }
        return new TopScreen.Frame(table.get(0), entries);
    }

    private void show(List<QueueWatch.Look> all, PrintWriter out) {
        List<String> lines = new ArrayList<>();
        lines.add(Text.paint("@|bold belfry top|@  " + Text.clock() + "  " + all.size() + " queue(s)"));
        lines.add("");
        lines.addAll(LsCommand.table(all, Verdict::of, false).lines(Text.ansi(), ""));
        for (QueueWatch.Look look : all) {
            boolean isAlone = queue != null && all.size() == 1;
            if (isAlone) lines.add("");
            lines.addAll(isAlone ? details(look) : notes(look, ""));
        }
        lines.forEach(out::println);
    }

    private List<String> details(QueueWatch.Look look) {
        List<String> lines = new ArrayList<>();
        lines.add(Text.paint("@|bold " + look.uri() + "|@" + use(look)));
        lines.addAll(notes(look, "  "));
        if (look.report() == null) return lines;
        long retained =
                look.reading().stats().newestPosition() - look.reading().stats().oldestPosition() + 1;
        Table subscribers = new Table();
        for (SubscriberStats s : look.reading().stats().subscribers())
            subscribers.row(
                    Text.brief(Text.nameOf(s)),
                    s.attached() ? "pid " + s.pid() : "@|bold,yellow nobody|@",
                    Text.policy(s.slowSubscriber()),
                    Text.bar(s.lag(), retained),
                    "lag " + Text.number(s.lag()),
                    "oldest " + Text.age(look.reading().ages().oldest(s)),
                    "lost " + Text.number(s.lostCount()));
        lines.addAll(subscribers.lines(Text.ansi(), "  "));
        Table members = new Table();
        for (QueueReport.Member m : look.report().members())
            members.row(
                    "pid " + m.pid(),
                    Text.brief(Text.clean(Processes.command(m.pid(), look.report()))),
                    m.publishers() + " pub, " + m.subscribers() + " sub",
                    percent(processes.cpu(m.pid())),
                    memory(Processes.memory(m.pid())));
        lines.addAll(members.lines(Text.ansi(), "  "));
        return lines;
    }

    private static List<String> notes(QueueWatch.Look look, String indent) {
        return LsCommand.notes(look, Verdict.of(look)).stream()
                .map(note -> Text.paint(indent + note))
                .toList();
    }

    private static String use(QueueWatch.Look look) {
        if (look.report() == null) return "";
        QueueStats stats = look.reading().stats();
        Long most = look.report().maxSize();
        return "  use "
                + Text.bar(look.report().used(), most == null ? 0 : most) + " "
                + Text.size(look.report().used()) + " of "
                + Text.most(most) + "; of the ring at most "
                + Text.size(QueueCounter.HIGH_WATER.of(stats))
                + "; full waits " + Text.number(QueueCounter.FULL_WAITS.of(stats)) + ", grows "
                + Text.number(QueueCounter.GROWS.of(stats));
    }

    private static String percent(double cpu) {
        return cpu < 0 ? "cpu ?" : String.format(Locale.ROOT, "cpu %.1f %%", cpu);
    }

    private static String memory(long bytes) {
        return bytes < 0 ? "memory ?" : "memory " + Text.size(bytes);
    }
}
