package dev.belfry.cli.command;

import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.Log;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands on a queue of a domain, or on a durable subscription there. */
abstract class OfDomainQueue extends OfDomain {
    @Parameters(index = "1", paramLabel = "QUEUE", description = "The queue: 'belfry jms ls DOMAIN' lists them.")
    String queue;

    @Option(names = "--subscription", description = "QUEUE is the name of a durable subscription to a topic.")
    boolean subscription;

    @Option(names = "--client", paramLabel = "ID", description = "Of this client id, if several have one of the name.")
    String client;

    @Option(names = "--selector", paramLabel = "TEXT", description = "Of those that this selector selects.")
    String selector;

    @Option(names = "--count", paramLabel = "N", description = "Of so many at most.")
    Long count;

    final long most() {
        require(count == null || count > 0, "--count must be > 0, was " + count);
        return count == null ? Long.MAX_VALUE : count;
    }

    /** Messages of a queue that are on the disk. */
    final long onDisk(Queue named, Log log, DomainTools.Source source) {
        if (source.isSubscription()) return 0;
        return tools().contents(named.toString(), log, Long.MAX_VALUE).places().stream()
                .filter(one -> one.kind().equals("queue") && source.name().equals(one.destination()))
                .mapToLong(Place::onDisk)
                .sum();
    }

    /** Refuses a queue that has nothing and nobody: a name with a typing error. */
    final DomainTools.Source source(Queue named, Log log) {
        if (subscription) {
            Place one = durable(named, log, queue, client);
            return new DomainTools.Source(queue, true, one.clientId());
        }
        List<String> there = tools().contents(named.toString(), log, Long.MAX_VALUE).places().stream()
                .filter(one -> one.kind().equals("queue") && one.destination() != null)
                .map(Place::destination)
                .toList();
        if (there.contains(queue)) return DomainTools.Source.queue(queue);
        throw new Exit.Problem("'" + named + "' has no queue '" + queue + "' with messages or consumers"
                + (there.isEmpty() ? "" : "; it has " + String.join(", ", there)));
    }
}
