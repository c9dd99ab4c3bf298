package dev.belfry.jakarta.client;

import dev.belfry.jakarta.text.Codes;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import javax.naming.OperationNotSupportedException;

/**
 * A destination that one connection has made, which alone consumes from it [6.2.2]. Anyone may send
 * to it, by the JMSReplyTo of a message.
 */
interface Temporary {
    /** The connection that has made it. */
    interface Owner {
        void delete(Temporary own) throws JMSException;
    }

    /** Null: it came with a message, from another connection. */
    Owner owner();

    default void deleteByOwner() throws JMSException {
        if (owner() == null) throw notOwn("delete");
        owner().delete(this);
    }

    default OperationNotSupportedException notToBeBound() {
        return new OperationNotSupportedException("BELFRY-205: " + this
                + " is to be bound in a directory, and ends with its connection; only what lasts can be bound."
                + " Bind one made by createQueue or createTopic.");
    }

    default InvalidDestinationException notOwn(String call) {
        return new InvalidDestinationException(
                call + " is called for " + this
                        + ", which is not this connection's, or not any more; only the connection that made it may do so."
                        + " Send to it, or make another one.",
                Codes.TEMPORARY);
    }

    default InvalidDestinationException deleted() {
        return new InvalidDestinationException(
                "Message is for " + this
                        + ", which is deleted, as its connection may be closed; no process would receive it."
                        + " Send to another destination.",
                Codes.TEMPORARY);
    }
}
