package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;

/** A queue that ends with its connection. */
final class BelfryTemporaryQueue extends BelfryQueue implements TemporaryQueue, Temporary {
    private static final long serialVersionUID = 1;

    private final transient Owner owner;

    BelfryTemporaryQueue(String name, Owner owner) {
        super(name);
        this.owner = owner;
    }

    @Override
    long id() {
        return Domain.temporaryQueueId(name);
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public void delete() throws JMSException {
        deleteByOwner();
    }
}
