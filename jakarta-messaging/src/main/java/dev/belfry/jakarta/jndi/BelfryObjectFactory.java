package dev.belfry.jakarta.jndi;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.client.BelfryQueue;
import dev.belfry.jakarta.client.BelfryTopic;
import dev.belfry.jakarta.client.References;
import java.util.Collections;
import java.util.Hashtable;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NamingException;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;

/**
 * Makes factories and destinations again from the references that another directory keeps.
 * @since 0.1
 */
public final class BelfryObjectFactory implements ObjectFactory {
    /** For JNDI, which knows the name of this class. */
    public BelfryObjectFactory() {}

    /** Null: it is none of ours. */
    @Override
    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment)
            throws NamingException {
        if (!(object instanceof Reference reference) || !References.FACTORY.equals(reference.getFactoryClassName()))
            return null;
        if (reference.get(References.QUEUE) != null) return new BelfryQueue(text(reference, References.QUEUE));
        if (reference.get(References.TOPIC) != null) return new BelfryTopic(text(reference, References.TOPIC));
        return factory(reference);
    }

    private static BelfryConnectionFactory factory(Reference reference) throws NamingException {
        String uri = text(reference, References.URI);
        try {
            BelfryConnectionFactory factory = new BelfryConnectionFactory(uri);
            for (RefAddr one : Collections.list(reference.getAll()))
                if (!one.getType().equals(References.URI))
                    factory.setSetting(one.getType(), text(reference, one.getType()));
            return factory;
        } catch (IllegalArgumentException e) {
            ConfigurationException failure = new ConfigurationException("BELFRY-201: Reference to a "
                    + reference.getClassName() + " is wrong: " + Names.sentence(e) + " Bind a correct factory.");
            failure.initCause(e);
            throw failure;
        }
    }

    private static String text(Reference reference, String address) throws NamingException {
        RefAddr found = reference.get(address);
        if (found != null && found.getContent() instanceof String text && !text.isEmpty()) return text;
        throw new ConfigurationException("BELFRY-206: Reference to a " + reference.getClassName() + " has "
                + (found == null ? "no address '" : "no text in its address '") + address
                + "'; it needs 'uri', 'queue' or 'topic'. Bind the object again.");
    }
}
