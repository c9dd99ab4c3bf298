package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.MessageView;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SubscriberOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Treats a message at which a listener has thrown for the last time: {@link OnFailure}. Called by
 * the listener's thread. It has the queue open to which such messages are moved.
 */
final class FailedMessages {
    private static final Logger LOG = LoggerFactory.getLogger(FailedMessages.class);
    private static final long MOST_DELAY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_OF_A_REASON = 1000;

    /** A publish that waits for room ends so soon after a close. */
    private static final Duration SLICE = Duration.ofMillis(100);

    private final Use use;
    private final SubscriberOptions options;
    private final String origin;
    private MessageQueue target;
    private Publisher publisher;

    /** Each message that is moved carries {@code origin}, the subscriber's queue. */
    FailedMessages(Use use, SubscriberOptions options, String origin) {
        this.use = use;
        this.options = options;
        this.origin = origin;
    }

    /** Called by setListener: what is wrong with the other queue is told at once. */
    void open() {
        if (!(options.onFailure() instanceof OnFailure.MoveTo to)) return;
        if (QueueUri.parse(to.uri()).toString().equals(origin))
            throw new IllegalArgumentException("moveTo of '" + origin
                    + "' names the subscriber's own queue, from which the message would come again: name another one");
        boolean asText = to.config() == QueueConfig.defaults(); // an URI refuses some, in other words
        target = asText ? MessageQueues.open(to.uri()) : MessageQueues.open(URI.create(to.uri()), to.config());
        Capabilities.require(target.uri().getScheme(), target.capabilities(), Capability.PROPERTIES, "moveTo");
        publisher = target.createPublisher();
    }

    void close() {
        if (target == null) return;
        try {
            target.close();
        } catch (Throwable e) { // the subscriber is still to be released
            LOG.warn("{}: '{}', to which failed messages were moved, did not close", use.describe(), target.uri(), e);
        }
    }

    /** Before the message comes again for the {@code redelivery}th time. Returns early if it is closed. */
    void delay(int redelivery) {
        long first = options.retryDelay().toNanos();
        if (first == 0) return;
        long nanos = first << Math.min(redelivery - 1, Long.numberOfLeadingZeros(first) - 1);
        try {
            use.awaitClose(Math.min(nanos, MOST_DELAY_NANOS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.interrupted("a message of '" + origin + "' that failed");
        }
    }

    /** Answers whether it is done with, and counts as delivered. False: the subscriber stops, or was closed. */
    boolean isDoneWith(MessageView message, Throwable failure) {
        if (options.onFailure() instanceof OnFailure.Stop || isNotOfTheMessage(failure)) return false;
        long position = message.position();
        boolean told = tell(failure);
        if (options.onFailure() instanceof OnFailure.Skip) {
            if (!told) LOG.warn("{}: message {} failed and is skipped", use.describe(), position, Loggable.of(failure));
            return true;
        }
        try {
            long there = move(message, failure);
            if (there < 0) return false;
            if (!told)
                LOG.warn(
                        "{}: message {} failed and is now message {} of '{}'",
                        use.describe(),
                        position,
                        there,
                        target.uri(),
                        Loggable.of(failure));
            return true;
        } catch (MessageTooLargeException refused) {
            throw notMoved(
                    new MessageTooLargeException("'" + target.uri() + "' does not take message "
                            + Units.number(position) + " of '" + origin + "', which failed: " + refused.getMessage()),
                    failure);
        } catch (RuntimeException refused) {
            throw notMoved(refused, failure);
        }
    }

    /** Whether a message that only a newer library can read counts as one that has failed, and is skipped. */
    boolean isSkipped(IncompatibleVersionException newer) {
        if (!(options.onFailure() instanceof OnFailure.Skip) || newer.position() == 0) return false;
        if (!tell(newer)) LOG.warn("{}: {} It is skipped", use.describe(), newer.getMessage());
        return true;
    }

    private static RuntimeException notMoved(RuntimeException reason, Throwable failure) {
        Errors.suppress(reason, failure);
        return reason;
    }

    private static boolean isNotOfTheMessage(Throwable failure) {
        return isOfTheJvm(failure)
                || failure instanceof InterruptedException
                || failure instanceof InterruptedQueueException
                || Thread.currentThread().isInterrupted();
    }

    private static boolean isOfTheJvm(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }

    /** Answers false if there is no onError, or if it failed, too. */
    private boolean tell(Throwable failure) {
        Consumer<Throwable> onError = options.onError();
        if (onError == null) return false;
        try {
            onError.accept(failure);
            return true;
        } catch (Throwable e) {
            if (e != failure && isOfTheJvm(e)) throw e;
            Errors.suppress(failure, e);
            return false;
        }
    }

    /**
     * To the queue that has the name now: one whose name was removed is found by nobody. Again if it was
     * removed meanwhile. REJECTED if the subscriber is closed.
     */
    private long move(MessageView message, Throwable failure) {
        long position;
        do {
            if (isRemoved()) {
                close();
                open();
            }
            position = moveToThis(message, failure);
        } while (position >= 0 && isRemoved());
        return position;
    }

    /** A broker keeps its names, and each question is a round trip, which fails while it is away. */
    private boolean isRemoved() {
        return !(target instanceof Remote) && QueueCounter.UNLINKED.of(target.stats()) != 0;
    }

    /** Waits for room until the subscriber is closed; then REJECTED. */
    private long moveToThis(MessageView message, Throwable failure) {
        byte[] body = message.bytes();
        MessageProperties properties = properties(message, failure, body.length);
        long position = Publisher.REJECTED;
        while (position < 0 && !use.isClosed()) position = publisher.offer(ByteBuffer.wrap(body), properties, SLICE);
        return position < 0 || isThereToStay(position) ? position : Publisher.REJECTED;
    }

    /**
     * Waits until the copy would outlive a power loss, as far as its queue promises that: only then may the original be
     * acknowledged.
     *
     * @return false if the subscriber is closed meanwhile: the message is redelivered, and may be in both queues
     */
    private boolean isThereToStay(long position) {
        if (!target.capabilities().contains(Capability.AWAIT_DURABLE)) return true;
        while (!publisher.awaitDurable(position, SLICE)) {
            if (use.isClosed()) return false;
        }
        return true;
    }

    /**
     * Its own, and of ours the first ones that fit. None of ours from before: with the mark of a bridge it would be
     * taken for a duplicate.
     */
    private MessageProperties properties(MessageView message, Throwable failure, int bodyLength) {
        Map<String, Object> ours = new LinkedHashMap<>();
        ours.put(OnFailure.ORIGIN, origin);
        ours.put(OnFailure.POSITION, message.position());
        if (options.name() != null) ours.put(OnFailure.SUBSCRIBER, options.name());
        ours.put(OnFailure.REASON, reason(failure));
        Map<String, Object> all = new LinkedHashMap<>();
        MessageProperties own =
                MessageProperties.builder().putAll(message.properties()).build();
        for (String name : own.names()) all.put(name, own.get(name));
        int room = Math.min(publisher.maxMessageLength() - bodyLength, PropertiesCodec.MAX_ENCODED_LENGTH);
        for (Map.Entry<String, Object> each : ours.entrySet()) {
            all.put(each.getKey(), each.getValue());
            if (PropertiesCodec.encodedLength(all) <= room) continue;
            all.remove(each.getKey());
            break;
        }
        MessageProperties.Builder built = MessageProperties.builder();
        all.forEach(built::putReceived);
        return built.build();
    }

    private static String reason(Throwable failure) {
        try {
            return Units.printable(String.valueOf(failure), MOST_OF_A_REASON);
        } catch (RuntimeException itsOwn) {
            return Units.printable(failure.getClass().getName(), MOST_OF_A_REASON);
        }
    }
}
