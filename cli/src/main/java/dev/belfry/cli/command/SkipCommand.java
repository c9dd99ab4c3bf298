package dev.belfry.cli.command;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.OfSubscription;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Unread;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.QueueCounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "skip",
        description =
                "Passes over the next message of a named subscription: one that its program cannot take. It is printed first. Not while a process is attached.",
        footer = {
            "  belfry skip prices audit --dry-run           shows it",
            "  belfry skip prices audit --keep poison.json  adds it to that file, then passes over it",
            "  belfry skip prices audit --count 3"
        })
public final class SkipCommand extends OfSubscription {
    @Option(names = "--count", paramLabel = "N", defaultValue = "1", description = "So many (${DEFAULT-VALUE}).")
    Long count;

    @Option(names = "--keep", paramLabel = "FILE", description = "Adds each to this file, a line of JSON each.")
    Path keep;

    @Override
    protected int with(MessageQueue opened, QueueStats stats, SubscriberStats subscription, PrintWriter out) {
        require(count > 0, "--count must be > 0, was " + count);
        refuseIfItFailedLater(subscription);
        // First: the subscription that is attached to has no listener that failed any more.
        if (!dryRun) keep("", "nothing was passed over");
        long passed = 0;
        try (Subscriber in = attach(opened, subscription)) {
            while (passed < count && in.position() < stats.newestPosition() && passNext(in, out)) passed++;
        }
        if (passed == 0) throw new Exit.Problem("'" + name + "' has no unread message");
        err().println((dryRun ? "belfry: would pass over " : "belfry: passed over ") + Text.number(passed) + " of "
                + Text.clean(name));
        return Exit.OK;
    }

    /** Passes over the next message, or shows it; false: there is none. */
    private boolean passNext(Subscriber in, PrintWriter out) {
        Message message;
        try {
            message = new Unread(in, Queue.of(queue).isOfThisMachine()).next();
        } catch (IncompatibleVersionException newer) {
            passOver(in, newer);
            return true;
        }
        if (message == null) return false;
        out.println((json ? Format.JSON : Format.TEXT).line(message));
        if (out.checkError())
            throw new Exit.Problem("message " + message.position() + " cannot be printed: it was not passed over");
        if (dryRun) return true;
        keep(Format.JSON.line(message) + "\n", "message " + message.position() + " was not passed over");
        in.acknowledge(message.position());
        return true;
    }

    /** Only a newer library can read it, so nothing of it can be shown or kept. */
    private void passOver(Subscriber in, IncompatibleVersionException newer) {
        if (dryRun || newer.position() == 0) throw newer;
        if (keep != null)
            throw new Exit.Problem(Text.clean(newer.getMessage()) + " It cannot be kept: leave out --keep");
        err().println("belfry: " + Text.clean(newer.getMessage()));
        in.seek(StartAt.at(newer.position() + 1));
    }

    /** One that acknowledges many at once has others before it, which are no poison. */
    private void refuseIfItFailedLater(SubscriberStats subscription) {
        long failed = QueueCounter.STOPPED.of(subscription);
        long before = failed - subscription.acknowledgedPosition() - 1;
        if (before <= 0 || spec.commandLine().getParseResult().hasMatchedOption("--count")) return;
        throw new Exit.Problem("the listener of '" + name + "' failed at message " + failed + ", and those from "
                + (failed - before) + " on are not acknowledged: --count " + (before + 1)
                + " passes over all of them, --count 1 over the first");
    }

    /** On the disk before it counts as acknowledged. */
    private void keep(String line, String otherwise) {
        if (keep == null) return;
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        try {
            Files.write(keep, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.SYNC);
        } catch (IOException failed) {
            throw new Exit.Problem("cannot write to '" + keep + "' (" + failed.getMessage() + "): " + otherwise);
        }
    }
}
