package dev.belfry.jakarta.jndi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.NoSuchElementException;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import javax.naming.Reference;
import javax.naming.StringRefAddr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Factories and destinations by names, in a directory of ours and in that of another. */
class JndiTest {
    private static final String DOMAIN = "mem:jndi";

    @AfterEach
    void delete() {
        MessageQueues.delete(DOMAIN);
    }

    private static Context context(String... keysAndValues) throws NamingException {
        Hashtable<String, Object> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, BelfryInitialContextFactory.class.getName());
        for (int i = 0; i < keysAndValues.length; i += 2) environment.put(keysAndValues[i], keysAndValues[i + 1]);
        return new InitialContext(environment);
    }

    private static void expectToWork(ConnectionFactory factory, Queue queue) {
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(queue, "x");
            assertThat(context.createConsumer(queue).receiveBody(String.class)).isEqualTo("x");
        }
    }

    // ---- our own

    @Test
    void shouldFindWhatThePropertiesSay() throws Exception {
        Context context = context(
                "connectionFactory.jms/CF",
                DOMAIN + "?linger=0s&prefetch=3",
                "queue.jms/orders",
                "orders",
                "topic.news",
                "the.news");
        Object factory = context.lookup("jms/CF");
        assertThat(factory)
                .isInstanceOf(QueueConnectionFactory.class)
                .isInstanceOf(TopicConnectionFactory.class)
                .isInstanceOf(BelfryConnectionFactory.class);
        Queue queue = (Queue) context.lookup("jms/orders");
        assertThat(queue.getQueueName()).isEqualTo("orders");
        expectToWork((ConnectionFactory) factory, queue);
        assertThat(((Topic) context.lookup("news")).getTopicName()).isEqualTo("the.news");
        assertThat(((Context) context.lookup("jms")).lookup("orders")).isEqualTo(queue);
        assertThat(context.lookup("dynamicQueues/orders")).isEqualTo(queue);
        assertThat(((Topic) context.lookup("dynamicTopics/a/b")).getTopicName()).isEqualTo("a/b");
        List<String> names = new ArrayList<>();
        for (NameClassPair one : Collections.list(context.list(""))) names.add(one.getName());
        for (Binding one : Collections.list(context.listBindings("jms"))) names.add(one.getName());
        assertThat(names).containsExactly("jms", "news", "CF", "orders");
    }

    @Test
    void shouldAnswerAContextsOtherCallsToo() throws NamingException {
        Context context = (Context) context("queue.jms/orders", "orders").lookup("jms");
        assertThat(context.getNameInNamespace()).isEqualTo("jms");
        assertThat(context.lookupLink(new CompositeName("orders"))).isEqualTo(context.lookup("orders"));
        assertThat(context.getNameParser("").parse("a/b")).isEqualTo(new CompositeName("a/b"));
        assertThat(context.composeName("b", "a")).isEqualTo("a/b");
        assertThat(context.composeName(new CompositeName("b"), new CompositeName("a")))
                .isEqualTo(new CompositeName("a/b"));
        context.addToEnvironment("mine", "1");
        assertThat(context.getEnvironment().get("mine")).isEqualTo("1");
        assertThat(context.removeFromEnvironment("mine")).isEqualTo("1");
        assertThat(context).isEqualTo(context).isNotEqualTo(context.lookup("")).hasSameHashCodeAs(context);
        assertThat(context.toString()).contains("NamesContext");
        Binding below = context("queue.jms/orders", "orders").listBindings("").next();
        assertThat(below.getClassName()).isEqualTo(NamesContext.class.getName());
        assertThat(((Context) below.getObject()).lookup("orders")).isInstanceOf(Queue.class);
        assertThatThrownBy(() -> context.rename("orders", "b")).hasMessageContaining("rename is called for 'orders'");
        context.close();
    }

    @Test
    void shouldReadTheFileThatTheProviderUrlNames(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("names.properties"), "queue.a=in the file\nqueue.b=b\n");
        for (String url : List.of(file.toString(), file.toUri().toString())) {
            Context context = context(Context.PROVIDER_URL, url, "queue.a", "in the environment");
            assertThat(((Queue) context.lookup("a")).getQueueName()).isEqualTo("in the environment");
            assertThat(((Queue) context.lookup("b")).getQueueName()).isEqualTo("b");
        }
        Files.writeString(file, "destination.a=b\n");
        assertThatThrownBy(() -> context(Context.PROVIDER_URL, file.toString()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-202: Key 'destination.a' is not known");
        assertThatThrownBy(() -> context(Context.PROVIDER_URL, file + ".gone"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-204: File '")
                .hasMessageContaining("java.naming.provider.url names a file of properties");
    }

    /** The JDK reads each resource of this name, from the class loader of the thread. */
    @Test
    void shouldReadJndiProperties(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("jndi.properties"), "queue.q=from jndi.properties\n");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (var loader = new java.net.URLClassLoader(
                new java.net.URL[] {directory.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            Queue queue = (Queue) context().lookup("q");
            assertThat(queue.getQueueName()).isEqualTo("from jndi.properties");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            orders              | BELFRY-201: Value of 'connectionFactory.CF' is no URI
            mem:x?prefech=3     | did you mean
            mem:x?prefetch=many | is no number
            ' '                 | BELFRY-201: Value of 'connectionFactory.CF' is empty
            """)
    void shouldSayAtTheLookupWhatIsWrongWithAValueAndFindTheOthers(String value, String text) throws Exception {
        Context context = context("connectionFactory.CF", value, "queue.orders", "orders");
        assertThat(context.lookup("orders")).isInstanceOf(Queue.class);
        assertThat(Collections.list(context.list(""))).hasSize(2);
        assertThatThrownBy(() -> context.lookup("CF"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-201")
                .hasMessageContaining(text);
    }

    @Test
    void shouldSayInItsTurnOfAListWhatIsWrong() throws NamingException {
        Context context = context("connectionFactory.a", "no URI", "queue.b", "orders");
        NamingEnumeration<Binding> bindings = context.listBindings("");
        assertThatThrownBy(bindings::next)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-201");
        assertThat(bindings.next().getObject()).isInstanceOf(Queue.class);
        assertThat(bindings.hasMore()).isFalse();
        assertThatThrownBy(context.listBindings("")::nextElement)
                .isInstanceOf(NoSuchElementException.class)
                .hasCauseInstanceOf(ConfigurationException.class);
        assertThat(context.list("").next().getClassName()).isEqualTo(BelfryConnectionFactory.class.getName());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            queue.               | q                   | BELFRY-202: Key 'queue.' has no name
            queue./q             | q                   | BELFRY-202: Key 'queue./q' has the name '/q'
            queues.q             | q                   | Did you mean 'queue.q'?
            connectionfactory.CF | mem:x               | Did you mean 'connectionFactory.CF'?
            """)
    void shouldSayWhatIsWrong(String key, String value, String text) {
        assertThatThrownBy(() -> context(key, value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-20")
                .hasMessageContaining(text);
    }

    @Test
    void shouldNotSayAPassword() {
        assertThatThrownBy(() -> context("connectionFactory.CF", "mem:x?password=hush&prefech=3")
                        .lookup("CF"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'prefetch'")
                .hasMessageNotContaining("hush");
    }

    @Test
    void shouldLeaveTheKeysOfOthersAndRefuseANameBoundTwice() throws NamingException {
        assertThat(context("address.x", "y", "queue.q", "q").lookup("q")).isNotNull();
        assertThatThrownBy(() -> context("queue.x", "y", "topic.x", "y"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-202: Name 'x' has two keys, 'queue.x' and 'topic.x'");
    }

    @Test
    void shouldRefuseWhatIsNotBoundAndEachChange() throws NamingException {
        Context context = context("queue.orders", "orders");
        assertThatThrownBy(() -> context.lookup("order"))
                .isInstanceOf(NameNotFoundException.class)
                .hasMessage("BELFRY-203: Nothing has the name 'order'; bound are [orders]. Did you mean 'orders'?");
        assertThatThrownBy(() -> context.lookup("dynamicQueues/")).isInstanceOf(NamingException.class);
        assertThatThrownBy(() -> context.lookup("dynamicQueue/orders"))
                .hasMessageContaining("Did you mean 'dynamicQueues/orders'?");
        assertThatThrownBy(() -> context.lookup("dynamictopics/a/b"))
                .hasMessageContaining("Did you mean 'dynamicTopics/a/b'?");
        assertThatThrownBy(() -> context.bind("a", "b"))
                .isInstanceOf(OperationNotSupportedException.class)
                .hasMessageStartingWith("BELFRY-205: bind is called for 'a'");
        assertThatThrownBy(() -> context.unbind("orders")).isInstanceOf(OperationNotSupportedException.class);
    }

    // ---- another's

    /** Jetty's directory, which keeps references, as an application server does. */
    private static Context foreign() throws NamingException {
        Hashtable<String, Object> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.eclipse.jetty.jndi.InitialContextFactory");
        return new InitialContext(environment);
    }

    @Test
    void shouldBeBoundInAnotherDirectory() throws Exception {
        BelfryConnectionFactory factory = new BelfryConnectionFactory(DOMAIN + "?linger=0s");
        factory.setUser("me");
        factory.setPassword("mine");
        Context context = foreign();
        try {
            context.bind("CF", factory);
            try (JMSContext jms = factory.createContext()) {
                context.bind("orders", jms.createQueue("orders"));
                TemporaryQueue ends = jms.createTemporaryQueue();
                assertThatThrownBy(() -> context.bind("temporary", ends)).isInstanceOf(NamingException.class);
            }
            BelfryConnectionFactory found = (BelfryConnectionFactory) foreign().lookup("CF");
            assertThat(found).isNotSameAs(factory);
            assertThat(found.getUri()).isEqualTo(factory.getUri());
            expectToWork(found, (Queue) foreign().lookup("orders"));
            assertThatThrownBy(() -> found.createConnection("me", "yours")).isInstanceOf(JMSException.class);
        } finally {
            for (NameClassPair one : Collections.list(context.list(""))) context.unbind(one.getName());
        }
    }

    @Test
    void shouldRefuseAReferenceThatIsIncompleteOrWrong() throws Exception {
        BelfryObjectFactory objects = new BelfryObjectFactory();
        Reference of = new BelfryConnectionFactory(DOMAIN).getReference();
        of.add(new StringRefAddr("prefech", "3"));
        assertThatThrownBy(() -> objects.getObjectInstance(of, null, null, null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(
                        "BELFRY-201: Reference to a dev.belfry.jakarta.BelfryConnectionFactory is wrong");
        Reference empty = new Reference("jakarta.jms.Queue", BelfryObjectFactory.class.getName(), null);
        assertThatThrownBy(() -> objects.getObjectInstance(empty, null, null, null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("BELFRY-206: Reference to a jakarta.jms.Queue has no address 'uri'");
        assertThat(objects.getObjectInstance("other", null, null, null)).isNull();
        assertThat(objects.getObjectInstance(new Reference("x"), null, null, null))
                .isNull();
    }

    @Test
    void shouldMakeConnectionsForTopics() throws JMSException {
        TopicConnectionFactory factory = new BelfryConnectionFactory(DOMAIN + "?linger=0s");
        factory.createTopicConnection().close();
        factory.createTopicConnection("a", "b").close();
    }
}
