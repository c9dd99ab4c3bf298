package dev.belfry.jakarta;

import dev.belfry.api.QueueHealth;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.client.BelfryContext;
import dev.belfry.jakarta.client.Credentials;
import dev.belfry.jakarta.client.DomainProbe;
import dev.belfry.jakarta.client.References;
import dev.belfry.jakarta.client.Settings;
import dev.belfry.jakarta.domain.Domains;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;

/**
 * Connections to a domain: {@code new BelfryConnectionFactory("mem:orders?prefetch=16&clientID=billing")}. Each setting
 * is a parameter of the URI, or has a setter; a setter wins. Else {@code belfry.jakarta.NAME} of the system properties
 * decides, then the environment, then the default. Any thread; settings are read when a connection is created.
 *
 * <pre>
 * clientID         none    of each connection; so there is one at a time
 * prefetch         32      messages that a busy consumer takes at most before it delivers them
 * sendTimeout      30s     how long a send or commit waits when the domain is full
 * maxDeliveries    10      then a message goes to the dead letter queue; 0: never
 * deadLetterQueue  DLQ
 * redeliveryDelay  0s      after recover, rollback, or a listener that throws
 * dupsOkBatch      64      acknowledgements that DUPS_OK_ACKNOWLEDGE keeps back
 * linger           10s     how long this JVM stays in the domain after its last connection
 * endIfDeleted     true    connections end when their domain was deleted; an ExceptionListener hears it
 * trustedClasses           of ObjectMessages: a filter pattern of Java serialisation
 * user, password   none    that createConnection accepts; without arguments these are used
 * users            none    a properties file of user=password that createConnection accepts;
 *                          without arguments user and password must be there, and right
 * capacity         4m      of the domain, when it is created
 * maxCapacity      256m    of all that waits there; at most 1g
 * mode, group
 * sync, flush, anyFileSystem        of a domain on the disk, as a queue of file: has them
 * overflow         none    where the backlog of queues goes that maxCapacity cannot hold: on in a domain of file:,
 *                          file:/directory?maxSize=50g beside one of shm:
 * </pre>
 *
 * User and password protect nothing: a process that may open the domain may do all.
 * @since 0.1
 */
public final class BelfryConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Referenceable, Serializable {
    private static final long serialVersionUID = 1;

    private final String uri;
    private final TreeMap<String, String> set = new TreeMap<>();
    private transient Settings read;
    private transient List<String> properties;

    /** {@code uri}: scheme and name of the domain, and settings as its parameters. */
    public BelfryConnectionFactory(String uri) {
        this.uri = uri;
        settings();
    }

    /** Read again if a system property has changed; the environment does not. */
    private synchronized Settings settings() {
        List<String> now = Settings.properties();
        if (read == null || !now.equals(properties)) read = Settings.of(uri, set);
        properties = now;
        return read;
    }

    /** As it was given. */
    public String getUri() {
        return uri;
    }

    /** One of the settings above; null: as if it had not been set. */
    public synchronized void setSetting(String name, String value) {
        Map<String, String> changed = new TreeMap<>(set);
        if (value == null) changed.remove(name);
        else changed.put(name, value);
        Settings.of(uri, changed);
        if (value == null) set.remove(name);
        else set.put(name, value);
        read = null;
    }

    public void setClientID(String clientId) {
        setSetting("clientID", clientId);
    }

    public void setPrefetch(int prefetch) {
        setSetting("prefetch", Integer.toString(prefetch));
    }

    /** Such as {@code 30s}. */
    public void setSendTimeout(String duration) {
        setSetting("sendTimeout", duration);
    }

    public void setMaxDeliveries(int most) {
        setSetting("maxDeliveries", Integer.toString(most));
    }

    public void setDeadLetterQueue(String name) {
        setSetting("deadLetterQueue", name);
    }

    /** Such as {@code 5s}. */
    public void setRedeliveryDelay(String duration) {
        setSetting("redeliveryDelay", duration);
    }

    public void setTrustedClasses(String pattern) {
        setSetting("trustedClasses", pattern);
    }

    public void setUser(String user) {
        setSetting("user", user);
    }

    public void setPassword(String password) {
        setSetting("password", password);
    }

    /**
     * The health of the domain, to be asked now and then: each answer compares with those before. It has what is wrong
     * with its log, as QueueHealth has it, and a process that is stopped and holds messages, dead letters, a message
     * that is delivered again and again, and that the domain is full. To ask is to join for a moment, as a connection
     * does.
     *
     * @param stuckAfter what has not moved for so long, although it should, is stuck
     */
    public Supplier<QueueHealth.Report> health(Duration stuckAfter) {
        return new DomainProbe(this::settings, stuckAfter);
    }

    // ---- connections

    private BelfryConnection connect(boolean asConfigured, String user, String password) throws JMSException {
        Settings settings = settings();
        if (!asConfigured) Credentials.check(settings, user, password);
        else if (settings.users() != null) Credentials.check(settings, settings.user(), settings.password());
        return new BelfryConnection(settings, Domains.SHARED);
    }

    @Override
    public Connection createConnection() throws JMSException {
        return connect(true, null, null);
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        return connect(false, user, password);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return connect(true, null, null).queuesOnly();
    }

    @Override
    public QueueConnection createQueueConnection(String user, String password) throws JMSException {
        return connect(false, user, password).queuesOnly();
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return connect(true, null, null).topicsOnly();
    }

    @Override
    public TopicConnection createTopicConnection(String user, String password) throws JMSException {
        return connect(false, user, password).topicsOnly();
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int mode) {
        return context(true, null, null, mode);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(String user, String password, int mode) {
        return context(false, user, password, mode);
    }

    private JMSContext context(boolean asConfigured, String user, String password, int mode) {
        int checked = BelfryContext.checked(mode);
        try {
            return BelfryContext.of(connect(asConfigured, user, password), checked);
        } catch (JMSException e) {
            throw BelfryContext.unchecked(e);
        }
    }

    /** With all that was set, passwords too: who may read the directory may read them. */
    @Override
    public synchronized Reference getReference() {
        Reference reference = References.of(getClass(), References.URI, uri);
        set.forEach((name, value) -> reference.add(new StringRefAddr(name, value)));
        return reference;
    }

    /** Without the settings, which may have a password. */
    @Override
    public String toString() {
        return "Connection factory of '" + settings().uri() + "'";
    }
}
