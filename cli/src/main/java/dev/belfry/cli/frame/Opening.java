package dev.belfry.cli.frame;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** The common part of {@code pub}, {@code sub} and {@code bridge}. */
public final class Opening {
    public static final Duration LEAST = Duration.ofSeconds(1);

    @Option(names = "--existing", description = "Does not create the queue: a name with a typing error is refused.")
    boolean existing;

    public boolean isExisting() {
        return existing;
    }

    public MessageQueue open(Queue queue, String timeout) {
        return within(timeout, queue, () -> existing ? queue.openExisting() : queue.open());
    }

    /** Says if it creates the queue: who reads from a name with a typing error waits for what never comes. */
    public MessageQueue openToRead(Queue queue, String timeout, PrintWriter err) {
        Supplier<MessageQueue> opener = opener(queue, err);
        return within(timeout, queue, () -> Queue.closedAtExit(opener.get()));
    }

    public static MessageQueue within(String timeout, Queue queue, Supplier<MessageQueue> opener) {
        return within(timeout, queue, opener, MessageQueue::close);
    }

    /**
     * {@code timeout}: of the whole command, but a second at least; null: as long as it takes. {@code tooLate} is told
     * the answer that comes after that.
     */
    public static <T> T within(String timeout, Queue queue, Supplier<T> question, Consumer<T> tooLate) {
        return within(
                timeout,
                question,
                tooLate,
                limit -> "'" + queue + "' could not be opened within " + limit
                        + (queue.isOfThisMachine()
                                ? ": 'belfry doctor " + queue + "' shows what is in the way"
                                : ": does the broker run that its URI names?"));
    }

    /** {@code late}: what to say, given the limit. */
    public static <T> T within(String timeout, Supplier<T> question, Consumer<T> tooLate, UnaryOperator<String> late) {
        if (timeout == null) return question.get();
        Duration limit = BelfryCommand.time(timeout);
        if (limit.compareTo(LEAST) < 0) limit = LEAST;
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> ask(question, answer, tooLate), "open");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException over) {
            answer.cancel(false); // from now on it closes what it opens
            thread.interrupt();
            throw new Exit.Problem(late.apply(Units.duration(limit.toNanos())));
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) throw cause;
            throw (Error) failed.getCause();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new Exit.Problem("interrupted before there was an answer");
        }
    }

    private static <T> void ask(Supplier<T> question, CompletableFuture<T> answer, Consumer<T> tooLate) {
        try {
            T given = question.get();
            if (!answer.complete(given)) tooLate.accept(given);
        } catch (Throwable failure) {
            answer.completeExceptionally(failure);
        }
    }

    /** For one that closes it by itself, also when the process ends. Says if it creates the queue. */
    public Supplier<MessageQueue> opener(Queue queue, PrintWriter err) {
        return () -> {
            try {
                return MessageQueues.open(URI.create(queue.uri()), Queue.existing());
            } catch (QueueNotFoundException none) {
                if (existing) throw none;
                MessageQueue created = MessageQueues.open(queue.uri());
                err.println("belfry: there was no queue '" + queue + "': it is created (--existing refuses that)");
                err.flush();
                return created;
            }
        };
    }
}
