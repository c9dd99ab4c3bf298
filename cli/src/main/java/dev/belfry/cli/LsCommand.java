package dev.belfry.cli;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.SubscriberStats;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "ls",
        description = "Every queue of this machine, without joining any: damaged and foreign ones, too.",
        footer = {
            "  belfry ls",
            "  belfry ls --json | jq '.[] | select(.unattended != [])'",
            "",
            "Another user's private queue is 'denied', one of another layout is 'version': neither is a problem.",
            "Exit code 1 if one of them is damaged or foreign, or stuck: a publisher has waited for 30 s."
        })
final class LsCommand extends BelfryCommand {
    /** Of one queue: the worst come first. */
    private static final int MOST_NOTES = 5;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "250ms",
            description = "Between the two readings that give the rates (${DEFAULT-VALUE}).")
    String interval;

    @Override
    int run(PrintWriter out) throws Exception {
        Duration pause = interval(interval);
        Transports.requireUsable(Queue.SCHEME);
        QueueWatch watch = new QueueWatch(Queue.SCHEME);
        if (!watch.all(null).isEmpty()) Thread.sleep(pause.toMillis());
        List<QueueWatch.Look> all = watch.all(null);
        if (json) out.println(Json.of(all.stream().map(Json::queue).toList()));
        else if (all.isEmpty()) err().println("No queues in /dev/shm.");
        else print(all, out);
        return all.stream().anyMatch(LsCommand::isBad) ? Exit.PROBLEM : Exit.OK;
    }

    private static boolean isBad(QueueWatch.Look look) {
        return look.report() == null
                ? !look.hidden().isNoProblem()
                : look.health().status() == QueueHealth.Status.STUCK;
    }

    private static void print(List<QueueWatch.Look> all, PrintWriter out) {
        table(all).lines(ansi(), "").forEach(out::println);
        for (QueueWatch.Look look : all) notes(look).forEach(note -> out.println(paint(note)));
    }

    /** With a column for what was lost only where there is any: a terminal may have 80 columns. */
    static Table table(List<QueueWatch.Look> all) {
        boolean lost = all.stream().anyMatch(look -> look.report() != null && look.lost() > 0);
        Table table = new Table();
        table.row(row(
                lost, "LOST", "QUEUE", "MESSAGES", "SIZE", "MAX", "PUBS", "SUBS", "MSG/S", "BYTES/S", "LAG", "HEALTH"));
        for (QueueWatch.Look look : all) {
            if (look.report() == null) {
                String health = Text.health(look.hidden());
                table.row(row(lost, "-", Text.brief(look.uri()), "-", "-", "-", "-", "-", "-", "-", "-", health));
                continue;
            }
            table.row(row(
                    lost,
                    Text.number(look.lost()),
                    Text.brief(look.uri()),
                    Text.number(look.stats().newestPosition()),
                    Text.size(look.stats().capacity()),
                    Text.size(look.stats().maxCapacity()),
                    Text.number(look.stats().publishers()),
                    Text.number(look.stats().subscribers().stream()
                            .filter(SubscriberStats::attached)
                            .count()),
                    Text.rate(look.messages()),
                    Text.size(look.bytes()),
                    Text.number(look.lag()),
                    Text.health(look.health().status())));
        }
        return table;
    }

    /** {@code lost}: before the last cell, if there is such a column. */
    private static String[] row(boolean hasLost, String lost, String... cells) {
        List<String> all = new ArrayList<>(List.of(cells));
        if (hasLost) all.add(all.size() - 1, lost);
        return all.toArray(new String[0]);
    }

    /** What needs attention. */
    static List<String> notes(QueueWatch.Look look) {
        if (look.report() == null)
            return List.of("@|" + (look.hidden().isNoProblem() ? "yellow" : "red") + " ! " + look.uri() + ": "
                    + Text.clean(look.problem()) + "|@");
        List<String> reasons = look.health().reasons();
        List<String> notes = new ArrayList<>();
        for (String reason : reasons.subList(0, Math.min(MOST_NOTES, reasons.size())))
            notes.add("@|yellow ! " + look.uri() + ": " + Text.clean(reason) + "|@");
        if (reasons.size() > MOST_NOTES)
            notes.add("@|yellow ! " + look.uri() + ": and " + Text.number(reasons.size() - MOST_NOTES)
                    + " more: 'belfry subs " + Text.clean(Text.brief(look.uri())) + "' shows the subscriptions|@");
        return notes;
    }
}
