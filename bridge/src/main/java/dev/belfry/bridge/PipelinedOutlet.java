package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.spi.PipelinedPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Many at once: the source is acknowledged as far as the target has confirmed. */
final class PipelinedOutlet implements Outlet {
    private record Sent(
            long sourcePosition, MessageProperties properties, int length, CompletableFuture<Long> confirmed) {}

    private final PipelinedPublisher publisher;
    private final Progress progress;
    private final Deque<Sent> inFlight = new ArrayDeque<>();

    PipelinedOutlet(PipelinedPublisher publisher, Progress progress) {
        this.publisher = publisher;
        this.progress = progress;
    }

    @Override
    public boolean send(ByteBuffer body, MessageProperties properties, long sourcePosition, Duration timeout) {
        int length = body.remaining();
        CompletableFuture<Long> confirmed = publisher.send(body, properties, timeout);
        if (confirmed == null) return false;
        inFlight.add(new Sent(sourcePosition, properties, length, confirmed));
        progress.inFlight.set(inFlight.size());
        return true;
    }

    @Override
    public boolean isBusy() {
        return !inFlight.isEmpty();
    }

    @Override
    public long settled(long read) {
        for (Sent oldest; (oldest = inFlight.peek()) != null && oldest.confirmed.isDone(); inFlight.remove()) {
            progress.countForwarded(oldest.properties, oldest.length, positionOf(oldest.confirmed));
        }
        progress.inFlight.set(inFlight.size());
        return inFlight.isEmpty() ? read : inFlight.peek().sourcePosition - 1;
    }

    /** Throws the transport's reason as it is. */
    private static long positionOf(CompletableFuture<Long> done) {
        try {
            return done.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException reason) throw reason;
            if (failed.getCause() instanceof Error reason) throw reason;
            throw failed;
        }
    }

    @Override
    public boolean flush(Duration timeout) {
        return publisher.flush(timeout);
    }

    @Override
    public int maxMessageLength() {
        return publisher.maxMessageLength();
    }

    @Override
    public void close() {
        publisher.close();
    }
}
