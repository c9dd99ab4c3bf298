package dev.belfry.kafka;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.spi.Capabilities;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Hands a message to the client, which may find no room and then has published nothing; and waits
 * for the broker's answer. Once it is handed over only the broker knows whether it is published: a
 * call that ends without its answer throws {@link ConnectionLostException}.
 */
final class KafkaPublisher implements Publisher {
    /**
     * A broker that is there answers sooner: an answer is waited for as long though the time limit
     * has passed or the thread is interrupted.
     */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 100;

    private final Topic topic;
    private final PublisherOptions options;
    private final PublishFailures failures;
    private final Consumer<AutoCloseable> ended;
    private final AtomicLong newest = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);

    KafkaPublisher(Topic topic, PublisherOptions options, Consumer<AutoCloseable> ended) {
        this.topic = topic;
        this.options = options;
        failures = new PublishFailures(topic);
        this.ended = ended;
        Quiet.run(() -> {
            try {
                topic.cluster.find(topic.name());
            } catch (AuthenticationException e) {
                throw failures.ofShared(e);
            }
        });
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        long timeout = Deadlines.nanos(options.timeout());
        long position = append(body, properties, timeout);
        if (position == REJECTED)
            throw new QueueFullException("'" + topic.uri + "': the client had no room, or did not reach "
                    + topic.cluster.servers() + ", within " + Units.duration(timeout) + "; nothing was published.");
        return position;
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return append(body, properties, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")));
    }

    private long append(ByteBuffer body, MessageProperties properties, long timeoutNanos) {
        Objects.requireNonNull(body, "body");
        long length = (long) body.remaining()
                + Objects.requireNonNull(properties, "properties").encodedLength();
        checkOpen();
        if (length > maxMessageLength()) throw failures.tooLarge(length, null);
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        long before = newest.get();
        long deadline = Deadlines.after(timeoutNanos);
        boolean flag = Thread.interrupted();
        long offset;
        try {
            Future<RecordMetadata> sent =
                    handOver(Records.record(topic.name(), topic.id, copy, properties, options.timestamps()), deadline);
            if (sent == null) return REJECTED;
            Answer answer = new Answer(sent, deadline);
            try {
                offset = answer.await();
            } finally {
                flag |= answer.interrupted;
            }
        } finally {
            if (flag) Thread.currentThread().interrupt();
        }
        long position = offset + 1;
        if (position <= before)
            throw failures.lost(
                    "it was deleted and created again meanwhile, and position " + position + " is the new one's", null);
        newest.accumulateAndGet(position, Math::max);
        body.position(body.limit());
        return position;
    }

    /** Null if there was no room, or no broker to ask where the topic is, until the deadline. */
    private Future<RecordMetadata> handOver(ProducerRecord<Object, byte[]> record, long deadline) {
        while (true) {
            checkOpen();
            Future<RecordMetadata> sent;
            try {
                sent = topic.cluster.send(record, topic::requireThere);
            } catch (InterruptException e) {
                throw Errors.interrupted("space in '" + topic.uri + "'");
            } catch (KafkaException | IllegalStateException e) {
                throw failures.of(e);
            }
            if (!isRejected(sent)) return sent;
            if (Deadlines.passed(deadline)) return null;
            if (topic.isGone()) throw topic.gone();
        }
    }

    /**
     * It failed before this returned, for want of time: within the client, then, which was waited
     * for no longer than {@link Cluster#ROOM_MILLIS}. Throws if it failed because the brokers let
     * the client in no more: nothing was sent then, either.
     */
    private boolean isRejected(Future<RecordMetadata> sent) {
        if (!sent.isDone()) return false;
        try {
            sent.get();
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthenticationException denied) throw failures.ofShared(denied);
            return e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
        } catch (InterruptedException cannotBe) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The broker's, to one message. */
    private final class Answer {
        private final Future<RecordMetadata> sent;
        private long deadline;
        private boolean interrupted;

        Answer(Future<RecordMetadata> sent, long deadline) {
            this.sent = sent;
            this.deadline = Deadlines.after(Math.max(Deadlines.remaining(deadline), ANSWER_NANOS));
        }

        long await() {
            while (true) {
                try {
                    long nanos = Math.min(SLICE_NANOS, Deadlines.remaining(deadline));
                    return sent.get(nanos, TimeUnit.NANOSECONDS).offset();
                } catch (ExecutionException e) {
                    throw failures.of(e.getCause());
                } catch (InterruptedException e) {
                    interrupted = true;
                    deadline = Deadlines.after(Math.min(Deadlines.remaining(deadline), ANSWER_NANOS));
                } catch (TimeoutException e) {
                    if (Deadlines.passed(deadline))
                        throw failures.lost(
                                interrupted
                                        ? "the thread was interrupted before the broker answered"
                                        : "no answer in time",
                                e);
                    if (topic.isGone()) {
                        topic.cluster.gaveUp();
                        throw failures.lost("it was deleted before the broker answered", e);
                    }
                    if (closed.getCount() == 0)
                        throw failures.lost("its publisher was closed before the broker answered", e);
                }
            }
        }
    }

    @Override
    public Claim claim(int length) {
        checkOpen();
        Capabilities.require(KafkaProvider.SCHEME, Topic.CAPABILITIES, Capability.CLAIM, "claim");
        throw new AssertionError("claim is not declared");
    }

    @Override
    public int maxMessageLength() {
        return topic.maxMessageLength;
    }

    /** Counts named subscriptions. */
    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        Checks.awaitAcknowledged(position, minSubscribers);
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        checkOpen();
        for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            Collection<Place> places = topic.places().values();
            if (places.stream().filter(p -> p.hasAcknowledged(position)).count() >= minSubscribers
                    && places.stream().noneMatch(p -> p.isBehind(position))) return true;
            if (Deadlines.passed(deadline)) return false;
            try {
                long nanos = Math.min(TimeUnit.MILLISECONDS.toNanos(pause), Deadlines.remaining(deadline));
                if (closed.await(nanos, TimeUnit.NANOSECONDS)) return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Errors.interrupted("acknowledgements in '" + topic.uri + "'");
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed.getCount() == 0) return;
            closed.countDown();
        }
        ended.accept(this);
    }

    @Override
    public String toString() {
        return "Publisher of '" + topic.uri + "'" + (closed.getCount() == 0 ? ", closed" : "");
    }

    private void checkOpen() {
        if (closed.getCount() == 0) throw Errors.closed("Publisher of '" + topic.uri + "'");
    }
}
