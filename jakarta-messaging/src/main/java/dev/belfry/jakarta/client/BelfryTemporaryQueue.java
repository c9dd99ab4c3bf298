package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import javax.naming.OperationNotSupportedException;
import javax.naming.Reference;

/**
 * A queue that one connection has made, which alone consumes from it [6.2.2]. Anyone may send to
 * it, by the JMSReplyTo of a message.
 */
final class BelfryTemporaryQueue extends BelfryQueue implements TemporaryQueue {
    private static final long serialVersionUID = 1;

    /** Null: it came with a message, from another connection. */
    private final transient BelfryConnection owner;

    BelfryTemporaryQueue(String name, BelfryConnection owner) {
        super(name);
        this.owner = owner;
    }

    @Override
    long id() {
        return Domain.temporaryQueueId(name());
    }

    @Override
    public void delete() throws JMSException {
        if (owner == null) throw notOwn("delete");
        owner.delete(this);
    }

    @Override
    public Reference getReference() throws OperationNotSupportedException {
        throw new OperationNotSupportedException("BELFRY-205: " + this
                + " is to be bound in a directory, and ends with its connection; only what lasts can be bound."
                + " Bind a queue made by createQueue.");
    }

    InvalidDestinationException notOwn(String call) {
        return new InvalidDestinationException(
                call + " is called for " + this
                        + ", which is not this connection's, or not any more; only the connection that made it may do so."
                        + " Send to it, or make another by createTemporaryQueue.",
                Codes.TEMPORARY_QUEUE);
    }

    InvalidDestinationException deleted() {
        return new InvalidDestinationException(
                "Message is for " + this
                        + ", which is deleted, as its connection may be closed; no process would receive it."
                        + " Send to another destination.",
                Codes.TEMPORARY_QUEUE);
    }

    @Override
    public String toString() {
        return "temporary " + super.toString();
    }
}
