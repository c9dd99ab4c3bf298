package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Codes;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;

/** The kind of destination that JMSReplyTo names. */
public enum DestinationKind {
    QUEUE(0),
    TOPIC(1),
    TEMPORARY_QUEUE(2),
    TEMPORARY_TOPIC(3);

    private static final DestinationKind[] KINDS = values();

    /** In the log, for good. */
    final int number;

    DestinationKind(int number) {
        this.number = number;
    }

    public boolean isQueue() {
        return this == QUEUE || this == TEMPORARY_QUEUE;
    }

    /** Makes the destinations of this provider. */
    @FunctionalInterface
    public interface Maker {
        Destination destination(DestinationKind kind, String name);
    }

    static DestinationKind of(Destination destination) throws JMSException {
        if (destination instanceof TemporaryQueue) return TEMPORARY_QUEUE;
        if (destination instanceof TemporaryTopic) return TEMPORARY_TOPIC;
        if (destination instanceof Queue) return QUEUE;
        if (destination instanceof Topic) return TOPIC;
        throw new InvalidDestinationException(
                "JMSReplyTo is a " + destination.getClass().getName()
                        + "; it must be a Queue or a Topic. Make one by a session.",
                Codes.DESTINATION);
    }

    static DestinationKind of(int number) throws JMSException {
        for (DestinationKind one : KINDS) if (one.number == number) return one;
        throw Problems.newer("JMSReplyTo is of the kind " + number);
    }

    static String name(Destination destination) throws JMSException {
        return destination instanceof Queue queue ? queue.getQueueName() : ((Topic) destination).getTopicName();
    }
}
