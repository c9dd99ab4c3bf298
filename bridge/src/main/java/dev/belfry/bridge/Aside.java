package dev.belfry.bridge;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** The queue for messages that the target cannot take: what was put there is there to stay. */
final class Aside implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1); // then the bridge tries again, and tells why
    private static final Duration SLICE = Duration.ofMillis(100);

    private final MessageQueue queue;
    private final Publisher publisher;
    private final Progress progress;

    private Aside(MessageQueue queue, Progress progress) {
        this.queue = queue;
        this.progress = progress;
        boolean canRefuse = queue.capabilities().contains(Capability.GATING);
        publisher = queue.createPublisher(
                canRefuse ? PublisherOptions.builder().timeout(PATIENCE).build() : PublisherOptions.defaults());
    }

    /** Null if there is none. {@code two}: the ids of the bridge's queues, where such a message would come again. */
    static Aside open(TooLong tooLong, List<String> two, String bridge, Progress progress) {
        if (tooLong.opener == null) return null;
        MessageQueue queue = tooLong.opener.get();
        try {
            if (two.contains(queue.stats().id().toString()))
                throw new IllegalArgumentException(
                        bridge + " puts what is too long into one of its two queues; give it a third");
            return new Aside(queue, progress);
        } catch (Throwable failure) {
            queue.close();
            throw failure;
        }
    }

    void put(ByteBuffer body, MessageProperties properties) {
        boolean isOnADisk = queue.capabilities().contains(Capability.AWAIT_DURABLE);
        Progress.Disk ofTheTarget = progress.disk;
        // before: the call may wait for the disk itself
        if (isOnADisk) progress.disk = new Progress.Disk(queue.uri().toString(), System.nanoTime());
        try {
            long position = publisher.publish(body, properties);
            while (isOnADisk && !publisher.awaitDurable(position, SLICE)) Stopped.ifClosing(progress.isClosing());
        } finally {
            progress.disk = ofTheTarget;
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
