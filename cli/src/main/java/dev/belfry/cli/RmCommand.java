package dev.belfry.cli;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.QueueReport;
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
                "Removes queues with their messages and named subscriptions; not while somebody is attached, unless --force.",
        footer = {
            "  belfry rm prices",
            "  belfry rm --force prices trades    who is attached goes on with it among themselves"
        })
final class RmCommand extends AnyCommand {
    @Parameters(paramLabel = "Q", arity = "1..*", description = "The queues.")
    List<String> queues;

    @Option(names = "--force", description = "Also if somebody is attached, or a named subscription would be lost.")
    boolean force;

    @Override
    int run(PrintWriter out) {
        List<Object> removed = new ArrayList<>();
        int code = Belfry.OK;
        for (String each : queues) {
            Queue queue = Queue.of(each);
            String refusal = force ? null : refusal(queue);
            if (refusal == null) refusal = remove(queue);
            if (refusal != null) {
                err().println("belfry: " + queue + " stays: " + refusal);
                code = Belfry.PROBLEM;
            } else {
                removed.add(queue.toString());
                if (!json) out.println("removed " + queue);
            }
        }
        if (json) out.println(Json.of(Json.object("removed", removed)));
        return code;
    }

    /** Null: it is removed. */
    private static String remove(Queue queue) {
        try {
            return MessageQueues.delete(URI.create(queue.toString())) ? null : "there is no such queue";
        } catch (MessageQueueException refused) {
            return refused.getMessage();
        }
    }

    /** Null: it may go. What cannot be looked at, because it is damaged, may. */
    private static String refusal(Queue queue) {
        QueueReport report;
        try {
            report = queue.look();
        } catch (QueueNotFoundException | QueueAccessDeniedException said) {
            return said.getMessage();
        } catch (MessageQueueException damagedOrForeign) {
            return null;
        }
        List<Long> pids = report.members().stream()
                .map(QueueReport.Member::pid)
                .distinct()
                .toList();
        if (!pids.isEmpty()) return "attached are the processes " + pids + "; --force removes its name all the same";
        List<String> names =
                report.stats().subscribers().stream().map(SubscriberStats::name).toList();
        if (!names.isEmpty()) return "the subscriptions " + names + " would be lost; --force removes it all the same";
        return null;
    }
}
