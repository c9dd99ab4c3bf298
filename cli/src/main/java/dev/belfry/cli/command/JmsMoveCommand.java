package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools.Entry;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.DomainTools.Source;
import dev.belfry.spi.Log;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "move",
        description =
                "Moves the messages of a queue to another one of the same domain, some in each transaction: each is in one of the two at any time. They get a new id there, and do not expire. What a consumer holds stays. With the URI of a plain queue as TO it takes those that are there out of the domain, which may be full; with the URI as QUEUE it brings them back, as they were but for their ids and deliveries. One that was killed is begun again, and brings nothing twice.",
        footer = {
            "  belfry jms move shop DLQ orders --selector \"JMS_BELFRY_Queue = 'orders'\"",
            "  belfry jms move shop orders file:/var/spool/orders    out of the domain",
            "  belfry jms move shop file:/var/spool/orders orders    and back"
        })
final class JmsMoveCommand extends Taking {
    private static final String LIKE_A_URI = "[A-Za-z][A-Za-z0-9+.-]*:.*";
    private static final String MEMORY = "mem";

    @Parameters(
            index = "2",
            paramLabel = "TO",
            description = "The other queue, or a plain queue by its URI, such as file:/DIR. It need not exist.")
    String to;

    @Option(names = "--by-name", description = "QUEUE and TO are names in the domain, also if they look like URIs.")
    boolean byName;

    @Override
    protected int run(PrintWriter out) {
        require(!to.isEmpty(), "TO is empty");
        boolean isFromOutside = isPlain(queue);
        if (isPlain(to)) {
            require(
                    !isFromOutside,
                    "QUEUE and TO are both URIs, and one of them has to be in the domain: 'belfry bridge' carries"
                            + " between plain queues");
            return takeOut(out);
        }
        if (isFromOutside) return bringIn(out);
        require(subscription || !to.equals(queue), "TO is the same queue, '" + to + "'");
        refuseUnknownTransport();
        return take("moved", to, out);
    }

    // ---- out of the domain or into it

    private boolean isPlain(String word) {
        if (byName || !word.matches(LIKE_A_URI)) return false;
        String scheme = word.substring(0, word.indexOf(':'));
        if (scheme.equals(MEMORY))
            throw new Exit.Problem("'" + word + "' would end with this command, and its messages with it: take a queue"
                    + " of file:, or add --by-name if a queue of the domain has that name");
        return Transports.all().stream().anyMatch(each -> each.scheme().equals(scheme));
    }

    /** A typing error in a scheme would make a queue of that name, in the domain that is to get room. */
    private void refuseUnknownTransport() {
        if (byName || !to.matches(LIKE_A_URI)) return;
        Queue named = domain();
        observe(named, log -> {
            List<Place> all =
                    tools().contents(named.toString(), log, Long.MAX_VALUE).places();
            if (all.stream().noneMatch(one -> to.equals(one.destination())))
                throw new Exit.Problem("no transport for '" + to + "', and '" + named
                        + "' has no queue of that name: add --by-name to make one");
        });
    }

    private Queue plain(String word) {
        Queue plain = Queue.of(word);
        Transports.requireUsable(plain.scheme());
        if (plain.toString().equals(domain().toString()))
            throw new Exit.Problem("'" + plain + "' is the domain itself: name a plain queue, such as file:/DIR");
        return plain;
    }

    private int takeOut(PrintWriter out) {
        long most = most();
        Queue target = plain(to);
        long n = taking(selector, (named, log, source) -> {
            MoveOut keeper = null;
            try (HowFar shown = new HowFar(err())) {
                long there = Math.min(most, waiting(named, log.unwrap(Log.class), source));
                keeper = new MoveOut(target, moved -> shown.carried(queue, moved, there));
                return takeOut(named, log, source, keeper, there);
            } finally {
                if (keeper == null) log.close();
                else keeper.close();
            }
        });
        tell("moved", to, n, out);
        return Exit.OK;
    }

    /** Messages that are sent later are left: senders go on. */
    private long waiting(Queue named, Log log, Source source) {
        return tools().contents(named.toString(), log, Long.MAX_VALUE).places().stream()
                .filter(one -> isOf(source, one))
                .mapToLong(Place::messages)
                .sum();
    }

    private long takeOut(Queue named, MessageQueue log, Source source, MoveOut keeper, long most) {
        long n;
        try {
            n = tools().take(named.toString(), log, source, selector, keeper, most); // closes it
        } catch (MessageQueueException | Exit.Problem failed) {
            throw before(keeper.ended(), failed);
        }
        if (keeper.isFull())
            throw before(n, new Exit.Problem("'" + keeper.target() + "' is full: it had no room within 5 s."));
        return n;
    }

    private static boolean isOf(Source source, Place one) {
        if (!source.isSubscription())
            return one.kind().equals("queue") && source.name().equals(one.destination());
        return one.durable()
                && source.name().equals(one.subscription())
                && Objects.equals(source.clientId(), one.clientId());
    }

    private int bringIn(PrintWriter out) {
        require(!subscription && client == null, "--subscription and --client are for a topic of the domain");
        require(selector == null, "--selector is for a queue of the domain: '" + queue + "' is moved in its order");
        long most = most();
        Queue origin = plain(queue);
        Queue named = domain();
        try (MessageQueue opened = origin.openExisting();
                HowFar shown = new HowFar(err());
                MoveIn in = new MoveIn(opened)) {
            try (Entry entry = tools().entry(named.toString(), named.openDomain(), to, in.id())) {
                in.moveTo(entry, most, (moved, all) -> shown.carried(queue, moved, all));
            } catch (MessageQueueException | Exit.Problem failed) {
                throw before(in.moved(), failed);
            }
            if (in.lost() > 0)
                err().println("belfry: missed " + Text.number(in.lost())
                        + " message(s): they were gone before they could be read");
            tell("moved", to, in.moved(), out);
            return Exit.OK;
        }
    }

    private RuntimeException before(long moved, RuntimeException failed) {
        if (moved == 0) return failed;
        String message = failed.getMessage() + " Before that, " + Text.number(moved) + " of " + queue
                + " were moved; the others are as they were.";
        return failed instanceof MessageQueueException coded
                ? new MessageQueueException(coded.code(), message, failed)
                : new Exit.Problem(message);
    }
}
