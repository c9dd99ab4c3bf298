package dev.belfry.bridge;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.HeapMessage;
import java.util.Objects;
import java.util.UUID;

/**
 * For programs that read a queue into which a bridge publishes.
 * @since 0.1
 */
public final class Bridges {
    private Bridges() {}

    /**
     * The same subscriber without the messages that a bridge brought twice, and without marks. It remembers what it
     * has read: of duplicates of messages before its start it knows nothing. Messages that come
     * again because nobody acknowledged them do come again. Closing it closes {@code subscriber}.
     */
    public static Subscriber dropDuplicates(Subscriber subscriber) {
        return new WithoutDuplicates(Objects.requireNonNull(subscriber, "subscriber"), new Duplicates(""));
    }

    /**
     * Creates a subscriber, and knows the messages before its start, too: up to 65,536 that the
     * queue retains. For a named subscription, which goes on where it stopped.
     */
    public static Subscriber dropDuplicates(MessageQueue queue, SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        Subscriber subscriber = Objects.requireNonNull(queue, "queue").createSubscriber(options);
        try {
            Duplicates duplicates = new Duplicates("");
            new History(queue, () -> false).teach(duplicates, subscriber.position());
            return new WithoutDuplicates(subscriber, duplicates);
        } catch (Throwable failure) {
            subscriber.close();
            throw failure;
        }
    }

    /** Whether it is no message, but tells the next bridge how far this one came: {@link BridgeOptions}. */
    public static boolean isMark(MessageView message) {
        return Mark.isAlone(Objects.requireNonNull(message, "message").properties());
    }

    /** For {@link BridgeOptions#map}: this message with another body, and other properties. */
    public static Message message(Message of, byte[] body, MessageProperties properties) {
        return new HeapMessage(of.position(), of.timestampMillis(), body, properties, of.redelivered());
    }

    /** The properties of a message that is published again: its own, and when it was first published. */
    public static MessageProperties withItsTime(MessageView message) {
        MessageProperties own = message.properties();
        long time = timestampMillis(message);
        if (time == 0 || own.get(Mark.TIMESTAMP) != null) return own;
        MessageProperties.Builder all = MessageProperties.builder();
        for (String name : own.names()) all.putReceived(name, own.get(name));
        return all.putReceived(Mark.TIMESTAMP, time).build();
    }

    /**
     * The properties of a message that a program brings from elsewhere, as a bridge would mark it.
     *
     * @param of its own
     * @param source an id that no queue has
     * @param position at least 1, and above that of the message before it with this source: else it is a duplicate
     * @param timestampMillis when it was first published; 0: not known
     */
    public static MessageProperties marked(MessageProperties of, UUID source, long position, long timestampMillis) {
        return Mark.beside(of, source.toString(), position, timestampMillis);
    }

    /**
     * When the message was first published, by the clock of its publisher and over however many
     * bridges it came; 0 if that wrote no time.
     */
    public static long timestampMillis(MessageView message) {
        return Mark.timestamp(Objects.requireNonNull(message, "message"));
    }
}
