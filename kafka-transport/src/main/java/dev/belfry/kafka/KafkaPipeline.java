package dev.belfry.kafka;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.PublisherOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.PipelinedPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Messages that the client gathers while the request before them is under way. The client alone
 * would go on after a failure: it counts again, and what comes later is published without what
 * failed. So each has a client of its own. It is closed in the call that reports the first failure,
 * in the client's own thread, which alone sends: nothing more leaves it.
 */
final class KafkaPipeline implements PipelinedPublisher {
    /** The bytes of one request; a topic may take less. */
    private static final int BATCH_BYTES = 1 << 20;
    /** In all. The client's own buffer, of 32 MiB unless set otherwise, is never full before. */
    private static final long MOST_BYTES = 8 << 20;

    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Topic topic;
    private final PublisherOptions options;
    private final Consumer<KafkaPipeline> ended;
    private final PublishFailures failures;
    private final Deletions watching = new Deletions();
    private final Producer<Object, byte[]> client;
    private final Object lock = new Object();
    private final Deque<Sent> underWay = new ArrayDeque<>(); // guarded by lock, as all below
    private long bytesUnderWay;
    private long newest; // position
    private long moved = System.nanoTime(); // something was confirmed, or the topic was there
    private MessageQueueException failure; // the first one
    private boolean closed;

    KafkaPipeline(Topic topic, PublisherOptions options, Consumer<KafkaPipeline> ended) {
        this.topic = topic;
        this.options = options;
        this.ended = ended;
        failures = new PublishFailures(topic);
        int most = Math.min(BATCH_BYTES, topic.maxMessageLength + Records.OVERHEAD);
        client = topic.cluster.producerInOrder(watching, most);
        Quiet.run(() -> {
            try {
                client.partitionsFor(topic.name());
            } catch (AuthenticationException e) {
                client.close(Duration.ZERO);
                throw failures.ofNotTaken(e);
            } catch (KafkaException notNow) {
                return; // sending waits for it
            }
        });
        watching.begins(topic.name(), topic.id); // until this ends, since there is no other
    }

    private boolean hasFailed; // of the client's thread
    private long unanswered; // of the one that sends; nanoseconds in which it found no broker

    private final class Sent implements Callback {
        private final CompletableFuture<Long> confirmed = new CompletableFuture<>();
        private final long bytes;
        private volatile Thread handingOver = Thread.currentThread();
        private Exception refused; // in that thread

        Sent(long bytes) {
            this.bytes = bytes;
        }

        /** In the client's thread; or in the one that hands it over, if it was not taken. */
        @Override
        public void onCompletion(RecordMetadata metadata, Exception cause) {
            if (handingOver == Thread.currentThread()) {
                refused = cause;
                return;
            }
            if (cause == null) {
                confirm(this, metadata.offset() + 1);
            } else if (!hasFailed) { // once: closing the client is no small thing, and thousands may fail together
                hasFailed = true;
                fail(failures.of(cause));
            }
        }
    }

    @Override
    public CompletableFuture<Long> send(ByteBuffer body, MessageProperties properties, Duration timeout) {
        Objects.requireNonNull(body, "body");
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        long length = (long) body.remaining()
                + Objects.requireNonNull(properties, "properties").encodedLength();
        if (length > maxMessageLength()) throw failures.tooLarge(length, null);
        if (!awaitRoom(length + Records.OVERHEAD, deadline)) return null;
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        ProducerRecord<Object, byte[]> record =
                Records.record(topic.name(), topic.id, copy, properties, options.timestamps());
        do {
            long began = System.nanoTime();
            Sent sent = new Sent(length + Records.OVERHEAD);
            if (handOver(sent, record)) {
                body.position(body.limit());
                unanswered = 0;
                return sent.confirmed;
            }
            askWhetherThere(began);
        } while (!Deadlines.passed(deadline));
        return null;
    }

    /** False: the client had no room, or does not know where the topic is. */
    private boolean handOver(Sent sent, ProducerRecord<Object, byte[]> record) {
        synchronized (lock) {
            checkUsable();
            underWay.add(sent); // first: it may be confirmed before the call returns
            bytesUnderWay += sent.bytes;
        }
        boolean taken = false;
        try {
            Quiet.call(() -> client.send(record, sent));
            taken = sent.refused == null;
        } catch (InterruptException e) {
            throw Errors.interrupted("space in '" + topic.uri + "'");
        } catch (SameTopic.AnotherTopic e) {
            topic.requireThere();
            throw fail(failures.lost("the brokers do not agree yet which topic it is", e));
        } catch (KafkaException | IllegalStateException e) {
            if (watching.hasClosed()) topic.requireThere();
            throw fail(failures.of(e));
        } finally {
            sent.handingOver = null;
            if (!taken) takeBack(sent);
        }
        if (taken || sent.refused instanceof org.apache.kafka.common.errors.TimeoutException) return taken;
        MessageQueueException reason = failures.ofNotTaken(sent.refused);
        throw sent.refused instanceof AuthenticationException ? fail(reason) : reason; // its client is of no more use
    }

    /**
     * The client does not know where the topic is. It would wait for a broker as long as it is asked
     * to send: after the time in which it gives up what it has taken, this gives up, too. While
     * nothing is to be sent, nobody searches for a broker, and that time does not pass.
     */
    private void askWhetherThere(long began) {
        switch (topic.ask()) {
            case GONE -> throw fail(failures.lost("it was deleted", null));
            case THERE -> unanswered = 0;
            case UNKNOWN -> {
                unanswered += System.nanoTime() - began;
                long most = topic.cluster.deliveryNanos();
                if (unanswered >= most) throw fail(topic.cluster.unreachable("'" + topic.uri + "'", most, null));
            }
        }
    }

    private void takeBack(Sent sent) {
        synchronized (lock) {
            if (underWay.removeLastOccurrence(sent)) bytesUnderWay -= sent.bytes;
        }
    }

    /** Completed under the lock: that keeps their order, also if another thread fails the rest. */
    private void confirm(Sent sent, long position) {
        synchronized (lock) {
            if (failure != null) return;
            if (underWay.peek() != sent || position <= newest) {
                fail(failures.lost("the broker confirmed position " + position + " after " + newest, null));
                return;
            }
            underWay.remove();
            bytesUnderWay -= sent.bytes;
            newest = position;
            moved = System.nanoTime();
            sent.confirmed.complete(position);
            if (underWay.isEmpty() || bytesUnderWay <= MOST_BYTES / 2) lock.notifyAll(); // not for each
        }
    }

    /** All that is under way, and each later call. Returns the first failure. */
    private MessageQueueException fail(MessageQueueException reason) {
        MessageQueueException first;
        synchronized (lock) {
            first = failure == null ? failure = reason : failure;
            for (Sent sent; (sent = underWay.poll()) != null; bytesUnderWay -= sent.bytes)
                sent.confirmed.completeExceptionally(first);
            lock.notifyAll();
        }
        Quiet.run(() -> client.close(Duration.ZERO));
        return first;
    }

    /** A longer one than that is taken if nothing else is under way. */
    private boolean awaitRoom(long bytes, long deadline) {
        try {
            return await(() -> underWay.isEmpty() || bytesUnderWay + bytes <= MOST_BYTES, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.interrupted("space in '" + topic.uri + "'");
        }
    }

    @Override
    public boolean flush(Duration timeout) {
        try {
            return await(underWay::isEmpty, Deadlines.after(Objects.requireNonNull(timeout, "timeout")));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedQueueException(
                    "Interrupted while waiting for what was sent to '" + topic.uri
                            + "'; it goes on being published, and the thread's interrupt flag is still set.",
                    e);
        }
    }

    private boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
        while (true) {
            synchronized (lock) {
                checkUsable();
                if (condition.getAsBoolean()) return true;
                if (Deadlines.passed(deadline)) return false;
                long nanos = Math.min(Deadlines.remaining(deadline), SLICE_NANOS);
                TimeUnit.NANOSECONDS.timedWait(lock, Math.max(nanos, 1_000_000));
                if (System.nanoTime() - moved < SLICE_NANOS) continue;
                moved = System.nanoTime();
            }
            if (topic.isGone()) throw fail(failures.lost("it was deleted before the broker answered", null));
        }
    }

    private void checkUsable() {
        if (closed) throw Errors.closed(this.toString());
        if (failure != null) throw failures.after(failure);
    }

    @Override
    public int maxMessageLength() {
        return topic.maxMessageLength;
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed) return;
            closed = true;
        }
        try {
            fail(failures.lost("its publisher was closed before the broker answered", null));
        } finally { // an interrupted thread's close of the client throws
            ended.accept(this);
        }
    }

    @Override
    public String toString() {
        return "Pipelined publisher of '" + topic.uri + "'";
    }
}
