package dev.belfry.cli.frame;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.OverflowText;
import dev.belfry.spi.ShellWords;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves a named subscription in its subscriber's place. The queue refuses that while a process is attached to it. */
public abstract class OfSubscription extends BelfryCommand {
    public static final String FORCE =
            "Also if it is the place of a domain's messages in this queue, which are lost then.";

    @Parameters(index = "0", paramLabel = "Q", description = "The queue.")
    public String queue;

    @Parameters(index = "1", paramLabel = "NAME", description = "The subscription: 'belfry subs Q' lists them.")
    public String name;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Only prints what it would do.")
    public boolean dryRun;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if opening the queue takes longer, such as 5s (1s at least).")
    String timeout;

    @Option(names = "--force", description = FORCE)
    boolean force;

    @Override
    protected final int run(PrintWriter out) {
        Queue named = Queue.of(queue);
        Path files = Path.of(named.name());
        boolean isReadOnly = named.scheme().equals(Queue.FILES) && Files.exists(files) && !Files.isWritable(files);
        if (isReadOnly && !dryRun)
            throw new Exit.Problem("nothing was changed: '" + named + "' is not to be written, mount it for that");
        try (MessageQueue opened = Opening.within(timeout, named, named::openExisting)) {
            QueueStats stats = opened.stats();
            SubscriberStats subscription = there(named, stats);
            if (!dryRun && !force) refuseIfOfPages(named, subscription);
            return with(opened, stats, subscription, out);
        }
    }

    protected abstract int with(MessageQueue opened, QueueStats stats, SubscriberStats subscription, PrintWriter out);

    private SubscriberStats there(Queue named, QueueStats stats) {
        return stats.subscribers().stream()
                .filter(s -> name.equals(s.name()))
                .findFirst()
                .orElseThrow(() -> none(named, name));
    }

    /** Refuses what moves or ends the place of a domain's pages: their files would go. */
    public static void refuseIfOfPages(Queue named, SubscriberStats subscription) {
        if (ShellWords.OVERFLOW.equals(subscription.name()))
            throw new Exit.Problem("nothing was changed in '" + named + "': " + OverflowText.lost(subscription.lag())
                    + ". Let consumers of that domain receive them; --force does it anyway");
    }

    public static Exit.Problem none(Queue named, String name) {
        return new Exit.Problem(
                "'" + named + "' has no subscription '" + name + "': 'belfry subs " + named.words() + "' lists them");
    }

    /** In its place, with its policy; or as an observer, which changes nothing. */
    protected final Subscriber attach(MessageQueue opened, SubscriberStats subscription) {
        if (dryRun) return opened.createSubscriber(observer(subscription));
        return opened.createSubscriber(SubscriberOptions.builder()
                .name(name)
                .slowSubscriber(subscription.slowSubscriber())
                .ackMode(AckMode.CLIENT)
                .build());
    }

    private static SubscriberOptions observer(SubscriberStats subscription) {
        return SubscriberOptions.observer(StartAt.at(subscription.acknowledgedPosition() + 1));
    }
}
