package dev.belfry.jakarta.jndi;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;

/**
 * An initial context of factories and destinations that are written down as properties: in the environment given to
 * {@code new InitialContext}, in {@code jndi.properties}, or in the file that {@code java.naming.provider.url} names.
 *
 * <pre>
 * java.naming.factory.initial=dev.belfry.jakarta.jndi.BelfryInitialContextFactory
 * java.naming.provider.url     a path or file: URL of more properties; the environment wins
 * connectionFactory.NAME       URI of a domain with its settings, such as mem:orders?prefetch=16
 * queue.NAME                   name of a queue
 * topic.NAME                   name of a topic
 * </pre>
 *
 * A name may have slashes, which make contexts. {@code dynamicQueues/X} and {@code dynamicTopics/X} need no key. A
 * context cannot be changed.
 * @since 0.1
 */
public final class BelfryInitialContextFactory implements InitialContextFactory {
    /** For JNDI, which knows the name of this class. */
    public BelfryInitialContextFactory() {}

    @Override
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
        return new NamesContext(Names.read(environment), "", environment).context();
    }
}
