package dev.belfry.kafka;

import dev.belfry.api.QueueClosedException;
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

    private final Supplier<KafkaFuture<Boolean>> isThere;
    private final Supplier<QueueClosedException> deleted;
    private KafkaFuture<Boolean> question; // under way, or null; guarded by this, as all below
    private long heardNanos = System.nanoTime();
    private boolean silent; // no answer since
    private long silentNanos;
    private int unknown; // so many answers that there is no such topic
    private boolean gone;

    /** {@code isThere} asks the brokers whether they have the topic; {@code deleted} is thrown if not. */
    Pulse(Supplier<KafkaFuture<Boolean>> isThere, Supplier<QueueClosedException> deleted) {
        this.isThere = isThere;
        this.deleted = deleted;
    }

    /** For how long nobody has answered; 0 after an answer. Throws if the topic was deleted. */
    synchronized long silentNanos() {
        hear();
        if (gone) throw deleted.get();
        long now = System.nanoTime();
        if (question == null && (silent || now - heardNanos > EVERY_NANOS)) {
            question = isThere.get();
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
            gone = !question.get();
            unknown = 0;
            heard();
        } catch (ExecutionException e) {
            // A broker may learn of a topic after the others.
            gone = e.getCause() instanceof UnknownTopicOrPartitionException && ++unknown >= 2;
            if (!isSilence(e.getCause())) heard();
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

    private void heard() {
        heardNanos = System.nanoTime();
        silent = false;
    }
}
