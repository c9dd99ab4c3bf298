package dev.belfry.benchmarks.chapters;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** One provider, as a program of Jakarta Messaging sees it, and what the program notes of it. One thread. */
final class World implements AutoCloseable {
    /** A message that is on its way comes long before. */
    private static final long PATIENCE = 20_000;

    /** A program: the same for each provider. */
    interface Steps {
        void run(World world) throws Exception;
    }

    interface Step {
        void run() throws Exception;
    }

    private interface Closeable {
        void close() throws JMSException;
    }

    private final ConnectionFactory factory;
    private final String own;
    private final List<String> notes = new ArrayList<>();
    private final Deque<Closeable> open = new ArrayDeque<>();

    /** {@code own}: the end of the names of its destinations, client ids and subscriptions. */
    World(ConnectionFactory factory, String own) {
        this.factory = factory;
        this.own = own;
    }

    /** What a program notes. */
    static List<String> notes(ConnectionFactory factory, String own, Steps steps) throws Exception {
        try (World world = new World(factory, own)) {
            world.note("program", () -> {
                steps.run(world);
                return "ends";
            });
            return world.notes;
        }
    }

    // ---- notes

    void note(String what, Callable<?> value) {
        String noted;
        try {
            noted = text(value.call());
        } catch (Exception | StackOverflowError thrown) {
            noted = "! " + standard(thrown.getClass()).getSimpleName();
        }
        notes.add(what + ": " + noted.replace(own, ""));
    }

    void attempt(String what, Step step) {
        note(what, () -> {
            step.run();
            return "done";
        });
    }

    /** That of the specification or of Java: a provider may throw a subclass. */
    private static Class<?> standard(Class<?> thrown) {
        Class<?> one = thrown;
        while (!one.getName().startsWith("jakarta.jms.") && !one.getName().startsWith("java."))
            one = one.getSuperclass();
        return one;
    }

    static String text(Object value) throws JMSException {
        if (value instanceof byte[] bytes) return Arrays.toString(bytes);
        if (value instanceof Message message) return text(message);
        if (value instanceof Character c) return "'" + c + "'";
        if (value instanceof Number n) return n + " " + n.getClass().getSimpleName();
        if (value instanceof Map<?, ?> map) return text(map);
        return String.valueOf(value);
    }

    private static String text(Map<?, ?> map) throws JMSException {
        Map<Object, String> texts = new TreeMap<>();
        for (Map.Entry<?, ?> one : map.entrySet()) texts.put(one.getKey(), text(one.getValue()));
        return texts.toString();
    }

    private static String text(Message m) throws JMSException {
        return body(m) + " " + properties(m) + " priority " + m.getJMSPriority() + ", mode " + m.getJMSDeliveryMode()
                + ", type " + m.getJMSType() + ", correlation " + m.getJMSCorrelationID() + ", delivery "
                + m.getIntProperty("JMSXDeliveryCount") + (m.getJMSRedelivered() ? ", redelivered" : "");
    }

    private static String body(Message m) throws JMSException {
        if (m instanceof TextMessage text) return "text " + text.getText();
        if (m instanceof MapMessage map) return "map " + text((Object) map.getBody(Map.class));
        if (m instanceof BytesMessage bytes) return "bytes " + text(bytes.getBody(byte[].class));
        if (m instanceof ObjectMessage object) return "object " + text(object.getObject());
        if (m instanceof StreamMessage stream) return "stream " + items(stream);
        return "message";
    }

    private static List<String> items(StreamMessage stream) throws JMSException {
        List<String> items = new ArrayList<>();
        stream.reset();
        try {
            while (true) items.add(text(stream.readObject()));
        } catch (MessageEOFException end) {
            return items;
        }
    }

    private static Map<String, String> properties(Message m) throws JMSException {
        Map<String, String> properties = new TreeMap<>();
        for (Object name : Collections.list((Enumeration<?>) m.getPropertyNames()))
            if (!((String) name).startsWith("JMS"))
                properties.put((String) name, text(m.getObjectProperty((String) name)));
        return properties;
    }

    // ---- its objects

    Connection connection() throws JMSException {
        Connection connection = unused();
        connection.start();
        return connection;
    }

    Connection named(String clientId) throws JMSException {
        Connection connection = unused();
        connection.setClientID(name(clientId));
        connection.start();
        return connection;
    }

    Connection unused() throws JMSException {
        Connection connection = factory.createConnection();
        open.push(connection::close);
        return connection;
    }

    JMSContext context(int mode) {
        JMSContext context = factory.createContext(mode);
        open.push(context::close);
        return context;
    }

    Session auto() throws JMSException {
        return connection().createSession();
    }

    String name(String name) {
        return name + own;
    }

    Queue queue(Session session, String name) throws JMSException {
        return session.createQueue(name(name));
    }

    Topic topic(Session session, String name) throws JMSException {
        return session.createTopic(name(name));
    }

    /** Sent by a session and a connection of their own. */
    void send(String queue, String... texts) throws JMSException {
        Session session = auto();
        send(session, queue(session, queue), texts);
    }

    void send(Session session, Destination to, String... texts) throws JMSException {
        MessageProducer producer = session.createProducer(to);
        for (String text : texts) producer.send(session.createTextMessage(text));
        producer.close();
    }

    /** The next message, which is there or on its way. */
    Message next(MessageConsumer consumer) throws JMSException {
        return consumer.receive(PATIENCE);
    }

    void noteNext(MessageConsumer consumer) {
        note("received", () -> next(consumer));
    }

    void noteNone(MessageConsumer consumer) {
        note("received at once", consumer::receiveNoWait);
    }

    /** All that is left, to a consumer of its own connection. */
    void noteRest(String queue) throws JMSException {
        Session session = auto();
        MessageConsumer consumer = session.createConsumer(queue(session, queue));
        note("rest", () -> rest(consumer));
        consumer.close();
    }

    static List<String> rest(MessageConsumer consumer) throws JMSException {
        List<String> all = new ArrayList<>();
        for (Message m = consumer.receiveNoWait(); m != null; m = consumer.receiveNoWait()) all.add(text(m));
        return all;
    }

    void noteBrowsed(Session session, String queue, String selector) {
        note("browsed " + selector, () -> {
            List<String> texts = new ArrayList<>();
            try (QueueBrowser browser = session.createBrowser(queue(session, queue), selector)) {
                for (Enumeration<?> all = browser.getEnumeration(); all.hasMoreElements(); )
                    texts.add(((TextMessage) all.nextElement()).getText());
            }
            return texts;
        });
    }

    /** After a way through the provider. */
    <M extends Message> M carried(Session session, M message) throws JMSException {
        Queue queue = queue(session, "carry");
        MessageProducer producer = session.createProducer(queue);
        producer.send(message);
        producer.close();
        MessageConsumer consumer = session.createConsumer(queue);
        @SuppressWarnings("unchecked")
        M received = (M) next(consumer);
        consumer.close();
        return received;
    }

    @Override
    public void close() throws JMSException {
        while (!open.isEmpty()) open.pop().close();
    }
}
