package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.OfSubscription;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Remote;
import dev.belfry.spi.ShellWords;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "unsubscribe",
        description =
                "Ends named subscriptions for good: they keep no messages any more. Not while a process is attached.",
        footer = {
            "  belfry unsubscribe prices audit",
            "  belfry unsubscribe prices audit billing \"a name with spaces\"",
            "  belfry unsubscribe prices --match \"worker-*\" --dry-run    those that no process is attached to"
        })
public final class UnsubscribeCommand extends BelfryCommand {
    @Parameters(index = "0", paramLabel = "Q", description = "The queue.")
    String queue;

    @Parameters(
            index = "1",
            arity = "0..*",
            paramLabel = "NAME",
            description = "The subscriptions: 'belfry subs Q' lists them.")
    List<String> names = List.of();

    @Option(
            names = "--match",
            paramLabel = "PATTERN",
            description = "All that no process is attached to and whose name this fits: * stands for any text.")
    String pattern;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Only prints which it would end.")
    boolean dryRun;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if opening the queue takes longer, such as 5s (1s at least).")
    String timeout;

    @Option(
            names = "--detach",
            description =
                    "Ends nothing: takes the subscription from the process that is attached, as if that had died. Its place stays. For a broker that still counts a dead process.")
    boolean detach;

    @Option(names = "--force", description = OfSubscription.FORCE)
    boolean force;

    @Override
    protected int run(PrintWriter out) {
        Queue named = Queue.of(queue);
        require(
                !detach || !named.isOfThisMachine(),
                "--detach is for a queue on another machine: here a process that died holds nothing");
        require((pattern == null) != names.isEmpty(), "give one NAME or more, or --match");
        require(!detach || names.size() == 1 && !dryRun, "--detach takes one NAME");
        try (MessageQueue opened = Opening.within(timeout, named, named::openExisting)) {
            if (detach) return detach(opened, names.get(0), out);
            List<SubscriberStats> there = opened.stats().subscribers().stream()
                    .filter(s -> s.name() != null && (pattern == null || !s.attached() && !isOfPages(s)))
                    .toList();
            List<String> known = there.stream().map(SubscriberStats::name).toList();
            List<String> all = pattern == null
                    ? names.stream().distinct().toList()
                    : known.stream().filter(this::matches).toList();
            for (String name : all) if (!known.contains(name)) throw OfSubscription.none(named, name);
            if (!dryRun && !force)
                there.stream()
                        .filter(s -> all.contains(s.name()))
                        .forEach(s -> OfSubscription.refuseIfOfPages(named, s));
            if (all.isEmpty()) throw new Exit.Problem("no subscription without a process fits '" + pattern + "'");
            for (String name : all) {
                if (!dryRun && !end(opened, name)) throw OfSubscription.none(named, name);
                String key = dryRun ? "wouldUnsubscribe" : "unsubscribed";
                String words = (dryRun ? "would unsubscribe " : "unsubscribed ") + Text.clean(name);
                say(out, Json.object("uri", named.toString(), key, name), words);
            }
        }
        return Exit.OK;
    }

    /** One that can only be read refuses it: its files would have the subscription still. */
    private static boolean end(MessageQueue opened, String name) {
        try {
            return opened.unsubscribe(name);
        } catch (QueueAccessDeniedException | QueueCorruptedException readOnly) {
            throw new Exit.Problem("nothing was changed, '" + name + "' stays: " + readOnly.getMessage());
        }
    }

    /** No pattern ends it. */
    private static boolean isOfPages(SubscriberStats s) {
        return ShellWords.OVERFLOW.equals(s.name());
    }

    private boolean matches(String name) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches();
    }

    private int detach(MessageQueue opened, String name, PrintWriter out) {
        if (!opened.unwrap(Remote.class).detach(name))
            throw new Exit.Problem("no process is attached to '" + name + "'");
        say(out, Json.object("uri", opened.uri().toString(), "detached", name), "detached " + Text.clean(name));
        return Exit.OK;
    }
}
