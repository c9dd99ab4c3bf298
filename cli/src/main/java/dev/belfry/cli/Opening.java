package dev.belfry.cli;

import dev.belfry.api.MessageQueue;
import picocli.CommandLine.Option;

/** What {@code pub} and {@code sub} have in common. */
final class Opening {
    @Option(names = "--existing", description = "Does not create the queue: a name with a typing error is refused.")
    boolean existing;

    MessageQueue open(Queue queue) {
        return existing ? queue.openExisting() : queue.open();
    }
}
