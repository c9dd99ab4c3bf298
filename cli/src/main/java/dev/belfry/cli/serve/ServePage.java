package dev.belfry.cli.serve;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Judgement;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.judgement.Reading;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.RemedyText;
import dev.belfry.spi.ShellWords;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows of the page, as values for JSON. Names come from strangers: the page escapes them. {@code bridges}:
 * addresses.
 */
record ServePage(ServeWatch watch, boolean bodies, List<String> bridges) {
    /** In single quotes, which may also be in an argument that is in double ones. */
    private static final Pattern COMMAND = Pattern.compile(
            "'((?:belfry|chmod|mount|jstack|lslocks|strace) (?:[^'\"]|\"(?:[^\"\\\\]|\\\\.)*\")+|kill -CONT \\d+)'");

    /** Findings of doctor that other parts of the page show, with facts from several readings. */
    private static final Set<String> ELSEWHERE = Stream.concat(
                    Stream.of(Kind.WAITING, Kind.LOSING, Kind.UNATTENDED).map(kind -> kind.check),
                    Arrays.stream(DomainTools.Kind.values()).map(kind -> kind.check))
            .collect(Collectors.toSet());

    Map<String, Object> now() {
        ServeWatch.Known now = watch.now();
        List<QueueWatch.Look> looks = List.copyOf(now.looks().values());
        List<QueueWatch.Look> readable =
                looks.stream().filter(look -> look.report() != null).toList();
        List<PageRow> loses =
                now.losses().stream().map(loss -> loses(loss, now.at())).toList();
        List<PageRow> keeps =
                readable.stream().flatMap(look -> keeps(look).stream()).toList();
        List<Map<String, Object>> queues = looks.stream()
                .sorted(Comparator.comparing(now::verdict, Verdict.WORST_FIRST)
                        .thenComparing(ServePage::oldest, Comparator.reverseOrder())
                        .thenComparing(QueueWatch.Look::uri))
                .map(look -> queue(now, look))
                .toList();
        return Json.object(
                "host", host(),
                "at", now.at(),
                "since", watch.since,
                "bodies", bodies,
                "waits", waits(readable, now.at()),
                "loses", loses,
                "keeps", keeps,
                "broken", broken(now),
                "bridges", bridges(readable),
                "queues", queues,
                "events", now.events());
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "this machine";
        }
    }

    private static long oldest(QueueWatch.Look look) {
        return look.report() == null ? 0 : look.reading().oldest();
    }

    /** The longest wait first; a domain that is full is one, too. */
    private static List<PageRow> waits(List<QueueWatch.Look> looks, Instant now) {
        List<PageRow> all = new ArrayList<>();
        looks.stream()
                .flatMap(look -> look.reading().stats().waiting().stream().map(w -> Map.entry(look, w)))
                .sorted(Comparator.comparing(pair -> pair.getValue().since()))
                .forEach(pair -> all.add(waits(pair.getKey(), pair.getValue(), now)));
        for (QueueWatch.Look look : looks)
            for (Trouble trouble : troubles(look))
                if (trouble.kind() == DomainTools.Kind.FULL)
                    all.add(row(
                            look,
                            trouble.kind().check,
                            "sends to it",
                            trouble.what(),
                            -1,
                            "belfry jms ls " + name(look)));
        return all;
    }

    private static PageRow waits(QueueWatch.Look look, Waiting w, Instant now) {
        Waiting.Cause because = w.cause();
        String cause = (w.kind() == Waiting.Kind.ROOM ? "for room" : "for a lock") + Judgement.because(w);
        String command = "belfry doctor " + name(look);
        if (because != null && because.stopped()) command = continues(look, because.pid());
        else if (because != null && because.pid() == 0 && because.subscription() != null) {
            cause += ": start it, or end the subscription with its messages";
            String bridged = ShellWords.targetOfBridge(because.subscription());
            command = bridged == null ? "belfry subs " + name(look) : "belfry bridge " + name(look) + " " + bridged;
        }
        return row(look, Kind.WAITING.check, ServeWatch.process(w), cause, seconds(w.since(), now), command);
    }

    /** The command for a stopped process: a debugger's needs more than a signal. */
    private static String continues(QueueWatch.Look look, long pid) {
        return ProgramName.tracer(pid) == null ? "kill -CONT " + pid : "belfry doctor " + name(look);
    }

    private static PageRow loses(ServeWatch.Loss loss, Instant now) {
        String pid = loss.pid() == 0 ? "" : " of pid " + loss.pid();
        return new PageRow(
                loss.queue(),
                Kind.LOSING.check,
                loss.subscription() + pid,
                Text.number(loss.messages()) + " messages within five minutes",
                seconds(loss.last(), now),
                "belfry top " + shell(Queue.of(loss.queue()).name()));
    }

    private static List<PageRow> keeps(QueueWatch.Look look) {
        List<PageRow> all = new ArrayList<>();
        for (SubscriberStats s : look.reading().unattended())
            if (!isBridge(s) && (s.lag() > 0 || s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER))
                all.add(row(
                        look,
                        Kind.UNATTENDED.check,
                        ServeWatch.who(s),
                        "no process reads it; lag " + Text.number(s.lag())
                                + (s.name() == null || !mayUnsubscribe(look)
                                        ? ""
                                        : ". Start its subscriber; "
                                                + RemedyText.of(
                                                        "'belfry unsubscribe QUEUE NAME' ends it, and loses what it has not read",
                                                        Map.of(
                                                                "QUEUE",
                                                                look.report().argument(),
                                                                "NAME",
                                                                ShellWords.of(s.name())))),
                        look.reading().ages().alone(s) / 1_000_000_000,
                        "belfry subs " + name(look)));
        for (Judgement.Reason reason : look.reading().reasons())
            if (reason.kind() == Kind.FILLING)
                all.add(row(
                        look,
                        reason.kind().check,
                        reason.subscriber() == null ? null : ServeWatch.who(reason.subscriber()),
                        reason.text(),
                        -1,
                        "belfry top " + name(look)));
        for (Trouble trouble : troubles(look)) {
            String queue = trouble.queue() == null ? "" : " " + shell(trouble.queue());
            String command =
                    switch (trouble.kind()) {
                        case STOPPED_CONSUMER, STOPPED_SUBSCRIBER -> continues(look, trouble.pid());
                        case DEAD_LETTERS, POISON ->
                            queue.isEmpty() ? "belfry doctor " + name(look) : "belfry jms browse " + name(look) + queue;
                        case FILLING -> "belfry jms ls " + name(look);
                        case FULL -> null;
                    };
            if (command != null) all.add(row(look, trouble.kind().check, trouble.queue(), trouble.what(), -1, command));
        }
        return all;
    }

    /** Not of a queue that other processes have open, and that cannot be opened here, whatever the reason is. */
    private static boolean mayUnsubscribe(QueueWatch.Look look) {
        Map<String, Object> properties = look.report().properties();
        return !properties.containsKey("failure") && !properties.containsKey("problem");
    }

    private static List<Trouble> troubles(QueueWatch.Look look) {
        return look.reading().domain() == null
                ? List.of()
                : look.reading().domain().troubles();
    }

    /** No other part of the page tells about the machine, or a queue whose name was removed: so also warnings. */
    private static List<Map<String, Object>> broken(ServeWatch.Known now) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Verdict verdict :
                now.verdicts().stream().sorted(Verdict.WORST_FIRST).toList())
            for (Verdict.Said said : verdict.said()) {
                boolean isTold =
                        said.level() != Verdict.Level.CRITICAL && now.looks().containsKey(verdict.uri());
                if (isTold || ELSEWHERE.contains(said.check())) continue;
                String who = said.check().isEmpty() ? verdict.word() : said.check();
                Map<String, Object> row = Json.object(
                        new PageRow(verdict.uri(), said.check(), who, words(said), -1, command(said.remedy())));
                row.put("level", Text.word(said.level()));
                all.add(row);
            }
        return all;
    }

    /** A command that ends something for good is in the remedy, and not one click away. */
    static String command(String remedy) {
        Matcher command = COMMAND.matcher(remedy);
        return command.find() && !command.group(1).matches("belfry (reset|rm|unsubscribe) .*") ? command.group(1) : "";
    }

    private static String words(Verdict.Said said) {
        return said.remedy().isEmpty() ? said.what() : said.what() + ". " + said.remedy();
    }

    /** Bridges that tell of themselves, and the others by their subscriptions. */
    private List<PageRow> bridges(List<QueueWatch.Look> looks) {
        List<PageRow> all = new ArrayList<>();
        bridges.forEach(each -> all.addAll(PageRow.at(each)));
        List<PageRow> told = List.copyOf(all);
        for (QueueWatch.Look look : looks)
            for (PageRow row : bridges(look)) if (told.stream().noneMatch(one -> isOf(one, row))) all.add(row);
        return all;
    }

    /** To a topic the name of the subscription has the id of a cluster at its end. */
    private static boolean isOf(PageRow told, PageRow row) {
        String who = row.who();
        return told.queue().equals(row.queue())
                && (who.equals(told.who()) || who.startsWith("to kafka:") && who.startsWith(told.who() + "-"));
    }

    /** By the names of their subscriptions: such a bridge tells nobody more. */
    private static List<PageRow> bridges(QueueWatch.Look look) {
        return look.reading().stats().subscribers().stream()
                .filter(ServePage::isBridge)
                .map(s -> row(
                        look,
                        Kind.UNATTENDED.check,
                        "to " + s.name().substring(ShellWords.BRIDGE.length()).replaceFirst("-", ":"),
                        (s.attached() ? "pid " + s.pid() : "it does not run") + "; lag " + Text.number(s.lag()),
                        s.attached() ? -1 : look.reading().ages().alone(s) / 1_000_000_000,
                        s.attached() ? "" : "belfry bridge " + name(look) + " " + ShellWords.targetOfBridge(s.name())))
                .toList();
    }

    private static boolean isBridge(SubscriberStats s) {
        return s.name() != null && s.name().startsWith(ShellWords.BRIDGE);
    }

    private static PageRow row(
            QueueWatch.Look look, String check, String who, String what, long seconds, String command) {
        return new PageRow(look.uri(), check, who, what, seconds, command);
    }

    private static Map<String, Object> queue(ServeWatch.Known now, QueueWatch.Look look) {
        List<ServeWatch.Sample> samples = now.samples().getOrDefault(look.uri(), List.of());
        Verdict verdict = now.verdict(look);
        Map<String, Object> json = Json.object(
                "uri", look.uri(),
                "health", verdict.word(),
                "rank", verdict.level().rank(),
                "said", verdict.said().stream().map(QueueJson::said).toList());
        if (look.report() == null) return json;
        Reading reading = look.reading();
        QueueStats stats = reading.stats();
        boolean isDomain = look.isDomain();
        DomainTools.Contents domain = isDomain ? reading.domain() : null; // null also if nobody has read it
        json.put("isDomain", isDomain);
        json.put("messages", domain != null ? domain.messages() : isDomain ? null : stats.newestPosition());
        json.put("rate", Math.round(reading.messages()));
        json.put("lag", isDomain ? null : reading.lag());
        json.put("lost", reading.lost());
        json.put("oldestSeconds", isDomain ? null : TimeUnit.NANOSECONDS.toSeconds(reading.oldest()));
        json.put("publishedSeconds", Math.floorDiv(reading.ages().lastPublish(), 1_000_000_000L)); // -1: not known
        json.put("size", look.report().size());
        json.put("maxSize", look.report().maxSize());
        json.put("inUse", QueueCounter.IN_USE.of(stats));
        json.put("publisherCount", stats.publisherCount());
        json.put(
                "subscriberCount",
                domain != null ? domain.consumers() : stats.subscribers().size());
        json.put("rates", samples.stream().map(one -> Math.round(one.rate())).toList());
        json.put("lags", samples.stream().map(ServeWatch.Sample::lag).toList());
        return json;
    }

    private static long seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toSeconds());
    }

    private static String name(QueueWatch.Look look) {
        String name = Queue.of(look.uri()).name();
        return name.startsWith("-")
                ? look.uri()
                : shell(name); // with two dashes before it, none after it could have them
    }

    /** One argument of a shell, whatever is in it. */
    static String shell(String name) {
        String word = name.matches("[A-Za-z0-9._/-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
        return name.startsWith("-") ? "-- " + word : word;
    }
}
