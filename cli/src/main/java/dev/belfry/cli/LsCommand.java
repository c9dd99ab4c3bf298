package dev.belfry.cli;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.SubscriberStats;
import java.io.PrintWriter;
import java.time.Duration;
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
            "Exit code 1 if one of them is damaged or foreign, or stuck: has not moved for 30 s, which only a longer --interval shows."
        })
final class LsCommand extends AnyCommand {
    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "250ms",
            description = "Between the two looks that give the rates (${DEFAULT-VALUE}).")
    String interval;

    @Override
    int run(PrintWriter out) throws Exception {
        Duration pause = interval(interval);
        Transports.requireUsable(Queue.SCHEME);
        Looks looks = new Looks(Queue.SCHEME);
        if (!looks.all(null).isEmpty()) Thread.sleep(pause.toMillis());
        List<Looks.Look> all = looks.all(null);
        if (json) out.println(Json.of(all.stream().map(Looks::json).toList()));
        else if (all.isEmpty()) err().println("No queues in /dev/shm.");
        else print(all, out);
        return all.stream().anyMatch(LsCommand::isBad) ? Belfry.PROBLEM : Belfry.OK;
    }

    private static boolean isBad(Looks.Look look) {
        return look.report() == null
                ? !look.hidden().isNoProblem()
                : look.health().status() == QueueHealth.Status.STUCK;
    }

    private static void print(List<Looks.Look> all, PrintWriter out) {
        table(all).lines(ansi(), "").forEach(out::println);
        for (Looks.Look look : all) notes(look).forEach(note -> out.println(paint(note)));
    }

    static Table table(List<Looks.Look> all) {
        Table table = new Table();
        table.row("QUEUE", "MESSAGES", "SIZE", "MAX", "PUBS", "SUBS", "MSG/S", "BYTES/S", "LAG", "HEALTH");
        for (Looks.Look look : all) {
            if (look.report() == null) {
                table.row(Show.brief(look.uri()), "-", "-", "-", "-", "-", "-", "-", "-", Show.health(look.hidden()));
                continue;
            }
            table.row(
                    Show.brief(look.uri()),
                    Show.number(look.stats().newestPosition()),
                    Show.size(look.stats().capacity()),
                    Show.size(look.stats().maxCapacity()),
                    Show.number(look.stats().publishers()),
                    Show.number(look.stats().subscribers().stream()
                            .filter(SubscriberStats::attached)
                            .count()),
                    Show.rate(look.messages()),
                    Show.size(look.bytes()),
                    Show.number(look.lag()),
                    Show.health(look.health().status()));
        }
        return table;
    }

    /** What stands out. */
    static List<String> notes(Looks.Look look) {
        if (look.report() == null)
            return List.of("@|" + (look.hidden().isNoProblem() ? "yellow" : "red") + " ! " + look.uri() + ": "
                    + Show.clean(look.problem()) + "|@");
        return look.health().reasons().stream()
                .map(reason -> "@|yellow ! " + look.uri() + ": " + Show.clean(reason) + "|@")
                .toList();
    }
}
