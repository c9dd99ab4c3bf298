package dev.belfry.cli;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import java.net.URI;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What {@code pub}, {@code sub} and {@code bridge} have in common. */
final class Opening {
    @Option(names = "--existing", description = "Does not create the queue: a name with a typing error is refused.")
    boolean existing;

    MessageQueue open(Queue queue) {
        return existing ? queue.openExisting() : queue.open();
    }

    /** For one that closes it by itself, also when the process ends. */
    Supplier<MessageQueue> opener(Queue queue) {
        QueueConfig there = QueueConfig.builder().create(Create.OPEN_EXISTING).build();
        return () -> existing ? MessageQueues.open(URI.create(queue.uri()), there) : MessageQueues.open(queue.uri());
    }
}
