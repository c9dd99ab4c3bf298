package dev.belfry.jakarta.client;

import jakarta.jms.Topic;
import java.io.Serializable;
import javax.naming.Reference;
import javax.naming.Referenceable;

/** A topic by its name: what JMSReplyTo of a message may name. */
public record BelfryTopic(String name) implements Topic, Referenceable, Serializable {
    @Override
    public String getTopicName() {
        return name;
    }

    @Override
    public Reference getReference() {
        return References.of(BelfryTopic.class, References.TOPIC, name);
    }

    @Override
    public String toString() {
        return "topic '" + name + "'";
    }
}
