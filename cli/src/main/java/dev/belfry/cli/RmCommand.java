package dev.belfry.cli;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import java.io.PrintWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rm",
        description =
                "Removes queues with their messages and named subscriptions; not while a process is attached, unless --force.",
        footer = {
            "  belfry rm prices",
            "  belfry rm --force prices trades    attached processes continue with it among themselves"
        })
final class RmCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", arity = "1..*", description = "The queues.")
    List<String> queues;

    @Option(
            names = "--force",
            description =
                    "Also if a process is attached, a named subscription would be lost, or the file is another program's.")
    boolean force;

    @Override
    int run(PrintWriter out) {
        List<Queue> all = queues.stream().map(Queue::of).toList(); // a wrong name removes none
        List<Object> removed = new ArrayList<>();
        int code = Exit.OK;
        for (Queue queue : all) {
            String refusal = remove(queue);
            if (refusal != null) {
                err().println(Text.clean("belfry: " + refusal));
                code = Exit.PROBLEM;
            } else {
                removed.add(queue.toString());
                if (!json) out.println("removed " + queue);
            }
        }
        if (json) out.println(Json.of(Json.object("removed", removed)));
        return code;
    }

    /** Null: it was removed. */
    private String remove(Queue queue) {
        try {
            boolean was = force
                    ? MessageQueues.delete(URI.create(queue.toString()))
                    : queue.inspector().deleteUnused(queue.name());
            return was ? null : queue + " stays: there is no such queue";
        } catch (InUseException whose) {
            return whose.getMessage();
        } catch (MessageQueueException refused) {
            return queue + " stays: " + refused.getMessage();
        }
    }
}
