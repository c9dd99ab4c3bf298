package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Methods of topics on what was made for queues alone, and the other way round [9.2]. */
class QueuesOnlyTest extends DomainTest {
    private static final Map<Class<?>, Object> ARGUMENTS =
            Map.of(Topic.class, new BelfryTopic("t"), String.class, "x", boolean.class, false, int.class, 1);

    private final BelfryConnectionFactory factory = new BelfryConnectionFactory(domain + "?linger=0s");
    private QueueConnection forQueues;
    private Connection forAll;

    @AfterEach
    void close() throws JMSException {
        if (forQueues != null) forQueues.close();
        if (forAll != null) forAll.close();
        MessageQueues.delete(domain);
    }

    static Stream<Method> topicMethodsOfSessions() {
        return topicMethods(Session.class);
    }

    static Stream<Method> topicMethodsOfConnections() {
        return topicMethods(Connection.class);
    }

    private static Stream<Method> topicMethods(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(m -> Topic.class.isAssignableFrom(m.getReturnType())
                        || List.of(m.getParameterTypes()).contains(Topic.class)
                        || m.getName().equals("unsubscribe"));
    }

    @Test
    void shouldBeThoseOfTheSpecification() {
        assertThat(names(topicMethodsOfSessions()))
                .containsExactly(
                        "createDurableConsumer",
                        "createDurableSubscriber",
                        "createSharedConsumer",
                        "createSharedDurableConsumer",
                        "createTemporaryTopic",
                        "createTopic",
                        "unsubscribe");
        assertThat(names(topicMethodsOfConnections()))
                .containsExactly(
                        "createDurableConnectionConsumer",
                        "createSharedConnectionConsumer",
                        "createSharedDurableConnectionConsumer");
    }

    private static TreeSet<String> names(Stream<Method> methods) {
        return methods.map(Method::getName).collect(TreeSet::new, TreeSet::add, TreeSet::addAll);
    }

    private static JMSException refusal(Method method, Object of) throws ReflectiveOperationException {
        Object[] arguments =
                Arrays.stream(method.getParameterTypes()).map(ARGUMENTS::get).toArray();
        try {
            throw new AssertionError(method + " returned " + method.invoke(of, arguments));
        } catch (InvocationTargetException e) {
            return (JMSException) e.getCause();
        }
    }

    private static void assertNever(Method method, Object of) throws ReflectiveOperationException {
        JMSException e = refusal(method, of);
        assertThat(e).isExactlyInstanceOf(IllegalStateException.class).hasMessageContaining(method.getName());
        assertThat(e.getErrorCode()).isEqualTo(Codes.OTHER_MODE);
    }

    private static void assertNotYet(Method method, Object of) throws ReflectiveOperationException {
        JMSException e = refusal(method, of);
        assertThat(e).isExactlyInstanceOf(JMSException.class);
        assertThat(e.getErrorCode()).isEqualTo(Codes.NOT_YET);
    }

    private static void assertClosed(Method method, Object of) throws ReflectiveOperationException {
        assertThat(refusal(method, of).getErrorCode()).isEqualTo(Codes.CLOSED);
    }

    @ParameterizedTest
    @MethodSource("topicMethodsOfSessions")
    void shouldBeRefusedByAQueueSession(Method method) throws Exception {
        forQueues = factory.createQueueConnection();
        Session session = forQueues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        assertNever(method, session);
        assertNever(method, forQueues.createQueueSession(true, Session.SESSION_TRANSACTED));
        session.close();
        assertClosed(method, session);
    }

    @ParameterizedTest
    @MethodSource("topicMethodsOfConnections")
    void shouldBeRefusedByAQueueConnection(Method method) throws Exception {
        forQueues = factory.createQueueConnection();
        assertNever(method, forQueues);
        forQueues.close();
        assertClosed(method, forQueues);
        forQueues = factory.createQueueConnection("a", "b");
        assertNever(method, forQueues);
        forAll = factory.createConnection();
        assertNotYet(method, forAll);
    }

    @Test
    void shouldRefuseQueuesToATopicSession() throws Exception {
        TopicConnection forTopics = factory.createTopicConnection();
        forAll = forTopics;
        Session session = forTopics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        assertOther("createQueue", () -> session.createQueue("q"));
        assertOther("createTemporaryQueue", session::createTemporaryQueue);
        assertOther("createBrowser", () -> session.createBrowser(new BelfryQueue("q")));
        session.createTopic("t");
    }

    private static void assertOther(String call, ThrowingCallable refused) {
        assertThatThrownBy(refused)
                .isInstanceOfSatisfying(IllegalStateException.class, e -> assertThat(e.getErrorCode())
                        .isEqualTo(Codes.OTHER_MODE))
                .hasMessageStartingWith(call + " is called on a TopicSession");
    }
}
