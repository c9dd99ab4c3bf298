package dev.belfry.benchmarks;

import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A message of 32 B from the queue to a handler that reads it all, by the thread that has published it. */
public class PollBenchmark extends Piece {
    private static final int BATCH = 1000;

    private long sum;

    private final MessageHandler handler =
            view -> sum += view.getLongLE(0) + view.getLongLE(8) + view.getLongLE(16) + view.getLongLE(24);

    private final ByteBuffer body = ByteBuffer.allocateDirect(32);
    private MessageQueue queue;
    private Publisher publisher;
    private Subscriber subscriber;

    @Setup
    public void open() {
        queue = MessageQueues.open(
                "shm:piece-" + ProcessHandle.current().pid() + "?capacity=1m&maxCapacity=1m&deleteOnLastClose=true");
        publisher =
                queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
        subscriber = queue.createSubscriber();
    }

    @TearDown
    public void close() {
        queue.close();
    }

    @Setup(Level.Invocation)
    public void publish() {
        for (int i = 0; i < BATCH; i++) publisher.publish(body.clear());
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long message() {
        subscriber.poll(handler, BATCH, Duration.ZERO);
        return sum;
    }
}
