package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.StateTable;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarFile;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of what a program gets from a factory, in every state of its object. Messages have a test of their own.
 */
@WaitsForOthers
class MethodStatesTest extends DomainTest {
    static final List<Class<?>> TYPES = List.of(
            Connection.class,
            QueueConnection.class,
            TopicConnection.class,
            Session.class,
            QueueSession.class,
            TopicSession.class,
            MessageProducer.class,
            QueueSender.class,
            TopicPublisher.class,
            MessageConsumer.class,
            QueueReceiver.class,
            TopicSubscriber.class,
            QueueBrowser.class,
            TemporaryQueue.class,
            TemporaryTopic.class,
            JMSContext.class,
            JMSProducer.class,
            JMSConsumer.class);

    /** Factories and values have no states; the others are called by a provider, or for containers. */
    private static final Set<String> WITHOUT_STATES = Set.of(
            "ConnectionFactory",
            "QueueConnectionFactory",
            "TopicConnectionFactory",
            "ConnectionMetaData",
            "Destination",
            "Queue",
            "Topic",
            "DeliveryMode",
            "CompletionListener",
            "ExceptionListener",
            "MessageListener",
            "ConnectionConsumer",
            "ServerSession",
            "ServerSessionPool");

    private static final StateTable TABLE = StateTable.read();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private BelfryConnectionFactory factory;
    private Connection around;
    private Session outside;

    /** Its connection keeps this JVM in the domain. */
    @BeforeEach
    void enter() throws JMSException {
        factory = new BelfryConnectionFactory(domain + "?linger=0s");
        around = factory.createConnection();
        outside = around.createSession();
    }

    @AfterEach
    void leave() throws JMSException {
        around.close();
    }

    static List<Class<?>> types() {
        return TYPES;
    }

    private static String word(Scene.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @MethodSource("types")
    void shouldDoWhatTheTableSays(Class<?> type) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Scene.State state : Scene.State.values())
            if (TABLE.states(type).contains(word(state)))
                for (Method method : StateTable.methods(type)) check(type, method, state, wrong);
        assertThat(wrong).isEmpty();
    }

    private void check(Class<?> type, Method method, Scene.State state, List<String> wrong) throws Exception {
        String expected = TABLE.expected(type, method, word(state));
        if (expected.equals("-")) return;
        String was = outcome(type, method, state);
        if (!was.equals(expected)) wrong.add(StateTable.cell(type, method, word(state), expected, was));
    }

    String outcome(Class<?> type, Method method, Scene.State state) throws Exception {
        Scene scene = new Scene(factory, outside, "s" + NUMBER.incrementAndGet(), type, method, state);
        try (scene) {
            return scene.in((target, arguments) -> {
                try {
                    Object returned = method.invoke(target, arguments);
                    return returned == null && method.getName().startsWith("receive") ? "null" : "ok";
                } catch (InvocationTargetException e) {
                    return TABLE.word(e.getCause());
                }
            });
        } finally {
            scene.join();
        }
    }

    @Test
    void shouldSayWhichKindOfSessionItIs_9_2() throws JMSException {
        try (QueueConnection queues = factory.createQueueConnection();
                TopicConnection topics = factory.createTopicConnection()) {
            assertOther(
                    "createDurableConnectionConsumer is called on a QueueConnection",
                    () -> queues.createDurableConnectionConsumer(new BelfryTopic("t"), "x", null, null, 1));
            assertOther("createTopic is called on a QueueSession", () -> queues.createQueueSession(true, 0)
                    .createTopic("t"));
            assertOther("createQueue is called on a TopicSession", () -> topics.createTopicSession(true, 0)
                    .createQueue("q"));
        }
    }

    private static void assertOther(String begin, ThrowingCallable refused) {
        assertThatThrownBy(refused)
                .isInstanceOfSatisfying(IllegalStateException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(Codes.OTHER_MODE))
                .hasMessageStartingWith(begin);
    }

    @Test
    void shouldHaveALineForEachMethod() {
        for (Class<?> type : TYPES)
            assertThat(TABLE.differences(type)).as(type.getSimpleName()).isEmpty();
    }

    /** XA is not offered. */
    @Test
    void shouldHaveAPlaceForEachInterface() throws Exception {
        Set<String> all = new TreeSet<>();
        for (Class<?> type : interfaces()) if (!type.getSimpleName().startsWith("XA")) all.add(type.getSimpleName());
        Set<String> placed = new TreeSet<>(TABLE.types());
        placed.addAll(WITHOUT_STATES);
        assertThat(placed).isEqualTo(all);
    }

    private static List<Class<?>> interfaces() throws IOException, URISyntaxException, ClassNotFoundException {
        Path jar = Path.of(Message.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Class<?>> found = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String name : file.stream().map(e -> e.getName()).toList()) {
                if (!name.startsWith("jakarta/jms/") || !name.endsWith(".class")) continue;
                Class<?> type =
                        Class.forName(name.substring(0, name.length() - 6).replace('/', '.'));
                if (type.isInterface() && !type.isAnnotation()) found.add(type);
            }
        }
        return found;
    }
}
