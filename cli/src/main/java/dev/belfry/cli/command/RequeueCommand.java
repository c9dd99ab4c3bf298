package dev.belfry.cli.command;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Unread;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "requeue",
        description =
                "Sends messages at which a listener failed back to the queues that they came from. All subscribers there get them again: belfry_failed_subscriber names the one at which each failed.",
        footer = {
            "  belfry requeue orders-failed --dry-run        shows them",
            "  belfry requeue orders-failed --count 1",
            "  belfry requeue orders-failed --name operator  what 'operator' has not acknowledged",
            "  belfry requeue orders-failed --to orders-again"
        })
public final class RequeueCommand extends BelfryCommand {
    @Parameters(paramLabel = "DLQ", description = "The queue to which they were moved.")
    String queue;

    @Option(names = "--to", paramLabel = "Q", description = "This queue instead of the ones that they came from.")
    String to;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "requeue",
            description =
                    "The subscription whose unread messages go back (${DEFAULT-VALUE}). A new one begins at the oldest, and holds up nobody.")
    String name;

    @Option(names = "--count", paramLabel = "N", description = "At most so many. Default: those that are there now.")
    Long count;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Only prints them.")
    boolean dryRun;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "Fails if opening a queue, or room in one, takes longer (${DEFAULT-VALUE}; 1s at least).")
    String timeout;

    private final Map<String, Target> targets = new LinkedHashMap<>();

    private record Target(MessageQueue queue, Publisher publisher) {}

    @Override
    protected int run(PrintWriter out) {
        require(count == null || count > 0, "--count must be > 0, was " + count);
        Queue failed = Queue.of(queue);
        if (to != null && Queue.of(to).uri().equals(failed.uri()))
            throw new Exit.Problem("--to names '" + failed + "' itself, from which they would come again");
        long done = 0;
        try (MessageQueue opened = Opening.within(timeout, failed, failed::openExisting)) {
            QueueStats stats = opened.stats();
            long newest = stats.newestPosition(); // what fails again meanwhile waits for the next time
            try (Subscriber in = opened.createSubscriber(options(opened, stats))) {
                while ((count == null || done < count) && in.position() < newest) {
                    Message message = new Unread(in, failed.isOfThisMachine()).next();
                    if (message == null || message.position() > newest) break;
                    requeue(message, in, out);
                    done++;
                }
                if (in.lostCount() > 0)
                    err().println("belfry: missed " + Text.number(in.lostCount())
                            + " message(s): overwritten before they were read");
            }
        } finally {
            targets.values().forEach(target -> target.queue.close());
            err().println((dryRun ? "belfry: would send back " : "belfry: sent back ") + Text.number(done));
        }
        return Exit.OK;
    }

    /** In the place of that subscription, with its policy; or as an observer, which changes nothing. */
    private SubscriberOptions options(MessageQueue opened, QueueStats stats) {
        SubscriberStats there = stats.subscribers().stream()
                .filter(each -> name.equals(each.name()))
                .findFirst()
                .orElse(null);
        if (dryRun)
            return SubscriberOptions.observer(
                    there == null ? StartAt.OLDEST_RETAINED : StartAt.at(there.acknowledgedPosition() + 1));
        SlowSubscriber policy = opened.capabilities().contains(Capability.OVERRUN)
                ? SlowSubscriber.OVERRUN
                : SlowSubscriber.GATE_PUBLISHER;
        return SubscriberOptions.builder()
                .name(name)
                .startAt(StartAt.OLDEST_RETAINED)
                .slowSubscriber(there == null ? policy : there.slowSubscriber())
                .ackMode(AckMode.CLIENT)
                .build();
    }

    /** Published before it is acknowledged: a process that dies in between sends it once more. */
    private void requeue(Message message, Subscriber in, PrintWriter out) {
        String origin = to != null ? to : origin(message);
        out.println((json ? Format.JSON : Format.TEXT).line(message));
        if (dryRun) return;
        Target target = targets.computeIfAbsent(origin, each -> open(message, each));
        MessageProperties properties = unmarked(message.properties(), OnFailure.ADDED);
        if (message.length() + properties.encodedLength() > target.publisher.maxMessageLength())
            properties = unmarked(properties, Set.of());
        long position = target.publisher.offer(ByteBuffer.wrap(message.bytes()), properties, time(timeout));
        if (position < 0) throw stays(message, "'" + origin + "' is full");
        if (target.queue.capabilities().contains(Capability.AWAIT_DURABLE)
                && !target.publisher.awaitDurable(position, time(timeout)))
            throw stays(message, "the disk of '" + origin + "' has not answered within " + timeout);
        in.acknowledge(message.position());
    }

    private String origin(Message message) {
        if (message.properties().get(OnFailure.ORIGIN) instanceof String origin) return origin;
        throw stays(message, "it has no " + OnFailure.ORIGIN + ": give --to, or pass over it by 'belfry skip'");
    }

    private Target open(Message message, String origin) {
        try {
            Queue named = Queue.of(origin);
            MessageQueue opened = Opening.within(timeout, named, named::openExisting);
            return new Target(opened, opened.createPublisher());
        } catch (QueueNotFoundException gone) {
            throw stays(message, "there is no queue '" + origin + "' any more: give --to, or create it");
        }
    }

    /** With the mark of a bridge, those who drop duplicates would take it for one. {@code ours}: what else is kept. */
    private static MessageProperties unmarked(MessageProperties all, Set<String> ours) {
        MessageProperties.Builder own = MessageProperties.builder().putAll(all);
        for (String each : all.names()) if (ours.contains(each)) own.putReceived(each, all.get(each));
        return own.build();
    }

    private static Exit.Problem stays(Message message, String why) {
        return new Exit.Problem("message " + message.position() + " was not sent back, and stays: " + why);
    }
}
