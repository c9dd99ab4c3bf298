package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Readable;
import dev.belfry.cli.text.Table;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.OverflowLook;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.DomainTools.Waiting;
import dev.belfry.spi.Log;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "jms",
        description =
                "What is in a domain of Jakarta Messaging: its queues and subscriptions, who consumes them, and their messages. A 'file:' domain that is read-only or damaged is refused.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            JmsCommand.Ls.class,
            JmsCommand.Browse.class,
            JmsCommand.Purge.class,
            JmsMoveCommand.class,
            JmsCommand.Requeue.class,
            JmsCommand.Unsubscribe.class,
            JmsRecoverCommand.class
        })
public final class JmsCommand implements Runnable {
    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Missing: one of ls, browse, purge, move, requeue, unsubscribe, recover");
    }

    @Command(
            name = "ls",
            description =
                    "Its queues and subscriptions: how many messages wait, how many of them are held, by whom, and since when that process is there. What has nothing and nobody is left out.",
            footer = {"  belfry jms ls shop", "  belfry jms ls shop --json | jq '.places[] | select(.consumers == [])'"
            })
    static final class Ls extends OfDomain {
        @Override
        protected int run(PrintWriter out) {
            Queue named = domain();
            observe(named, log -> {
                DomainTools.Contents contents = tools().contents(named.toString(), log, Long.MAX_VALUE);
                List<Place> all = contents.places();
                OverflowLook disk = disk(contents.overflow(), log);
                if (json) out.println(Json.of(QueueJson.domain(contents, log, disk)));
                else if (all.isEmpty()) err().println("Nothing is in '" + named + "', and nobody consumes.");
                else table(all, log).lines(Text.ansi(), "").forEach(out::println);
                if (disk != null && !json) out.println(place(contents.overflow(), disk));
                if (disk != null && !disk.problem().isEmpty())
                    err().println("! " + named + ": nothing more goes to the disk, or comes back: "
                            + Text.clean(disk.problem()));
                if (!contents.overflow().waitsFor().isEmpty() && knowsPages(named))
                    err().println("! " + named + ": a member that asks for overflow waits for "
                            + Text.clean(contents.overflow().waitsFor())
                            + ", whose release knows no pages. End that process, or give it this release.");
                contents.troubles().stream()
                        .filter(one -> one.kind() == Kind.FULL || one.kind() == Kind.FILLING)
                        .forEach(one -> err().println("! " + named + ": " + one.what()));
            });
            return Exit.OK;
        }

        /** Tells whether a process is there that can have the setting: of a release after 0.1.0. */
        private static boolean knowsPages(Queue named) {
            return named.look().members().stream().anyMatch(one -> one.level() > 1);
        }

        /** Null: the log tells of no place, or of one that this release does not know. */
        private static OverflowLook disk(DomainTools.Overflow overflow, Log log) {
            return overflow.uri() == null ? null : OverflowLook.of(overflow.uri(), log.maxRingBytes());
        }

        private static String place(DomainTools.Overflow overflow, OverflowLook disk) {
            return "On the disk: " + Text.clean(overflow.uri())
                    + (disk.bytes() == null ? "" : ", " + Text.size(disk.bytes()) + " of " + Text.most(disk.maxSize()));
        }

        private static Table table(List<Place> all, Log log) {
            boolean isPaged = all.stream().anyMatch(one -> one.onDisk() > 0);
            List<String> head = new ArrayList<>(List.of("DESTINATION", "KIND", "SUBSCRIPTION", "MESSAGES"));
            if (isPaged) head.add("DISK");
            head.addAll(List.of("HELD", "OLDEST", "CONSUMERS"));
            Table table = new Table().row(head.toArray(new String[0]));
            for (Place one : all) {
                List<String> row = new ArrayList<>(List.of(
                        one.destination() == null ? "-" : Text.brief(one.destination()),
                        one.kind(),
                        subscription(one),
                        Text.number(one.messages() - one.expired())));
                if (isPaged) row.add(onDisk(one));
                row.addAll(List.of(
                        Text.number(one.held()), one.oldest() == 0 ? "-" : age(one.oldest()), consumers(one, log)));
                table.row(row.toArray(new String[0]));
            }
            return table;
        }

        private static String onDisk(Place one) {
            if (one.onDisk() == 0) return "-";
            return Text.number(one.onDisk()) + " (" + Text.size(one.diskBytes()) + ")";
        }

        private static String subscription(Place one) {
            if (one.kind().endsWith("queue")) return "-";
            String kind = one.durable() ? "durable" : one.shared() ? "" : "plain";
            if (one.shared()) kind = (kind + " shared").strip();
            String name = one.subscription() == null ? "" : ", " + Text.brief(one.subscription());
            return kind + name + (one.clientId() == null ? "" : " of " + Text.brief(one.clientId()));
        }

        private static String age(long sent) {
            long millis = Math.max(0, System.currentTimeMillis() - sent);
            return Units.duration(TimeUnit.SECONDS.toNanos(TimeUnit.MILLISECONDS.toSeconds(millis)));
        }

        private static String consumers(Place one, Log log) {
            if (one.consumers().isEmpty()) return "none";
            return one.consumers().entrySet().stream()
                    .map(c -> Text.clean(log.describe(c.getKey()))
                            + (c.getValue() > 0 ? " holds " + Text.number(c.getValue()) : ""))
                    .collect(Collectors.joining("; "));
        }
    }

    @Command(
            name = "browse",
            description = "The messages of a queue in the order of delivery. Takes none.",
            footer = {
                "  belfry jms browse shop orders --count 10",
                "  belfry jms browse shop DLQ --selector \"JMS_BELFRY_Queue = 'orders'\""
            })
    static final class Browse extends OfDomainQueue {
        @Override
        protected int run(PrintWriter out) {
            long most = most();
            Queue named = domain();
            Readable as = Readable.ofStdout();
            observe(named, log -> {
                DomainTools.Source source = source(named, log);
                long[] shown = {0};
                tools().browse(named.toString(), log, source, selector, one -> {
                    out.println(json ? Json.of(QueueJson.message(one, log)) : line(one, log, as));
                    return ++shown[0] < most && !out.checkError();
                });
                long onDisk = onDisk(named, log, source);
                if (onDisk > 0 && shown[0] < most) err().println("and " + Text.number(onDisk) + " on the disk");
            });
            return Exit.OK;
        }

        private static String line(Waiting one, Log log, Readable as) {
            String head = one.id() == null ? "-" : Text.clean(one.id());
            if (one.sent() != 0) head += "  " + Instant.ofEpochMilli(one.sent());
            StringBuilder line = new StringBuilder("  priority ").append(one.priority());
            if (one.deliveries() > 0) line.append("  delivered ").append(one.deliveries());
            if (one.holder() != 0) line.append("  held by ").append(log.describe(one.holder()));
            if (one.type() != null) line.append("  type ").append(one.type());
            if (!one.properties().isEmpty()) line.append("  ").append(one.properties());
            String body = one.text() == null ? one.bytes() + " bytes" : as.body(one.text());
            return as.dim(head) + Text.clean(line.toString()) + "  " + body;
        }
    }

    @Command(
            name = "purge",
            description =
                    "Ends the messages of a queue for good, as a consumer would that does nothing with them. What a consumer holds stays.",
            footer = {
                "  belfry jms purge shop orders --dry-run",
                "  belfry jms purge shop orders --selector \"colour = 'red'\"",
                "  belfry jms purge shop audit --subscription --client billing",
                "  belfry jms purge shop orders --damaged          up to one on the disk that can be read"
            })
    static final class Purge extends Taking {
        @Option(
                names = {"-n", "--dry-run"},
                description = "Only says how many it would end. One that is to be delivered later counts, too.")
        boolean dryRun;

        @Option(
                names = "--damaged",
                description =
                        "Ends the next messages on the disk that cannot be read, up to one that can. Only by --force: else it says how many they are.")
        boolean damaged;

        @Option(names = "--force", description = "With --damaged: these messages are lost.")
        boolean force;

        @Override
        protected int run(PrintWriter out) {
            require(damaged || !force, "--force is for --damaged");
            if (damaged) return giveUp(out);
            return dryRun ? count(out) : take("purged", null, out);
        }

        private int giveUp(PrintWriter out) {
            require(
                    !subscription && client == null && selector == null && count == null,
                    "--damaged is for all of a queue that cannot be read");
            boolean isOnlyAsked = dryRun || !force;
            long n = taking(null, (named, opened, source) -> tools().purgeDamaged(
                            named.toString(), opened, queue, isOnlyAsked)); // closes it
            if (dryRun)
                say(
                        out,
                        Json.object("queue", queue, "wouldPurge", n),
                        "would purge " + Text.number(n) + " of " + Text.clean(queue));
            else if (isOnlyAsked && n > 0)
                throw new Exit.Problem("'" + queue + "' stays: " + Text.number(n)
                        + " message(s) on the disk cannot be read, and would be lost; --force ends them all the same");
            else tell("purged", null, n, out);
            return Exit.OK;
        }

        private int count(PrintWriter out) {
            long most = most();
            Queue named = domain();
            observe(named, log -> {
                long[] n = {0};
                DomainTools.Source source = source(named, log);
                tools().browse(named.toString(), log, source, selector, one -> {
                    if (isTaken(one, log)) n[0]++;
                    return n[0] < most;
                });
                if (selector == null) n[0] = Math.min(most, n[0] + onDisk(named, log, source));
                String words = "would purge " + Text.number(n[0]) + " of " + Text.clean(queue);
                say(out, Json.object("queue", queue, "wouldPurge", n[0]), words);
            });
            return Exit.OK;
        }

        /** The messages of the dead go back first. */
        private static boolean isTaken(Waiting one, Log log) {
            boolean isHeld = one.holder() != 0 && log.isAlive(one.holder());
            return !isHeld && (one.expires() == 0 || one.expires() > System.currentTimeMillis());
        }
    }

    @Command(
            name = "requeue",
            description =
                    "Moves dead letters back to the queues that they came from, as 'move' does. Those of a topic stay: it has other subscriptions, too.",
            footer = {"  belfry jms requeue shop DLQ", "  belfry jms requeue shop DLQ --count 1"})
    static final class Requeue extends Taking {
        private static final String ORIGIN = "JMS_BELFRY_Queue";

        @Override
        protected int run(PrintWriter out) {
            long left = most();
            Set<String> origins = new LinkedHashSet<>();
            long[] others = {0};
            Queue named = domain();
            observe(named, log -> {
                DomainTools.Source source = source(named, log);
                tools().browse(named.toString(), log, source, selector, one -> {
                    if (one.properties().get(ORIGIN) instanceof String origin) origins.add(origin);
                    else others[0]++;
                    return true;
                });
            });
            for (String origin : origins) if (left > 0) left -= take("moved", andFrom(origin), origin, left, out);
            if (others[0] > 0)
                err().println("belfry: " + Text.number(others[0]) + " of " + Text.clean(queue)
                        + " stay: they came from no queue. 'belfry jms move' moves them to one.");
            if (origins.isEmpty()) throw new Exit.Problem("'" + queue + "' has no message that came from a queue");
            return Exit.OK;
        }

        private String andFrom(String origin) {
            String from = ORIGIN + " = '" + origin.replace("'", "''") + "'";
            return selector == null ? from : "(" + selector + ") AND " + from;
        }
    }

    @Command(
            name = "unsubscribe",
            description =
                    "Ends a durable subscription of a topic for good. Not while somebody consumes it, and with unread messages only by --force.",
            footer = {
                "  belfry jms unsubscribe shop audit",
                "  belfry jms unsubscribe shop audit --client billing --force"
            })
    static final class Unsubscribe extends OfDomain {
        @Parameters(
                index = "1",
                paramLabel = "NAME",
                description = "The subscription: 'belfry jms ls DOMAIN' lists them.")
        String name;

        @Option(
                names = "--client",
                paramLabel = "ID",
                description = "Of this client id, if several have one of the name.")
        String client;

        @Option(names = "--force", description = "Also with unread messages, which are lost.")
        boolean force;

        @Override
        protected int run(PrintWriter out) {
            Queue named = domain();
            MessageQueue opened = named.openDomain();
            Place one = null;
            try {
                one = there(named, opened.unwrap(Log.class));
            } finally {
                if (one == null) opened.close();
            }
            if (!tools().unsubscribe(named.toString(), opened, one.clientId(), name)) // closes it
            throw new Exit.Problem("'" + named + "' has no subscription '" + name + "' any more");
            say(out, Json.object("uri", named.toString(), "unsubscribed", name), "unsubscribed " + Text.clean(name));
            return Exit.OK;
        }

        /** Throws if it may not end. */
        private Place there(Queue named, Log log) {
            Place one = durable(named, log, name, client);
            List<String> living = one.consumers().keySet().stream()
                    .filter(log::isAlive)
                    .map(log::describe)
                    .toList();
            if (!living.isEmpty())
                throw new Exit.Problem(
                        "'" + name + "' is consumed by " + String.join(", ", living) + ": close it there");
            long unread = one.messages() - one.expired();
            if (unread > 0 && !force)
                throw new Exit.Problem("'" + name + "' stays: " + Text.number(unread) + " unread message(s) of '"
                        + one.destination() + "' would be lost; --force ends it all the same");
            return one;
        }
    }
}
