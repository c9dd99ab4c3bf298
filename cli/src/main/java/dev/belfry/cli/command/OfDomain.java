package dev.belfry.cli.command;

import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.Log;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Parameters;

/** The commands on a domain. */
abstract class OfDomain extends LimitedCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain, such as shop or shm:shop.")
    String domain;

    final DomainTools tools() {
        return Transports.domainTools();
    }

    final Queue domain() {
        Queue named = Queue.of(domain);
        Transports.requireUsable(named.scheme());
        return named;
    }

    /** {@code client}: null: of any client. */
    final Place durable(Queue named, Log log, String name, String client) {
        List<Place> all = tools().contents(named.toString(), log, Long.MAX_VALUE).places().stream()
                .filter(one -> one.durable() && name.equals(one.subscription()))
                .filter(one -> client == null || client.equals(one.clientId()))
                .toList();
        if (all.isEmpty())
            throw new Exit.Problem("'" + named + "' has no durable subscription '" + name + "'"
                    + (client == null ? "" : " of '" + client + "'") + ": 'belfry jms ls " + named.words()
                    + "' lists them");
        if (all.size() > 1)
            throw new Exit.Problem("'" + named + "' has several subscriptions '" + name + "'; add --client and one of "
                    + all.stream().map(Place::clientId).toList());
        return all.get(0);
    }

    /** Without joining it. */
    static void observe(Queue named, Consumer<Log> question) {
        try {
            named.inspector().observe(named.name(), log -> {
                question.accept(log);
                return null;
            });
        } catch (UnsupportedOperationException passed) {
            throw new Exit.Problem("the log of '" + named
                    + "' grows faster than it is read; try again while less is sent and received");
        }
    }
}
