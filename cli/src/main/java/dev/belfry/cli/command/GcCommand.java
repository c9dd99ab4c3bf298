package dev.belfry.cli.command;

import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "gc",
        description = {
            "Removes what provably no process uses: deleteOnLastClose queues whose processes were all killed, "
                    + "semaphores that no process has open, and what queues of file: have in /dev/shm whose directory is gone.",
            "A queue that was created to stay is not garbage, even if no process uses it: see 'belfry rm'."
        },
        footer = {"  belfry gc --dry-run", "  belfry gc"})
public final class GcCommand extends LimitedCommand {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Only prints what it would remove.")
    boolean dryRun;

    @Override
    protected int run(PrintWriter out) {
        Transports.requireUsable(Queue.SCHEME);
        QueueInspector inspector = Transports.inspector(Queue.SCHEME);
        List<Map<String, Object>> all = new ArrayList<>();
        boolean refused = false;
        for (Finding found : inspector.leftOvers()) {
            Repair repair = dryRun ? Repair.NONE : Repair.of(inspector, found);
            if (!dryRun && !repair.done() && repair.failure() == null) continue; // gone by now, or in use again
            refused |= repair.failure() != null;
            Map<String, Object> item = Json.object(
                    "subject", found.subject(), "kind", found.check(), "what", found.what(), "done", repair.done());
            if (repair.failure() != null) item.put("failure", repair.failure());
            all.add(item);
            if (!json) out.println(outcome(repair) + Text.clean(found.subject()) + ": " + because(repair, found));
        }
        if (json) out.println(Json.of(Json.object("leftOvers", all)));
        else if (all.isEmpty()) err().println("Nothing to remove.");
        return refused ? Exit.PROBLEM : Exit.OK;
    }

    private String outcome(Repair repair) {
        if (dryRun) return "would remove ";
        return repair.failure() != null ? "cannot remove " : "removed ";
    }

    private static String because(Repair repair, Finding found) {
        return repair.failure() != null ? Text.clean(repair.failure()) : Text.clean(found.what());
    }
}
