package dev.belfry.jakarta.client;

import jakarta.jms.Topic;
import java.io.Serializable;

/** A topic by its name: what JMSReplyTo of a message may name. */
public record BelfryTopic(String name) implements Topic, Serializable {
    @Override
    public String getTopicName() {
        return name;
    }

    @Override
    public String toString() {
        return "topic '" + name + "'";
    }
}
