package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import jakarta.jms.Queue;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.naming.Referenceable;

/**
 * A queue by its name: no more than that, so it may be kept, compared, sent, and bound in a
 * directory.
 */
public class BelfryQueue implements Queue, Referenceable, Serializable {
    private static final long serialVersionUID = 1;

    private final String name;

    public BelfryQueue(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    @Override
    public final String getQueueName() {
        return name;
    }

    final String name() {
        return name;
    }

    /** Its number in the log. */
    long id() {
        return Domain.queueId(name);
    }

    @Override
    public Reference getReference() throws NamingException {
        return References.of(BelfryQueue.class, References.QUEUE, name);
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && ((BelfryQueue) other).name.equals(name);
    }

    @Override
    public final int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return "queue '" + name + "'";
    }
}
