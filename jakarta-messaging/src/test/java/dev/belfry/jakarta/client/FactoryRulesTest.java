package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.domain.Domains;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Factories, connections and contexts: one rule each. */
class FactoryRulesTest extends DomainTest {
    private final BelfryConnectionFactory factory = new BelfryConnectionFactory(domain + "?linger=0s");

    @AfterEach
    void delete() {
        MessageQueues.delete(domain);
    }

    // ---- 6.1.2 credentials

    @Test
    void shouldTakeAnyCredentialsUnlessItHasSome_6_1_2() throws JMSException {
        factory.createConnection("anybody", "secret").close();
        factory.setUser("me");
        factory.setPassword("mine");
        factory.createConnection().close();
        factory.createConnection("me", "mine").close();
        assertThatThrownBy(() -> factory.createConnection("me", "yours"))
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageNotContaining("mine")
                .hasMessageNotContaining("yours");
        assertThatThrownBy(() -> factory.createConnection(null, null)).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory.createContext("you", "mine")).isInstanceOf(JMSSecurityRuntimeException.class);
        assertThat(factory.toString()).doesNotContain("mine");
    }

    @Test
    void shouldAskAFileOfUsers_6_1_2(@TempDir Path directory) throws Exception {
        Path users = Files.writeString(directory.resolve("users"), "a=1\nb=2\n");
        factory.setSetting("users", users.toString());
        factory.createConnection("b", "2").close();
        assertThatThrownBy(() -> factory.createConnection("b", "1")).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(factory::createConnection)
                .isInstanceOf(JMSSecurityException.class)
                .hasMessageContaining("user");
        assertThatThrownBy(factory::createContext).isInstanceOf(JMSSecurityRuntimeException.class);
        factory.setSetting("users", directory.resolve("none").toString());
        assertThatThrownBy(() -> factory.createConnection("b", "2")).isInstanceOf(JMSSecurityException.class);
    }

    // ---- settings

    @Test
    void shouldSayWhatIsWrongWithASetting() {
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?prefech=3")).hasMessageContaining("'prefetch'");
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?prefetch=0"))
                .hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?prefetch=many"))
                .hasMessageContaining("'many'");
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?linger=long"))
                .hasMessageContaining("linger");
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?endIfDeleted=no"))
                .hasMessageContaining("neither true nor false");
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:x?maxCapacity=4k"))
                .hasMessageContaining("64 KiB");
        assertThatThrownBy(() -> new BelfryConnectionFactory("orders")).hasMessageContaining("scheme");
        assertThatThrownBy(() -> new BelfryConnectionFactory("tcp://localhost:61616"))
                .hasMessageContaining("Belfry has none: say 'shm:'");
        assertThatThrownBy(() -> new BelfryConnectionFactory("shm://shop"))
                .hasMessageContaining("did you mean 'shm:shop'?");
        assertThatThrownBy(() -> new BelfryConnectionFactory("kafka:shop?bootstrap=localhost:9092"))
                .hasMessageContaining("Use new BelfryConnectionFactory(\"shm:shop\")");
        assertThat(Settings.of("mem:x?prefetch=3", Map.of("prefetch", "4")).prefetch())
                .isEqualTo(4);
        BelfryConnectionFactory factory = new BelfryConnectionFactory("mem:x");
        System.setProperty("belfry.jakarta.prefetch", "none");
        try {
            assertThatThrownBy(factory::createConnection).as("read again").hasMessageContaining("prefetch");
            System.setProperty("belfry.jakarta.prefetch", "5");
            assertThat(Settings.of("mem:x", Map.of()).prefetch()).isEqualTo(5);
            assertThat(Settings.of("mem:x?prefetch=3", Map.of()).prefetch()).isEqualTo(3);
        } finally {
            System.clearProperty("belfry.jakarta.prefetch");
        }
    }

    /** The default of a factory is no wish: a domain that is there keeps its own. */
    @Test
    void shouldJoinADomainOfAnyCapacityWhenItNamesNone() throws JMSException {
        String shared = "shm:" + domain.substring(4);
        try (BelfryConnection first = open(shared, "capacity=1m&maxCapacity=8m");
                BelfryConnection second = open(shared, "prefetch=1")) {
            assertThat(second.domain).isNotSameAs(first.domain);
            assertThatThrownBy(() -> open(shared, "capacity=2m"))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("capacity");
            assertThatThrownBy(() -> open(shared, "maxCapacity=16m"))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("maxCapacity");
        } finally {
            MessageQueues.delete(shared);
        }
    }

    /** Of a member of its own. */
    private static BelfryConnection open(String domain, String settings) throws JMSException {
        return new BelfryConnection(Settings.of(domain + "?linger=0s&" + settings, Map.of()), new Domains());
    }

    @Test
    void shouldRefuseAPlainQueueAndBeRefusedAsOne() throws JMSException {
        MessageQueues.open(domain).close();
        assertThatThrownBy(factory::createConnection)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("plain queue");
        MessageQueues.delete(domain);
        Connection connection = factory.createConnection();
        assertThatThrownBy(() -> MessageQueues.open(domain)).hasMessageContaining("domain of Jakarta Messaging");
        connection.close();
    }

    @Test
    void shouldBeSerializable() throws Exception {
        factory.setPrefetch(3);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(factory);
            out.writeObject(queue("q"));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            BelfryConnectionFactory copy = (BelfryConnectionFactory) in.readObject();
            copy.createConnection().close();
            assertThat(copy.getUri()).isEqualTo(factory.getUri());
            assertThat(in.readObject()).isEqualTo(queue("q"));
        }
    }

    // ---- 6.1.3 client id

    @Test
    void shouldLetOneConnectionHaveAClientId_6_1_3() throws JMSException {
        BelfryConnection one = open(new Domains());
        one.setClientID("a");
        assertThat(one.getClientID()).isEqualTo("a");
        assertThatThrownBy(() -> one.setClientID("b")).isInstanceOf(IllegalStateException.class);
        BelfryConnection elsewhere = open(new Domains());
        assertThatThrownBy(() -> elsewhere.setClientID("a")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> elsewhere.setClientID("")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> elsewhere.setClientID(null)).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> open(new Domains(), "clientID=a")).isInstanceOf(InvalidClientIDException.class);
        one.close();
        elsewhere.setClientID("a");
        BelfryConnection late = open(new Domains());
        late.createSession();
        assertThatThrownBy(() -> late.setClientID("c")).isInstanceOf(IllegalStateException.class);
        BelfryConnection configured = open(new Domains(), "clientID=d");
        assertThat(configured.getClientID()).isEqualTo("d");
        assertThatThrownBy(() -> configured.setClientID("e")).isInstanceOf(IllegalStateException.class);
    }

    // ---- 6.1.9 metadata

    @Test
    void shouldDescribeItself_6_1_9() throws JMSException {
        ConnectionMetaData data = connect().getMetaData();
        assertThat(data.getJMSVersion()).isEqualTo("3.1");
        assertThat(data.getJMSMajorVersion()).isEqualTo(3);
        assertThat(data.getJMSMinorVersion()).isEqualTo(1);
        assertThat(data.getJMSProviderName()).isEqualTo("Belfry");
        assertThat(data.getProviderVersion()).isNotEmpty();
        assertThat(data.getProviderMajorVersion()).isNotNegative();
        Enumeration<?> names = data.getJMSXPropertyNames();
        assertThat(Collections.list(names).toString()).isEqualTo("[JMSXDeliveryCount, JMSXGroupID, JMSXGroupSeq]");
    }

    // ---- 9 the older interfaces

    @Test
    void shouldServeTheInterfacesOfQueues_9() throws JMSException {
        QueueConnection connection = factory.createQueueConnection();
        connection.start();
        QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        session.createSender(queue).send(session.createTextMessage("1"));
        session.createSender(null).send(queue, session.createTextMessage("2"));
        QueueReceiver receiver = session.createReceiver(queue, "JMSPriority = 4");
        assertThat(receiver.getQueue()).isEqualTo(queue);
        assertThat(texts(receiver, 2)).containsExactly("1", "2");
        connection.close();
    }

    // ---- the simplified interface

    @Test
    void shouldSendAndReceiveByContexts_2_8() throws JMSException {
        try (JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue("q");
            JMSConsumer consumer = context.createConsumer(queue);
            assertThat(context.createProducer()
                            .setProperty("n", 5)
                            .setProperty("s", "x")
                            .setJMSType("t")
                            .setJMSCorrelationID("c")
                            .setPriority(7)
                            .setTimeToLive(100_000)
                            .send(queue, "body")
                            .getIntProperty("n"))
                    .isEqualTo(5);
            TextMessage m = (TextMessage) consumer.receive(10_000);
            assertThat(m.getText()).isEqualTo("body");
            assertThat(m.getIntProperty("n")).isEqualTo(5);
            assertThat(m.getStringProperty("s")).isEqualTo("x");
            assertThat(m.getJMSType()).isEqualTo("t");
            assertThat(m.getJMSCorrelationID()).isEqualTo("c");
            assertThat(m.getJMSPriority()).isEqualTo(7);
            context.createProducer().send(queue, new byte[] {1, 2});
            assertThat(consumer.receiveBody(byte[].class)).containsExactly(1, 2);
            context.createProducer().send(queue, Map.of("k", 6));
            Object map = consumer.receiveBody(Map.class);
            assertThat(map).isEqualTo(Map.of("k", 6));
            context.createProducer().send(queue, java.time.Duration.ZERO);
            assertThat(consumer.receiveBody(java.time.Duration.class)).isEqualTo(java.time.Duration.ZERO);
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    static final class Counted implements Serializable {
        private static final long serialVersionUID = 1;
        private static int reads;

        private void readObject(ObjectInputStream in) {
            reads++;
        }
    }

    @Test
    void shouldReadTheObjectOfABodyOnce_8_6() {
        try (JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue("q");
            context.createProducer().send(queue, new Counted());
            Counted.reads = 0;
            assertThat(context.createConsumer(queue).receiveBody(Counted.class)).isNotNull();
            assertThat(Counted.reads).isEqualTo(1);
        }
    }

    @Test
    void shouldNameTheClassOfABodyThatIsRefused_8_6() {
        factory.setTrustedClasses("java.util.*");
        try (JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue("q");
            context.createProducer().send(queue, new Counted());
            JMSConsumer consumer = context.createConsumer(queue);
            assertThatThrownBy(() -> consumer.receiveBody(Counted.class))
                    .isInstanceOf(MessageFormatRuntimeException.class)
                    .hasMessageContaining(Counted.class.getName() + " was refused")
                    .hasMessageContaining("trustedClasses");
        }
    }

    /** A JMSProducer has no close: what its session kept of it would stay as long as the context. */
    @Test
    void shouldKeepNothingOfAProducerOfAContext_7() {
        try (JMSContext context = factory.createContext()) {
            context.createProducer();
            long before = usedAfterACollection();
            for (int i = 0; i < 100_000; i++) context.createProducer();
            assertThat(usedAfterACollection() - before).isLessThan(10 << 20);
        }
    }

    private static long usedAfterACollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void shouldPutBackABodyOfAnotherType_8_6() throws JMSException {
        try (JMSContext context = factory.createContext();
                JMSContext transacted = context.createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue("q");
            context.createProducer().send(queue, "text").send(queue, context.createMessage());
            JMSConsumer consumer = context.createConsumer(queue);
            assertThatThrownBy(() -> consumer.receiveBody(Map.class)).isInstanceOf(MessageFormatRuntimeException.class);
            assertThatThrownBy(() -> consumer.receiveBody(null, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Class of a body is null");
            assertThat(consumer.receiveBody(String.class, 1_000)).isEqualTo("text");
            assertThatThrownBy(() -> consumer.receiveBody(String.class))
                    .isInstanceOf(MessageFormatRuntimeException.class);
            assertThat(consumer.receiveNoWait()).isNotNull();
            context.createProducer().send(queue, "later");
            consumer.close();
            JMSConsumer counts = transacted.createConsumer(queue);
            assertThatThrownBy(() -> counts.receiveBody(Map.class)).isInstanceOf(MessageFormatRuntimeException.class);
            assertThat(counts.receiveNoWait()).isNull();
            transacted.rollback();
            assertThat(count(counts.receive(10_000))).isEqualTo(2);
            transacted.commit();
        }
    }

    @Test
    void shouldShareAConnectionAndStartItByItself_2_8() {
        JMSContext first = factory.createContext();
        JMSContext second = first.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        Queue queue = first.createQueue("q");
        first.setAutoStart(false);
        JMSConsumer stopped = first.createConsumer(queue);
        first.createProducer().send(queue, "x");
        assertThat(stopped.receiveNoWait()).isNull();
        JMSConsumer consumer = second.createConsumer(queue); // starts it
        assertThat(second.getSessionMode()).isEqualTo(JMSContext.CLIENT_ACKNOWLEDGE);
        first.close();
        List<Runnable> all = List.of(
                first::createProducer,
                first::start,
                first::stop,
                first::getClientID,
                () -> first.setClientID("x"),
                first::getMetaData,
                first::getExceptionListener,
                () -> first.setExceptionListener(null),
                first::getAutoStart,
                () -> first.setAutoStart(true),
                first::getTransacted,
                () -> first.createContext(JMSContext.AUTO_ACKNOWLEDGE));
        for (Runnable one : all)
            assertThatThrownBy(one::run)
                    .isInstanceOf(IllegalStateRuntimeException.class)
                    .hasMessageMatching("(Context|Session) of Connection to '.*' is closed;.*");
        assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("x");
        second.acknowledge();
        second.close();
        second.close();
        try (JMSContext third = factory.createContext()) {
            assertThat(third.createConsumer(queue).receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldThrowUncheckedTwins_2_8() {
        try (JMSContext context = factory.createContext()) {
            assertThatThrownBy(() -> context.createProducer().send(null, "x"))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
            assertThatThrownBy(() -> context.createConsumer(null))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
            assertThatThrownBy(context::commit).isInstanceOf(IllegalStateRuntimeException.class);
            assertThatThrownBy(() -> context.createTopic("")).isInstanceOf(InvalidDestinationRuntimeException.class);
            assertThatThrownBy(() -> factory.createContext(9)).isInstanceOf(JMSRuntimeException.class);
            context.setClientID("c9");
        } catch (IllegalStateRuntimeException used) {
            assertThat(used).hasMessageContaining("first");
        }
    }

    /** A misspelt name does not say that its value is a secret. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pasword=hunter2",
                "pasword=hunter2&prefetch=0",
                "pasword=hunter2&prefetch",
                "pasword=hunter2&linger=%zz",
                "pasword=hunter2%zz",
                "pasword=hunter2&linger=1s&linger=2s",
                "pasword=hunter2#",
                "password=hunter2&maxCapacity=1k",
                "password=hunter2&sendTimeout=soon"
            })
    void shouldShowNoSecretOfAWrongUri(String parameters) {
        assertThatThrownBy(() -> new BelfryConnectionFactory("mem:orders?" + parameters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'mem:orders'")
                .satisfies(e -> {
                    for (Throwable one = e; one != null; one = one.getCause())
                        assertThat(one.toString()).doesNotContain("hunter");
                });
    }
}
