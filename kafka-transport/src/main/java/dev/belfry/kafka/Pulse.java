package dev.belfry.kafka;

import dev.belfry.api.MessageQueueException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.BootstrapResolutionException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Whether the brokers answer, for those that must not wait for them: one question at a time, in the
 * background, and only while a caller wants to know. Any thread.
 */
final class Pulse {
    /** Without an answer for so long, they are away. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Supplier<? extends KafkaFuture<?>> isThere;
    private final Supplier<? extends MessageQueueException> deleted;
    private KafkaFuture<?> question; // under way, or null; guarded by this, as all below
    private long askedNanos = System.nanoTime();
    private boolean silent; // no answer since
    private long silentNanos;
    private int refusals; // in turn, so many answers that it is not there, or not as it was
    private MessageQueueException ended;

    /**
     * {@code isThere} asks the brokers for the topic, and fails with what is to be thrown if they have another; {@code
     * deleted} is that if they have none.
     */
    Pulse(Supplier<? extends KafkaFuture<?>> isThere, Supplier<? extends MessageQueueException> deleted) {
        this.isThere = isThere;
        this.deleted = deleted;
    }

    /** For how long nobody has answered; 0 after an answer. Throws if the topic has ended. */
    synchronized long silentNanos() {
        hear();
        if (ended != null) throw ended;
        long now = System.nanoTime();
        if (question == null && (silent || now - askedNanos > EVERY_NANOS)) {
            question = isThere.get();
            askedNanos = now;
            silentSince(now);
        }
        return silent ? now - silentNanos : 0;
    }

    /** A client has waited for an answer, and for longer than {@link #PATIENCE_NANOS}. */
    synchronized void noAnswer() {
        silentSince(System.nanoTime() - PATIENCE_NANOS);
    }

    private void silentSince(long nanos) {
        if (!silent || nanos - silentNanos < 0) silentNanos = nanos;
        silent = true;
    }

    /** It may tell of an old outage if nobody has asked meanwhile: the answer to the next question, or null. */
    synchronized KafkaFuture<?> next() {
        hear();
        if (!silent || question != null) return null;
        return question = isThere.get();
    }

    private void hear() {
        if (question == null || !question.isDone()) return;
        try {
            question.get();
            refusals = 0;
            silent = false;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof UnknownTopicOrPartitionException ? deleted.get() : e.getCause();
            // A broker may learn of a topic after the others.
            if (cause instanceof MessageQueueException why && ++refusals >= 2) ended = why;
            silent = isSilence(cause);
        } catch (InterruptedException cannotBe) {
            Thread.currentThread().interrupt();
        }
        question = null;
    }

    /** As Cluster.refused: no broker was reached. */
    private static boolean isSilence(Throwable cause) {
        return cause instanceof TimeoutException
                || cause instanceof DisconnectException
                || cause instanceof BootstrapResolutionException;
    }
}
