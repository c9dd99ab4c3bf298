package dev.belfry.spi;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.PublisherOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A publisher that need not wait for each message: published in the order of the calls, confirmed
 * later. For a transport whose {@code publish} costs a round trip; a bridge uses it where
 * {@code queue.unwrap(PipelinedPublisher.Factory.class)} has one.
 *
 * <p><b>After a failure nothing comes later.</b> The messages that were sent before it stay
 * published. The failed one was not published, or, with ConnectionLostException, perhaps. No
 * message that was sent after it is ever published without it: their futures fail as well, and so
 * does each later call. So whatever the queue holds in the end is what was sent up to some message,
 * and its sender finds in the queue where to go on. The publisher is then of no more use: close it.
 *
 * <p>One thread at a time; {@link #close} from any. A queue's close closes its pipelined publishers.
 * @since 0.1
 */
public interface PipelinedPublisher extends AutoCloseable {
    /** The type that a queue's {@code unwrap} is asked for. */
    interface Factory {
        /** Refuses what {@code createPublisher} refuses. */
        PipelinedPublisher createPipelinedPublisher(PublisherOptions options);
    }

    /**
     * Copies the message and returns; waits only for room in the transport's own buffer, at most
     * this long. Null if there was none: then nothing was taken, and the buffer is untouched.
     *
     * @return its position, once {@code publish} would have returned it. The futures end in the
     *     order of the calls, in any thread
     */
    @Nullable
    CompletableFuture<Long> send(ByteBuffer body, MessageProperties properties, Duration timeout);

    /** Waits until all that was sent is confirmed; false if the time passed first. Throws if one of them has failed. */
    boolean flush(Duration timeout);

    /** Is that of any publisher of this queue. */
    int maxMessageLength();

    /**
     * Sends no more. A message that is not confirmed yet fails with ConnectionLostException: it may
     * be published or not. Idempotent.
     */
    @Override
    void close();
}
