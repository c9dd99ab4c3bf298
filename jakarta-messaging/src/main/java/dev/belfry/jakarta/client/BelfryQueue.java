package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import jakarta.jms.Queue;

/** A queue: each message goes to one of its consumers. */
public class BelfryQueue extends BelfryDestination implements Queue {
    private static final long serialVersionUID = 1;

    public BelfryQueue(String name) {
        super(name);
    }

    @Override
    public final String getQueueName() {
        return name;
    }

    @Override
    long id() {
        return Domain.queueId(name);
    }

    @Override
    final String address() {
        return References.QUEUE;
    }
}
