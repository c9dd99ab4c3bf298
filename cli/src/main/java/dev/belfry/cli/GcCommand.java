package dev.belfry.cli;

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
            "Removes what provably belongs to nobody: queues that go with their last handle and whose processes were all killed, and semaphores that no process has open.",
            "A queue that was created to stay is not garbage, whoever uses it: see 'belfry rm'."
        },
        footer = {"  belfry gc --dry-run", "  belfry gc"})
final class GcCommand extends AnyCommand {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Only says what it would remove.")
    boolean dryRun;

    @Override
    int run(PrintWriter out) {
        Transports.requireUsable(Queue.SCHEME);
        QueueInspector inspector = Transports.inspector(Queue.SCHEME);
        List<Map<String, Object>> all = new ArrayList<>();
        for (Finding found : inspector.leftOvers()) {
            boolean removed = !dryRun && inspector.repair(found);
            all.add(Json.object(
                    "subject", found.subject(), "kind", found.check(), "what", found.what(), "removed", removed));
            if (!json)
                out.println((dryRun ? "would remove " : removed ? "removed " : "in use by now: ")
                        + Show.clean(found.subject()) + ": " + found.what());
        }
        if (json) out.println(Json.of(all));
        else if (all.isEmpty()) err().println("Nothing to remove.");
        return Belfry.OK;
    }
}
