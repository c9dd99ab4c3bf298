package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import jakarta.jms.Topic;

/** A topic: each message goes to each of its subscriptions. */
public class BelfryTopic extends BelfryDestination implements Topic {
    private static final long serialVersionUID = 1;

    public BelfryTopic(String name) {
        super(name);
    }

    @Override
    public final String getTopicName() {
        return name;
    }

    @Override
    long id() {
        return Domain.topicId(name);
    }

    @Override
    final boolean isTopic() {
        return true;
    }

    @Override
    final String address() {
        return References.TOPIC;
    }
}
