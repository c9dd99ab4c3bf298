package dev.belfry.jakarta.client;

import jakarta.jms.Destination;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.naming.Referenceable;

/** A queue or topic by its name: no more than that, so it may be kept, compared, sent, and bound in a directory. */
public abstract class BelfryDestination implements Destination, Referenceable, Serializable {
    private static final long serialVersionUID = 1;

    final String name;

    BelfryDestination(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** Its number in the log. */
    abstract long id();

    /** The type of its address in a directory: of a queue, or of a topic. */
    abstract String address();

    boolean isTopic() {
        return false;
    }

    @Override
    public Reference getReference() throws NamingException {
        if (this instanceof Temporary temporary) throw temporary.notToBeBound();
        return References.of(getClass(), address(), name);
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && ((BelfryDestination) other).name.equals(name);
    }

    @Override
    public final int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return (this instanceof Temporary ? "temporary " : "") + address() + " '" + name + "'";
    }
}
