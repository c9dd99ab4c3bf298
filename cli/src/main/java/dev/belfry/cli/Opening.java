package dev.belfry.cli;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Units;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What {@code pub}, {@code sub} and {@code bridge} have in common. */
final class Opening {
    static final Duration LEAST = Duration.ofSeconds(1);

    @Option(names = "--existing", description = "Does not create the queue: a name with a typing error is refused.")
    boolean existing;

    MessageQueue open(Queue queue, String timeout) {
        return within(timeout, queue, () -> existing ? queue.openExisting() : queue.open());
    }

    /** {@code timeout}: of the whole command, but a second at least; null: as long as it takes. */
    static MessageQueue within(String timeout, Queue queue, Supplier<MessageQueue> opener) {
        if (timeout == null) return opener.get();
        Duration limit = BelfryCommand.time(timeout);
        if (limit.compareTo(LEAST) < 0) limit = LEAST;
        CompletableFuture<MessageQueue> opening = new CompletableFuture<>();
        Thread thread = new Thread(() -> open(opener, opening), "open");
        thread.setDaemon(true);
        thread.start();
        try {
            return opening.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            opening.cancel(false); // from now on it closes what it opens
            thread.interrupt();
            throw new Exit.Problem("'" + queue + "' could not be opened within " + Units.duration(limit.toNanos())
                    + ": 'belfry doctor " + queue + "' shows what is in the way");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) throw cause;
            throw (Error) failed.getCause();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new Exit.Problem("interrupted while it opened '" + queue + "'");
        }
    }

    private static void open(Supplier<MessageQueue> opener, CompletableFuture<MessageQueue> opening) {
        try {
            MessageQueue opened = opener.get();
            if (!opening.complete(opened)) opened.close();
        } catch (Throwable failure) {
            opening.completeExceptionally(failure);
        }
    }

    /** For one that closes it by itself, also when the process ends. */
    Supplier<MessageQueue> opener(Queue queue) {
        QueueConfig there = QueueConfig.builder().create(Create.OPEN_EXISTING).build();
        return () -> existing ? MessageQueues.open(URI.create(queue.uri()), there) : MessageQueues.open(queue.uri());
    }
}
