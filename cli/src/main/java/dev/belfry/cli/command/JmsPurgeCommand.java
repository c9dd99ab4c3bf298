package dev.belfry.cli.command;

import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools.Waiting;
import dev.belfry.spi.Log;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "purge",
        description =
                "Ends the messages of a queue for good, as a consumer would that does nothing with them. What a consumer holds stays.",
        footer = {
            "  belfry jms purge shop orders --dry-run",
            "  belfry jms purge shop orders --selector \"colour = 'red'\"",
            "  belfry jms purge shop audit --subscription --client billing"
        })
final class JmsPurgeCommand extends JmsCommand.Taking {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Only says how many it would end. One that is to be delivered later counts, too.")
    boolean dryRun;

    @Override
    protected int run(PrintWriter out) {
        return dryRun ? count(out) : take("purged", null, out);
    }

    private int count(PrintWriter out) {
        long most = most();
        Queue named = domain();
        observe(named, log -> {
            long[] n = {0};
            tools().browse(named.toString(), log, source(named, log), selector, one -> {
                if (isTaken(one, log)) n[0]++;
                return n[0] < most;
            });
            out.println(
                    json
                            ? Json.of(Json.object("queue", queue, "wouldPurge", n[0]))
                            : "would purge " + Text.number(n[0]) + " of " + Text.clean(queue));
        });
        return Exit.OK;
    }

    /** The messages of the dead go back first. */
    private static boolean isTaken(Waiting one, Log log) {
        boolean isHeld = one.holder() != 0 && log.isAlive(one.holder());
        return !isHeld && (one.expires() == 0 || one.expires() > System.currentTimeMillis());
    }
}
