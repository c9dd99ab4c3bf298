package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.NewerMessages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes requests on one queue, and waits for their answers on another. Any thread may use it, and
 * many requests may be under way. It has no thread of its own: of those that wait, one reads for all.
 *
 * <p>It reads the answers to all requesters. If an answer is for another requester, it compares 16
 * bytes, and decodes nothing. A message that only a newer library can read is passed over, and the first one logged.
 * @since 0.1
 */
public final class Requester<Q, A> implements AutoCloseable {
    private static final String NEXT = "The request is answered; correct the codec.";
    private static final int AT_ONCE = 256;

    private final UUID id = UUID.randomUUID();
    private final long high = id.getMostSignificantBits();
    private final long low = id.getLeastSignificantBits();
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Pending<A>> pending = new ConcurrentHashMap<>();
    private final MessageQueue requests;
    private final String answersQueue;
    private final Publisher out;
    private final Subscriber in;
    private final Encoding<Q> encoding;
    private final Decoding<A> decoding;
    private final boolean seeks;
    private final MessageHandler hearing = this::hear;
    private final NewerMessages newerMessages = new NewerMessages(); // of the one that reads

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean reads; // guarded by lock: one of those that wait is in poll
    private boolean heard; // of that one: it got an answer
    private volatile boolean closed;

    private Requester(
            MessageQueue requests,
            Publisher out,
            Encoding<Q> encoding,
            Subscriber in,
            Decoding<A> decoding,
            String answersQueue,
            boolean seeks) {
        this.requests = requests;
        this.out = out;
        this.encoding = encoding;
        this.in = in;
        this.decoding = decoding;
        this.answersQueue = answersQueue;
        this.seeks = seeks;
    }

    /**
     * Its subscriber to the answers overruns, where the transport has that: so a requester without
     * requests under way, which does not read, holds nobody up.
     */
    public static <Q, A> Requester<Q, A> of(
            MessageQueue requests, Codec<Q> codec, MessageQueue answers, Codec<A> answered) {
        return of(requests, codec, PublisherOptions.defaults(), answers, answered);
    }

    /** Publishes requests with the options {@code out}; {@link #request} has a time limit of its own. */
    public static <Q, A> Requester<Q, A> of(
            MessageQueue requests, Codec<Q> codec, PublisherOptions out, MessageQueue answers, Codec<A> answered) {
        boolean overruns = answers.capabilities().contains(Capability.OVERRUN);
        SubscriberOptions options = SubscriberOptions.builder()
                .ackMode(AckMode.NONE)
                .slowSubscriber(overruns ? SlowSubscriber.OVERRUN : SlowSubscriber.GATE_PUBLISHER)
                .build();
        return of(requests, codec, out, answers, answered, options);
    }

    /**
     * {@code in}: of the subscriber to the answers. One that gates holds up all repliers while nobody
     * waits for an answer.
     */
    public static <Q, A> Requester<Q, A> of(
            MessageQueue requests,
            Codec<Q> codec,
            PublisherOptions out,
            MessageQueue answers,
            Codec<A> answered,
            SubscriberOptions in) {
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(answered, "answered");
        Envelope.refuseOneQueue(requests, answers);
        String answersQueue = answers.uri().toString();
        Publisher publisher = requests.createPublisher(out);
        try {
            return new Requester<>(
                    requests,
                    publisher,
                    new Encoding<>(requests.uri().toString(), false, codec),
                    answers.createSubscriber(in),
                    new Decoding<>(answersQueue, answered, NEXT),
                    answersQueue,
                    answers.capabilities().contains(Capability.SEEK));
        } catch (Throwable e) {
            publisher.close();
            throw e;
        }
    }

    /**
     * The answer. Null if the time passed first, also while the queue of requests was full; or if the
     * requester was closed meanwhile. An interrupt ends it with {@link InterruptedQueueException}. An
     * answer that comes later is passed over. An IllegalStateException where this thread would wait for
     * itself: in the handler of the only replier of these requests.
     */
    public @Nullable A request(Q question, Duration timeout) {
        long deadline = Deadlines.after(timeout);
        boolean wasOpen = !closed;
        refuseToWaitForItself();
        byte[] body = encoding.bytes(out, Objects.requireNonNull(question, "question"));
        try (Pending<A> request = new Pending<>(this, numbers.incrementAndGet())) {
            begin(request);
            Duration left = Duration.ofNanos(Deadlines.remaining(deadline));
            ByteBuffer message = ByteBuffer.wrap(Envelope.around(body, high, low, request.number, Envelope.REQUEST));
            if (out.offer(message, left) < 0) return null;
            return await(request, deadline);
        } catch (QueueClosedException e) {
            if (wasOpen && closed) return null;
            throw e;
        }
    }

    /** In the handler of the queue's only replier, which would take the request after its own return. */
    private void refuseToWaitForItself() {
        String queue = requests.uri().toString();
        if (Replier.answersHere(queue) && requests.stats().subscribers().size() == 1)
            throw new IllegalStateException("The only replier of '" + queue + "' asks its own queue in its handler:"
                    + " this thread would wait for itself. Ask another queue, or start another replier.");
    }

    /** Publishes a request, and returns at once, to wait for the answer later. */
    public Pending<A> send(Q question) {
        byte[] body = encoding.bytes(out, Objects.requireNonNull(question, "question"));
        Pending<A> request = new Pending<>(this, numbers.incrementAndGet());
        begin(request);
        try {
            out.publish(Envelope.around(body, high, low, request.number, Envelope.REQUEST));
            return request;
        } catch (Throwable e) {
            request.close();
            throw e;
        }
    }

    /**
     * Passes over the answers to others that came while nobody waited here. If they were read, an
     * overrun would be reported.
     */
    private void begin(Pending<A> request) {
        lock.lock();
        try {
            if (seeks && !reads && pending.isEmpty() && in.lag() > AT_ONCE) in.seek(StartAt.NOW);
            pending.put(request.number, request);
        } finally {
            lock.unlock();
        }
    }

    /** A request under way. */
    public static final class Pending<A> implements AutoCloseable {
        private final Requester<?, A> requester;
        private final long number;
        private volatile Message answer;

        private Pending(Requester<?, A> requester, long number) {
            this.requester = requester;
            this.number = number;
        }

        /**
         * The answer, as of {@link Requester#request}; after null it may be called again. Each call
         * after the answer came decodes it.
         */
        public @Nullable A await(Duration timeout) {
            return requester.await(this, Deadlines.after(timeout));
        }

        /** Gives the request up: an answer is passed over. Nothing if it was answered. */
        @Override
        public void close() {
            requester.pending.remove(number);
        }
    }

    private @Nullable A await(Pending<A> request, long deadline) {
        if (request.answer == null) refuseToWaitForItself();
        Message answer = answer(request, deadline);
        return answer == null ? null : decoding.decode(answer);
    }

    /** Reads for all that wait, or waits for the one that does. Null if the time has passed, or if it is closed. */
    private Message answer(Pending<A> request, long deadline) {
        lock.lock();
        try {
            boolean last = false;
            while (request.answer == null && !closed && !last) {
                long left = Deadlines.remaining(deadline);
                last = left == 0; // then what is there already counts
                if (!reads) read(left);
                else if (!last) changed.awaitNanos(left);
            }
            return request.answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.interrupted("an answer on '" + answersQueue + "'");
        } catch (QueueClosedException e) {
            if (closed) return request.answer;
            throw e; // its queue was closed
        } finally {
            if (!reads) changed.signal(); // another one of those that wait reads now
            lock.unlock();
        }
    }

    /** Called with the lock, which it gives up meanwhile. */
    private void read(long nanos) {
        reads = true;
        heard = false;
        lock.unlock();
        try {
            in.poll(hearing, AT_ONCE, Duration.ofNanos(nanos));
        } catch (IncompatibleVersionException newer) {
            newerMessages.passOver(this, in, newer);
        } finally {
            lock.lock();
            reads = false;
            if (heard) changed.signalAll(); // it may be another's
        }
    }

    private void hear(MessageView message) {
        if (!Envelope.isFor(message, high, low) || !Envelope.is(message, Envelope.ANSWER)) return;
        Pending<A> request = pending.get(Envelope.number(message));
        if (request == null) return; // given up, or answered by another replier
        request.answer = Envelope.inside(message); // if this fails the message comes again
        pending.remove(request.number);
        heard = true;
    }

    /** Ends the requests under way: they have no answer. */
    @Override
    public void close() {
        closed = true;
        try {
            in.close();
        } finally {
            out.close();
            lock.lock();
            changed.signalAll();
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "Requester " + id + " with " + pending.size() + " request(s) under way" + (closed ? ", closed" : "");
    }
}
