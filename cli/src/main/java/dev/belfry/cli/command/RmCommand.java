package dev.belfry.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Looking;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.ShellWords;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rm",
        description =
                "Removes queues with their messages and named subscriptions. Unless --force, not while a process is attached, and no domain of Jakarta Messaging with unread messages. A topic of Apache Kafka only with --force, and once its name has been typed.",
        footer = {
            "  belfry rm prices",
            "  belfry rm --force prices trades    attached processes continue with it among themselves",
            "  belfry rm --force 'kafka:orders?bootstrap=broker1:9092'    asks for the topic's name"
        })
public final class RmCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", arity = "1..*", description = "The queues.")
    List<String> queues;

    @Option(
            names = "--force",
            description =
                    "Also if a process is attached, a named subscription or unread messages of a domain would be lost, or the file is another program's. It is no error if there is no such queue.")
    boolean force;

    @Mixin
    Looking looking;

    private BufferedReader answers; // null before the first question

    @Override
    protected int run(PrintWriter out) {
        List<Queue> all = queues.stream().map(Queue::of).toList(); // a wrong name removes none
        List<Object> removed = new ArrayList<>();
        int code = Exit.OK;
        for (Queue queue : all) {
            String refusal = remove(queue, removed, out);
            if (refusal != null) {
                say(err(), Json.object("error", Text.clean(refusal)), Text.clean("belfry: " + refusal));
                code = Exit.PROBLEM;
            }
        }
        if (json) out.println(Json.of(Json.object("removed", removed)));
        return code;
    }

    /** Returns a refusal; null: it is not there any more. */
    private String remove(Queue queue, List<Object> removed, PrintWriter out) {
        try {
            String pages = pagesBeside(queue);
            boolean was = !queue.isOfThisMachine()
                    ? removeElsewhere(queue)
                    : force ? MessageQueues.delete(URI.create(queue.toString())) : removeUnused(queue);
            if (!was) return notThere(queue, out);
            removed.add(queue.toString());
            if (!json) out.println("removed " + queue);
            if (pages != null)
                err().println("belfry: " + queue + " had messages in " + pages + ", which stay there for no domain:"
                        + " 'belfry rm --force " + ShellWords.of(Queue.of(pages).name()) + "' removes them");
            return null;
        } catch (QueueNotFoundException missing) {
            if (force) return notThere(queue, out);
            return queue + " stays: " + missing.getMessage();
        } catch (InUseException whose) {
            return whose.getMessage();
        } catch (MessageQueueException | Exit.Problem refused) {
            return queue + " stays: " + refused.getMessage();
        }
    }

    /** Done, if it is forced. */
    private String notThere(Queue queue, PrintWriter out) {
        String text = "there is no queue '" + queue + "'";
        if (force && !json) out.println(text);
        return force ? null : text;
    }

    /** The queue of files of a domain that lies in memory; null: it has none, or that is not known. */
    private static String pagesBeside(Queue queue) {
        if (!queue.scheme().equals(Queue.SCHEME) || DomainTools.find().isEmpty()) return null;
        try {
            if (!Queue.isDomain(queue.look())) return null;
            DomainTools.Paged pages = queue.inspector().observe(queue.name(), log -> Transports.domainTools()
                    .paged(queue.toString(), log, Long.MAX_VALUE));
            return pages == null
                            || !Files.exists(Path.of(Queue.of(pages.queue()).name()))
                    ? null
                    : pages.queue();
        } catch (MessageQueueException | UnsupportedOperationException notToBeRead) {
            return null;
        }
    }

    /** Other machines may use it, which nobody can tell; so its name is typed. */
    private boolean removeElsewhere(Queue queue) {
        if (!force)
            throw new Exit.Problem("programs of other machines may use it; 'belfry rm --force " + queue.words()
                    + "' asks for its topic's name, and removes it for all of them");
        QueueReport report = looking.at(queue);
        String topic = String.valueOf(report.properties().get("topic"));
        QueueStats stats = report.stats();
        String typed = answer("This removes topic " + topic + " for all machines, with "
                + Text.number(stats.newestPosition() == 0 ? 0 : stats.newestPosition() - stats.oldestPosition() + 1)
                + " message(s) and the subscriptions "
                + stats.subscribers().stream().map(Text::nameOf).toList() + ". Type its name: ");
        if (!topic.equals(typed))
            throw new Exit.Problem("its topic is " + topic + ", and what was typed is '" + typed + "'");
        return MessageQueues.delete(queue.uri());
    }

    /** Empty at the end of the input. */
    private String answer(String question) {
        err().print(Text.clean(question));
        err().flush();
        if (answers == null) answers = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try {
            String line = answers.readLine();
            return line == null ? "" : line.strip();
        } catch (IOException closed) {
            return "";
        }
    }

    private static boolean removeUnused(Queue queue) {
        List<Long> attached = attachedToADomain(queue);
        if (attached != null) refuseIfUnread(queue, attached);
        return queue.inspector().deleteUnused(queue.name());
    }

    /**
     * Returns null if it is none, or one that the last close would have deleted, which is nobody's any more. Processes
     * that are attached count more than messages; they may have left when it is deleted, so both are asked.
     */
    private static List<Long> attachedToADomain(Queue queue) {
        try {
            QueueReport report = queue.look();
            boolean isToCount = Queue.isDomain(report)
                    && !(report.members().isEmpty()
                            && Boolean.TRUE.equals(report.properties().get("deleteOnLastClose")));
            return isToCount
                    ? report.members().stream()
                            .map(QueueReport.Member::pid)
                            .distinct()
                            .toList()
                    : null;
        } catch (MessageQueueException notToBeLookedAt) {
            return null; // missing, or damaged: deleteUnused decides
        }
    }

    private static void refuseIfUnread(Queue queue, List<Long> attached) {
        List<DomainTools.Unread> unread;
        try (MessageQueue domain = queue.openDomain()) {
            unread = Transports.domainTools().unread(queue.toString(), domain.unwrap(Log.class));
        } catch (QueueCorruptedException damaged) {
            return; // as any queue that is damaged
        } catch (MessageQueueException refused) {
            throw attached.isEmpty()
                    ? Errors.uncounted(queue.toString(), "unread messages", refused.getMessage())
                    : Errors.queueInUse(queue.toString(), attached);
        }
        if (unread.isEmpty()) return;
        throw attached.isEmpty()
                ? Errors.unreadWouldBeLost(
                        queue.toString(),
                        unread.stream().map(DomainTools.Unread::text).toList())
                : Errors.queueInUse(queue.toString(), attached);
    }
}
