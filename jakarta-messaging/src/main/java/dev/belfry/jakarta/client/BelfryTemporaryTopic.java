package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;

/** A topic that ends with its connection. */
final class BelfryTemporaryTopic extends BelfryTopic implements TemporaryTopic, Temporary {
    private static final long serialVersionUID = 1;

    private final transient Owner owner;

    BelfryTemporaryTopic(String name, Owner owner) {
        super(name);
        this.owner = owner;
    }

    @Override
    long id() {
        return Domain.temporaryTopicId(name);
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
