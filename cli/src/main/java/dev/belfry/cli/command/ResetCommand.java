package dev.belfry.cli.command;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.OfSubscription;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Unread;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "reset",
        description =
                "Lets a named subscription go on at another message: at an older one that is retained, or at a newer one. Not while a process is attached.",
        footer = {
            "  belfry reset prices audit --to oldest --dry-run",
            "  belfry reset prices audit --to oldest     all that is retained comes again",
            "  belfry reset prices audit --to newest     only what is published from now on",
            "  belfry reset prices audit --to 812"
        })
public final class ResetCommand extends OfSubscription {
    @Option(
            names = "--to",
            paramLabel = "WHERE",
            required = true,
            description = "oldest, newest (what is unread is passed over), or a position.")
    String to;

    @Override
    protected int with(MessageQueue opened, QueueStats stats, SubscriberStats subscription, PrintWriter out) {
        long next = next(stats);
        long now = subscription.acknowledgedPosition() + 1;
        if (!dryRun)
            try (Subscriber in = attach(opened, subscription)) {
                if (next > now && Queue.of(queue).isOfThisMachine()) passOver(in, next - 1);
                else in.seek(to.equals("newest") ? StartAt.NOW : StartAt.at(next));
            }
        long change = Math.abs(next - now);
        String words = (dryRun ? "would go on" : "goes on") + " at message " + Text.number(next) + ", not "
                + Text.number(now) + ": " + Text.number(change)
                + (next < now ? " come again" : " are passed over");
        Object[] told = {"uri", queue, "subscription", name, "fromPosition", now, "toPosition", next, "done", !dryRun};
        say(out, Json.object(told), words);
        return Exit.OK;
    }

    /** Reads them: what a seek passes over counts as lost, and here an operator meant it. */
    private static void passOver(Subscriber in, long last) {
        try {
            while (in.position() < last) {
                int most = (int) Math.min(1_000, last - in.position());
                if (new Unread(in, true).pass(most) == 0) break;
            }
            in.acknowledge(last);
        } catch (QueueCorruptedException
                | IncompatibleVersionException notToBeRead) { // from there on it counts as lost
            in.seek(StartAt.at(last + 1));
        }
    }

    /** Refuses what is not retained: a seek would begin after it, in silence. */
    private long next(QueueStats stats) {
        long oldest = Math.max(1, stats.oldestPosition());
        long newest = stats.newestPosition();
        if (to.equals("oldest")) return oldest;
        if (to.equals("newest")) return newest + 1;
        try {
            long position = Long.parseLong(to);
            require(
                    position >= oldest && position <= newest + 1,
                    "--to must be a message from " + oldest + " to " + (newest + 1) + ", was " + position);
            return position;
        } catch (NumberFormatException word) {
            throw new IllegalArgumentException("--to must be 'oldest', 'newest' or a position, was '" + to + "'");
        }
    }
}
