package dev.belfry.cli;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
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
                "Removes queues with their messages and named subscriptions. Unless --force, not while a process is attached, and no domain of Jakarta Messaging with unread messages.",
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
                    "Also if a process is attached, a named subscription or unread messages of a domain would be lost, or the file is another program's.")
    boolean force;

    @Override
    int run(PrintWriter out) {
        List<Queue> all = queues.stream().map(Queue::of).toList(); // a wrong name removes none
        List<Object> removed = new ArrayList<>();
        int code = Exit.OK;
        for (Queue queue : all) {
            String refusal = remove(queue);
            if (refusal != null) {
                err().println(
                                json
                                        ? Json.of(Json.object("error", Text.clean(refusal)))
                                        : Text.clean("belfry: " + refusal));
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
            boolean was = force ? MessageQueues.delete(URI.create(queue.toString())) : removeUnused(queue);
            return was ? null : queue + " stays: there is no such queue";
        } catch (InUseException whose) {
            return whose.getMessage();
        } catch (MessageQueueException refused) {
            return queue + " stays: " + refused.getMessage();
        }
    }

    private static boolean removeUnused(Queue queue) {
        if (isDomainToCount(queue)) refuseIfUnread(queue);
        return queue.inspector().deleteUnused(queue.name());
    }

    /** A process that is attached counts more. What the last close would have deleted is nobody's any more. */
    private static boolean isDomainToCount(Queue queue) {
        try {
            QueueReport report = queue.look();
            return "domain".equals(report.properties().get("kind"))
                    && report.members().isEmpty()
                    && !Boolean.TRUE.equals(report.properties().get("deleteOnLastClose"));
        } catch (MessageQueueException notToBeLookedAt) {
            return false; // missing, or damaged: deleteUnused decides
        }
    }

    private static void refuseIfUnread(Queue queue) {
        List<DomainTools.Unread> unread;
        try (MessageQueue domain = queue.openDomain()) {
            unread = Transports.domainTools().unread(queue.toString(), domain.unwrap(Log.class));
        } catch (QueueCorruptedException damaged) {
            return; // as any queue that is damaged
        } catch (MessageQueueException refused) {
            throw Errors.uncounted(queue.toString(), refused.getMessage());
        }
        if (!unread.isEmpty())
            throw Errors.unreadWouldBeLost(
                    queue.toString(),
                    unread.stream().map(DomainTools.Unread::text).toList());
    }
}
